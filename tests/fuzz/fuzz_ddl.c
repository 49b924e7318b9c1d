/*
 * What a loader of schemas does with any bytes. It judges by words; where PostgreSQL's parser takes
 * the text, nothing that reaches beyond the database may have been judged harmless.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/classify.h"
#include "tests/fuzz/fuzz.h"
#include "worker/ddl/judge.h"
#include "worker/ddl/rewrite.h"
#include "worker/ddl/roles.h"

#include "shared/base/banned.h"

static const struct {
	const char *tag;
	enum ddl_way way;
} must[] = {
	{"CREATE DATABASE", DDL_BEYOND},
	{"ALTER DATABASE", DDL_BEYOND},
	{"DROP DATABASE", DDL_BEYOND},
	{"ALTER SYSTEM", DDL_BEYOND},
	{"CREATE TABLESPACE", DDL_BEYOND},
	{"ALTER TABLESPACE", DDL_BEYOND},
	{"DROP TABLESPACE", DDL_BEYOND},
	{"CREATE ROLE", DDL_ROLES},
	{"ALTER ROLE", DDL_ROLES},
	{"DROP ROLE", DDL_ROLES},
	{"GRANT ROLE", DDL_ROLES},
	{"REVOKE ROLE", DDL_ROLES},
	{"DROP OWNED", DDL_ROLES},
	{"REASSIGN OWNED", DDL_ROLES},
	{"INSERT", DDL_DATA},
	{"COPY", DDL_DATA},
	{"BEGIN", DDL_CONTROL},
	{"COMMIT", DDL_CONTROL},
	{"VACUUM", DDL_IDLE},
};

static void
check_judgement(const struct sql_facts *f, const struct ddl_judgement *j)
{
	for (size_t i = 0; f->parsed && i < ARRAY_LEN(must); i++) {
		if (strcmp(f->tag, must[i].tag) == 0)
			FUZZ_CHECK(j->way == must[i].way || j->way == DDL_DATA);
	}
	if (f->parsed && strcmp(f->tag, "CREATE SUBSCRIPTION") == 0)
		FUZZ_CHECK(j->flags & DDL_SUBSCRIBES);
	if (f->parsed && f->copy_from_stdin)
		FUZZ_CHECK(j->way == DDL_DATA);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_of((const char *)data, size);
	struct sql_facts facts, after;
	struct arena arena;

	arena_init(&arena);
	struct ddl_roles roles = {.arena = &arena};
	struct ddl_judgement j = ddl_judge(input);
	sql_classify(&arena, input, &facts);
	check_judgement(&facts, &j);
	struct span out = ddl_rewrite(&arena, input, j.flags);
	FUZZ_CHECK(out.len == input.len || (j.flags & DDL_SUBSCRIBES));
	if (facts.parsed && out.ptr != input.ptr) {
		sql_classify(&arena, out, &after);
		FUZZ_CHECK(after.parsed && strcmp(after.tag, facts.tag) == 0);
	}
	ddl_roles_of(input, &roles);
	for (size_t i = 1; i < roles.count; i++)
		FUZZ_CHECK(strcmp(roles.names[i - 1], roles.names[i]) < 0);
	arena_fini(&arena);
	return 0;
}
