/* The splitter against PostgreSQL's own parser: on texts that people write, and on thousands of
 * random cuttings of them, both must see the same statements. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "tests/support/sql_differential.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char *const corpus[] = {
	"create table s.t (id int primary key, \"a;b\" text default 'x;y', c numeric(10,2));\n",
	"-- a comment; with a semicolon\ninsert into t values (1, 'it''s; fine'), (2, "
	"E'a\\';b');\n",
	"/* nested /* comment; */ ; */ select 1;;\n",
	"create function f() returns trigger language plpgsql as $$begin new.a := 1; return new; "
	"end$$;\n",
	"do $body$ begin execute $q$ select ';' $q$; end $body$;\n",
	"create or replace function g(a int) returns int begin atomic select case when a > 1 then "
	"2 "
	"else 3 end; select 4; end;\n",
	"create procedure p() begin atomic insert into t values (1); delete from t; end;",
	"create rule r as on insert to t do also (insert into u values (1); delete from v);\n",
	"select $1, a$b, $$x$$, $a$;$a$, U&'\\0041;', b'01', x'1f', 1.5e10, .5, a::int from t;\n",
	"select e'a'\n '\\';', 'b'\n\n 'd;';\n",
	"alter table t add constraint c check (a in ('(', ')')) not valid, drop column b;\n",
	"begin; update t set a = 1 where b <> 2 and c @> '{}'; commit;\r\n",
	"create view v as select \"begin\", 'end' as \"end\", case a when 1 then 2 end from t;\n",
	"with x as (select 1), y as (values (2)) select * from x, y where a -- b\n = 3;\n",
	"create index concurrently if not exists i on t using gin (a jsonb_path_ops) where b;\n",
	"grant select on all tables in schema s to r; comment on table t is 'x;';\n",
	"copy t (a, b) to stdout with (format csv); copy t from '/x;y';\n",
	"select '\xc3\xa9;\xe2\x82\xac' as \"\xc3\xbc;\", \xc3\xa9t\xc3\xa9 from t;\n",
};

static const char *const bits[] = {
	";",  "'", "\"", "$$",	 "$a$",		  "--",	  "/*",	    "*/", "(",	")",
	"\n", " ", "E'", "U&'",	 "begin atomic ", " end", " case ", "\\", "''", "1",
	"$1", "a", ".",	 " as ", "\r\n",	  "e",	  "$",	    "-",  "+",	"\t",
};

static uint64_t state = 88172645463325252u;

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* Drops, doubles or puts in a few bytes somewhere. */
static void
mutate(struct text *t)
{
	char *copy = strdup(t->ptr);
	size_t len = t->len, at = below(len + 1), size = 1 + below(6);

	REQUIRE(copy != NULL);
	if (size > len - at)
		size = len - at;
	text_clear(t);
	text_put_span(t, span_of(copy, at));
	switch (below(3)) {
	case 0:
		at += size;
		break;
	case 1:
		text_put_span(t, span_of(copy + at, size));
		break;
	default:
		text_put(t, bits[below(ARRAY_LEN(bits))]);
		break;
	}
	text_put_span(t, span_of(copy + at, len - at));
	free(copy);
}

static enum sql_agreement
check(struct span input)
{
	struct text why;
	enum sql_agreement result = sql_split_compare(input, &why);

	if (!CHECK(result != SQL_DISAGREES))
		fprintf(stderr, "  %s in: %.*s\n", why.ptr, (int)input.len, input.ptr);
	text_fini(&why);
	return result;
}

static void
the_parser_sees_the_same_statements(void)
{
	struct text all;

	text_init(&all, 0);
	for (size_t i = 0; i < ARRAY_LEN(corpus); i++) {
		if (!CHECK_INT(check(span_str(corpus[i])), SQL_AGREES))
			fprintf(stderr, "  in: %s\n", corpus[i]);
		text_put(&all, corpus[i]);
	}
	CHECK_INT(check(text_span(&all)), SQL_AGREES);
	text_fini(&all);
}

static void
and_so_it_does_in_random_texts(void)
{
	size_t agreed = 0;

	for (int round = 0; round < 100000; round++) {
		struct text t;
		text_init(&t, 0);
		for (size_t n = 1 + below(3); n > 0; n--)
			text_put(&t, corpus[below(ARRAY_LEN(corpus))]);
		for (size_t n = below(4); n > 0; n--)
			mutate(&t);
		agreed += check(text_span(&t)) == SQL_AGREES;
		text_fini(&t);
	}
	CHECK(agreed > 30000);
}

static const struct unit_case cases[] = {
	CASE(the_parser_sees_the_same_statements),
	CASE(and_so_it_does_in_random_texts),
};

int
main(int argc, char **argv)
{
	return unit_main("sql differential", cases, ARRAY_LEN(cases), argc, argv);
}
