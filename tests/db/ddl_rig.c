#include "tests/db/ddl_rig.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/pg/connection.h"
#include "tests/db/conflict/dump.h"

#include "shared/base/banned.h"

struct ddl_report ddl_rig_report;
struct error ddl_rig_error;

bool
ddl_rig_load_as(const char *name, bool own_server, const char *const *texts, size_t count)
{
	struct pg_open_options open_options = {.application_name = "ddl test"};
	struct ddl_load_options options = {.own_server = own_server};
	const char *url = test_database(name);
	struct ddl_file *files = arena_array(&test_arena, count, sizeof(*files));
	struct pg_conn *c;

	for (size_t i = 0; i < count; i++)
		files[i] = (struct ddl_file){arena_printf(&test_arena, "%zu.sql", i + 1),
					     span_str(texts[i])};
	ddl_rig_error = (struct error){0};
	MUST(pg_open(secret_of(url), &open_options, &c, &ddl_rig_error), &ddl_rig_error);
	bool ok = ddl_load(c, files, count, &options, &test_arena, &ddl_rig_report, &ddl_rig_error);
	pg_close(c);
	return ok;
}

void
ddl_rig_check_refused(bool loaded, enum error_id id, const char *file, uint32_t line,
		      uint32_t column, const char *part, int at)
{
	const struct error *err = &ddl_rig_error;
	char text[300], wanted[300];

	unit_require(!loaded, "it loaded", "tests/db", at);
	check_error(err, id, part, at);
	snprintf(text, sizeof(text), "%s:%u:%u", err->at.file, err->at.line, err->at.column);
	snprintf(wanted, sizeof(wanted), "%s:%u:%u", file, line, column);
	unit_check_str(text, wanted, "the place", "tests/db", at);
}

const char *
ddl_rig_ask(const char *name, const char *sql)
{
	return pg_query_text(cluster_url(name), sql);
}

void
ddl_rig_check_same(const char *a, const char *b, int at)
{
	struct arena arena;
	struct dump dumps[2];

	arena_init(&arena);
	dump_take(&arena, cluster_url(a), &dumps[0]);
	dump_take(&arena, cluster_url(b), &dumps[1]);
	unit_check(dumps[0].count > 0, "an empty dump", "tests/db", at);
	unit_check_str(dump_difference(&arena, &dumps[0], &dumps[1]), NULL, "the difference",
		       "tests/db", at);
	arena_fini(&arena);
}

const char *
ddl_rig_notes(void)
{
	struct text t;

	text_init(&t, 0);
	for (size_t i = 0; i < ddl_rig_report.note_count; i++)
		text_printf(&t, "%s:%u %s\n", ddl_rig_report.notes[i].file,
			    ddl_rig_report.notes[i].line, ddl_rig_report.notes[i].words);
	const char *notes = arena_str(&test_arena, t.ptr);
	text_fini(&t);
	return notes;
}
