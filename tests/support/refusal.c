/*
 * The checks that every refusal must stand: the same code, words and next step in both formats, and
 * a project and a database that are as they were.
 */
#include "tests/support/refusal.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* ---- what may not change ---- */

static const char state_sql[] =
	"WITH mine AS (SELECT oid AS space FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname "
	"<> 'information_schema'), "
	"rel AS (SELECT c.*, c.relname ~ '^(confiture_(fence|step|mark|lock_holder)|"
	"tb_confiture|idx_tb_confiture)' AS ours FROM pg_class c JOIN mine ON space = "
	"relnamespace), "
	"lines (line) AS ("
	"SELECT format('relation %s %s %s %s', oid::regclass, relkind, relacl, "
	"relowner::regrole) FROM rel WHERE NOT ours "
	"UNION ALL SELECT format('column %s %s %s %s', attrelid::regclass, attname, "
	"atttypid::regtype, attnotnull) FROM pg_attribute JOIN rel ON rel.oid = attrelid WHERE "
	"NOT ours "
	"UNION ALL SELECT 'function ' || pg_get_functiondef(f.oid) FROM pg_proc f JOIN mine ON "
	"space = pronamespace WHERE prokind IN ('f', 'p') "
	"UNION ALL SELECT format('type %s', t.oid::regtype) FROM pg_type t JOIN mine ON space = "
	"typnamespace WHERE typrelid = 0 AND typelem = 0 "
	"UNION ALL SELECT 'schema ' || space::regnamespace FROM mine "
	"UNION ALL SELECT format('rows %s %s', oid::regclass, table_to_xml(oid, true, true, '')) "
	"FROM rel WHERE relkind IN ('r', 'p', 'm') AND relname !~ '^confiture_' AND "
	"table_to_xml(oid, true, true, '')::text <> '') "
	"SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM lines";

static uint64_t files_sum;
static size_t files_root;

static uint64_t
mix(uint64_t sum, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ at[i]) * 0x100000001b3u;
	return sum;
}

static int
add_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	const char *below = path + files_root;
	uint64_t sum = mix(0xcbf29ce484222325u, below, strlen(below));
	char chunk[65536];

	(void)ftw;
	if (strncmp(below, "/.confiture", strlen("/.confiture")) == 0)
		return 0;
	sum = mix(sum, &st->st_mode, sizeof(st->st_mode));
	FILE *file = flag == FTW_F ? fopen(path, "re") : NULL;
	if (file != NULL) {
		size_t n;
		while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
			sum = mix(sum, chunk, n);
		fclose(file);
	}
	files_sum += sum; /* in whatever order they come */
	return 0;
}

char *
project_state(struct project *p)
{
	const char *database = project_sql(p, state_sql);
	char text[512];

	REQUIRE(database != NULL && strncmp(database, "ERROR", strlen("ERROR")) != 0);
	files_sum = 0;
	files_root = strlen(p->dir);
	REQUIRE(nftw(p->dir, add_file, 16, FTW_PHYS) == 0);
	snprintf(text, sizeof(text), "files %016llx, database %s", (unsigned long long)files_sum,
		 database);
	return strdup(text);
}

void
check_no_secret(const struct process *ran)
{
	CHECK(strstr(ran->out, PLANTED_SECRET) == NULL);
	CHECK(strstr(ran->err, PLANTED_SECRET) == NULL);
}

/* ---- as JSON ---- */

struct document *
run_json(struct project *p, const char *words, int exit_code, const char *schema)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s --format json", words);
	int code = project_run(p, line);
	if (code != exit_code)
		fprintf(stderr, "%s: exit %d\n%s%s\n", line, code, p->last.out, p->last.err);
	CHECK_INT(code, exit_code);
	struct document *d = document_parse(p->last.out);
	CHECK(document_valid(d, schema));
	return d;
}

/* Documents of commands carry the error under one of these. */
static const char *
issue_at(const struct document *d, const char *key)
{
	static const char *const places[] = {"error", "errors.0", "issues.0"};
	static char path[64];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s.code", places[i]);
		if (!document_has(d, path))
			continue;
		snprintf(path, sizeof(path), "%s.%s", places[i], key);
		break;
	}
	return path;
}

static bool
holds(const char *text, const char *part)
{
	return text != NULL && strstr(text, part) != NULL;
}

static bool
has_step(const struct document *d, const char *part)
{
	int64_t count = document_count(d, issue_at(d, "details.remediation"));

	for (int64_t i = 0; i < count; i++) {
		char key[64];
		snprintf(key, sizeof(key), "details.remediation.%d", (int)i);
		const char *step = document_text(d, issue_at(d, key));
		if (step != NULL && step[0] != '\0' && (part == NULL || holds(step, part)))
			return true;
	}
	return false;
}

static bool
check_json(struct project *p, const struct refusal *r)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s --format json", r->words);
	bool ok = CHECK_INT(project_run_env(p, line, r->env), r->exit_code);
	struct document *d = document_parse(p->last.out);
	if (d == NULL)
		return false;
	ok = CHECK(document_valid(d, r->schema ? r->schema : "error")) && ok;
	ok = CHECK_STR(document_text(d, issue_at(d, "code")), r->code) && ok;
	ok = CHECK(holds(document_text(d, issue_at(d, "message")), r->says) ||
		   holds(document_text(d, issue_at(d, "details.cause")), r->says)) &&
	     ok;
	ok = CHECK(has_step(d, r->next)) && ok;
	ok = CHECK_INT(document_bool(d, issue_at(d, "actionable")), 1) && ok;
	document_free(d);
	return ok;
}

/* ---- for people ---- */

static bool
check_text(struct project *p, const struct refusal *r)
{
	char code[64];

	snprintf(code, sizeof(code), "[%s]", r->code);
	bool ok = CHECK_INT(project_run_env(p, r->words, r->env), r->exit_code);
	ok = CHECK_HAS(p->last.err, "error: ") && ok;
	ok = CHECK_HAS(p->last.err, code) && ok;
	ok = CHECK_HAS(p->last.err, r->says) && ok;
	ok = CHECK_HAS(p->last.err, "next: ") && ok;
	return (r->next == NULL || CHECK_HAS(p->last.err, r->next)) && ok;
}

void
refusal_check(struct project *p, const struct refusal *r)
{
	bool (*const both[])(struct project *, const struct refusal *) = {check_text, check_json};
	char *before = project_state(p);

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		if (!both[i](p, r))
			fprintf(stderr, "-- confiture %s\n%s%s\n", r->words, p->last.out,
				p->last.err);
		check_no_secret(&p->last);
		char *after = project_state(p);
		if (!CHECK_STR(after, before))
			fprintf(stderr, "-- changed by: confiture %s\n", r->words);
		free(after);
	}
	free(before);
}
