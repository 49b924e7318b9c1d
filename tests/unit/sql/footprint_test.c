/* Footprints: each case is a text and its accesses as rows. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <pg_query/pg_query.pb-c.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint.h"
#include "shared/sql/footprint_handlers.h"
#include "tests/support/unit.h"
#include "tests/unit/sql/footprint_print.h"

#include "shared/base/banned.h"

static void
tables_and_what_comes_with_them(void)
{
	CHECK_CASES({"create table t (a int)", "create public.t | (create public.t)"},
		    {"create table if not exists s.t (a int)", "create s.t? | (create s.t?)"},
		    {"create temp table t (a int); alter table t add b int", ""},
		    {"create table t (id serial primary key)",
		     "create public.t | (create public.t) | (create public.t_id_seq) | "
		     "(create public.t_pkey)"},
		    {"drop table if exists a, s.b cascade",
		     "drop public.a?! | (drop public.a?!) | drop s.b?! | (drop s.b?!)"});
}

static void
each_action_of_a_list_is_an_access(void)
{
	CHECK_CASES({"alter table t add a int, drop column b, alter c set not null",
		     "extend public.t.a | drop public.t.b | alter public.t.c [not null]"},
		    {"alter table if exists only \"T\" add column if not exists a int",
		     "extend public.\"T\".a?"});
}

static void
renames_are_followed(void)
{
	CHECK_CASES({"alter table t rename to u; alter table u add a int",
		     "rename public.t [name] | (create public.u) | (rename public.t [name]) | "
		     "(create public.u) | extend public.t.a"},
		    {"alter table t rename a to b; alter table t drop b",
		     "rename public.t.a [name] | (extend public.t.b) | drop public.t.a"});
}

/* The parser's own list of nodes, read from its descriptors. */
static void
every_kind_of_statement_has_a_handler_or_is_listed(void)
{
	static const struct {
		const char *name;
	} known[] = {
#define KNOWN(node, ...) {#node},
		FOOTPRINT_HANDLERS(KNOWN) FOOTPRINT_NOTHING(KNOWN) FOOTPRINT_INSIDE(KNOWN)};
	const ProtobufCMessageDescriptor *node = &pg_query__node__descriptor;
	size_t statements = 0;

	for (unsigned f = 0; f < node->n_fields; f++) {
		const char *name = node->fields[f].name;
		size_t len = strlen(name), k = 0;
		if (len < 5 || strcmp(name + len - 5, "_stmt") != 0)
			continue;
		statements++;
		while (k < ARRAY_LEN(known) && strcasecmp(known[k].name, name) != 0)
			k++;
		if (!CHECK(k < ARRAY_LEN(known)))
			fprintf(stderr, "  no handler for %s\n", name);
	}
	CHECK_INT(statements, ARRAY_LEN(known));
}

static void
what_is_not_sql_is_opaque(void)
{
	CHECK_CASES({"creat table t (a int)",
		     "opaque: it is not SQL that the parser of PostgreSQL 15 takes"});
}

static const struct unit_case cases[] = {
	CASE(tables_and_what_comes_with_them),
	CASE(each_action_of_a_list_is_an_access),
	CASE(renames_are_followed),
	CASE(every_kind_of_statement_has_a_handler_or_is_listed),
	CASE(what_is_not_sql_is_opaque),
};

int
main(int argc, char **argv)
{
	return unit_main("sql footprint", cases, ARRAY_LEN(cases), argc, argv);
}
