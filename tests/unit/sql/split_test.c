/* Where statements end: each case is a text and what the splitter makes of it, whatever the size
 * of the reads. */
#include "shared/sql/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "tests/support/sql_feed.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

struct split_case {
	const char *text;
	const char *expected;
};

static void
check_one(struct span text, bool places, const char *expected)
{
	static const size_t steps[] = {1, 7, 64 * 1024};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct text got;
		sql_feed_print(text, steps[i], places, &got);
		if (!CHECK_STR(got.ptr, expected))
			fprintf(stderr, "  in reads of %zu: %.*s\n", steps[i], (int)text.len,
				text.ptr);
		text_fini(&got);
	}
}

static void
check_cases(const struct split_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_one(span_str(cases[i].text), false, cases[i].expected);
}
#define CHECK_CASES(...)                                                                           \
	do {                                                                                       \
		static const struct split_case cases[] = {__VA_ARGS__};                            \
		check_cases(cases, ARRAY_LEN(cases));                                              \
	} while (0)

static void
semicolons_end_statements(void)
{
	CHECK_CASES(
		{"", ""}, {";", ""}, {";;;", ""}, {" \t\r\n\f", ""}, {"a", "a"}, {"a;", "a"},
		{"a;b", "a | b"}, {"a;b;", "a | b"}, {"a;;b", "a | b"}, {" a ; b ", "a | b"},
		{"a\r\n;\r\nb\r\n", "a | b"}, {"select 1;\n\nselect 2\n", "select 1 | select 2"},
		{"a b\nc;d", "a b\nc | d"}, {"\xef\xbb\xbfselect 1;", "select 1"},
		{"select '\xc3\xa9'; \xc3\xa9t\xc3\xa9;", "select '\xc3\xa9' | \xc3\xa9t\xc3\xa9"});
}

static void
comments_hide_semicolons_and_are_trimmed(void)
{
	CHECK_CASES({"-- a;b\nc;", "c"}, {"-- only", ""}, {"-- only;\n", ""}, {"/* ; */", ""},
		    {"/* a;b */ c;", "c"}, {"/* /* ; */ ; */ c;", "c"},
		    {"/* /* ; */ ; */ c; /**/", "c"}, {"a -- x;\n;b", "a | b"},
		    {"a /* x; */ ;b", "a | b"}, {"a -- x;\nb;c", "a -- x;\nb | c"},
		    {"a /* ; */ b;c", "a /* ; */ b | c"}, {"a --x;\rb;", "a --x;\rb"},
		    {"a; -- tail", "a"}, {"a; /* tail */", "a"}, {"/**/a/**/;", "a"},
		    {"a/*/**/*/;b", "a | b"}, {"/***/a;", "a"}, {"/*/*/**/*/*/a;", "a"},
		    {"a */ b;", "a */ b"}, {"a*/*;*/b;", "a*/*;*/b"}, {"a+--;\nb;", "a+--;\nb"},
		    {"a-/*;*/-b;", "a-/*;*/-b"}, {"--/*\na;", "a"}, {"/*--*/a;", "a"},
		    {"- -;-", "- - | -"}, {"a / * ; b", "a / * | b"}, {"-- don't\na;", "a"},
		    {"/* don't */a;", "a"}, {"-- $$\na;b", "a | b"},
		    {"a;-- \xc3\xa9\n/* \xe2\x82\xac */b", "a | b"});
}

static void
strings_hide_semicolons(void)
{
	CHECK_CASES({"'a;b';c", "'a;b' | c"}, {"'a'';b';c", "'a'';b' | c"}, {"'';a", "'' | a"},
		    {"''';';a", "''';' | a"}, {"'\\';a", "'\\' | a"}, {"'--;';a", "'--;' | a"},
		    {"'/*;';a", "'/*;' | a"}, {"'$$;';a", "'$$;' | a"},
		    {"';\n;\n';a", "';\n;\n' | a"}, {"'a'\n'b;';c", "'a'\n'b;' | c"},
		    {"b'0;';c", "b'0;' | c"}, {"x'0;';c", "x'0;' | c"}, {"n'a;';c", "n'a;' | c"},
		    {"U&'\\;';c", "U&'\\;' | c"}, {"u&'a\\';c", "u&'a\\' | c"},
		    {"'\";';c", "'\";' | c"}, {"'(';c", "'(' | c"}, {"a'b;'c;d", "a'b;'c | d"});
}

static void
strings_with_escapes_know_backslashes(void)
{
	CHECK_CASES({"E'\\';';c", "E'\\';' | c"}, {"e'\\';';c", "e'\\';' | c"},
		    {"E'\\\\';c", "E'\\\\' | c"}, {"E'a'';b';c", "E'a'';b' | c"},
		    {"E'\\'';c", "E'\\'' | c"}, {"e'';c", "e'' | c"},
		    {"E'\\\n;';c", "E'\\\n;' | c"}, {"ne'\\';c", "ne'\\' | c"},
		    {"_e'\\';c", "_e'\\' | c"}, {"a.e'\\';';c", "a.e'\\';' | c"},
		    {"1e'\\';c", "1e'\\' | c"}, {"1.e'\\';c", "1.e'\\' | c"},
		    {"$1e'\\';c", "$1e'\\' | c"}, {"E'a'\n'\\';';c", "E'a'\n'\\';' | c"},
		    {"E'a'\n-- x\n '\\';';c", "E'a'\n-- x\n '\\';' | c"},
		    {"E'a' -- x\n'\\';';c", "E'a' -- x\n'\\';' | c"},
		    {"E'a' '\\';c", "E'a' '\\' | c"}, {"E'a'\n/**/'\\';c", "E'a'\n/**/'\\' | c"},
		    {"E'a'\n;'\\';c", "E'a' | '\\' | c"}, {"E 'a\\';c", "E 'a\\' | c"},
		    {"$e'\\';';c", "$e'\\';' | c"});
}

static void
quoted_names_hide_semicolons(void)
{
	CHECK_CASES({"\"a;b\";c", "\"a;b\" | c"}, {"\"a\"\";b\";c", "\"a\"\";b\" | c"},
		    {"\"\\\";c", "\"\\\" | c"}, {"\"'\";c", "\"'\" | c"},
		    {"\"--\";c", "\"--\" | c"}, {"\"$$\";c;$$", "\"$$\" | c !MIGR_109@1:8"},
		    {"U&\"a;\\\";c", "U&\"a;\\\" | c"}, {"a.\"b;\".c;d", "a.\"b;\".c | d"},
		    {"\"begin\"\n;c", "\"begin\" | c"});
}

static void
a_dollar_quote_hides_semicolons(void)
{
	CHECK_CASES({"$$a;b$$;c", "$$a;b$$ | c"}, {"$x$a;b$x$;c", "$x$a;b$x$ | c"},
		    {"$x$a;$$;b$x$;c", "$x$a;$$;b$x$ | c"},
		    {"$x$ $y$ ; $y$ ; $x$;c", "$x$ $y$ ; $y$ ; $x$ | c"},
		    {"$x$;$X$;$x$;c", "$x$;$X$;$x$ | c"}, {"$$;$x$$;c", "$$;$x$$ | c"},
		    {"$x$;$xx$;$x$;c", "$x$;$xx$;$x$ | c"}, {"$x$;$$x$;c", "$x$;$$x$ | c"},
		    {"a$$;b$$;c", "a$$ | b$$ | c"}, {"a$x$;b", "a$x$ | b"}, {"_$x$;b", "_$x$ | b"},
		    {"\xc3\xa9$$;b", "\xc3\xa9$$ | b"},
		    {"$\xc3\xa9$;$\xc3\xa9$;b", "$\xc3\xa9$;$\xc3\xa9$ | b"}, {"$1;a", "$1 | a"},
		    {"$1$$;$$;a", "$1$$;$$ | a"}, {"1$$;$$;a", "1$$;$$ | a"},
		    {"$1a$$;$$;b", "$1a$$;$$ | b"}, {"$1ab$$;c", "$1ab$$ | c"},
		    {"1ab$$;c", "1ab$$ | c"}, {"$a;b", "$a | b"}, {"$;b", "$ | b"},
		    {"$ $;b", "$ $ | b"}, {"$a-b$;c", "$a-b$ | c"},
		    {"$1a$;b$1a$;c", "$1a$ | b$1a$ | c"}, {"$$'$$;c", "$$'$$ | c"},
		    {"$$--$$;c", "$$--$$ | c"}, {"$$/*$$;c", "$$/*$$ | c"},
		    {"$a1_$;$a1_$;c", "$a1_$;$a1_$ | c"},
		    {"do $do$ begin; a; end $do$;c", "do $do$ begin; a; end $do$ | c"},
		    {"$$\\d$$;c", "$$\\d$$ | c"}, {"($$)$$);c", "($$)$$) | c"},
		    {"$$$$;c", "$$$$ | c"}, {"$$$;$$;c", "$$$;$$ | c"}, {"$x$$x$;c", "$x$$x$ | c"});
}

static void
parentheses_hold_a_statement_together(void)
{
	CHECK_CASES({"(a;b);c", "(a;b) | c"}, {"((a;b);c);d", "((a;b);c) | d"}, {");a", ") | a"},
		    {"a);b", "a) | b"}, {"())(;);b", "())(;) | b"}, {"(')');b", "(')') | b"},
		    {"(\")\");b", "(\")\") | b"}, {"(/*)*/);b", "(/*)*/) | b"},
		    {"create rule r as on insert to t do (select 1; select 2); x",
		     "create rule r as on insert to t do (select 1; select 2) | x"});
}

static void
a_body_in_standard_sql_is_one_statement(void)
{
#define F "create function f() returns int "
	CHECK_CASES({F "begin atomic a; b; end; c", F "begin atomic a; b; end | c"},
		    {F "BEGIN ATOMIC END;c", F "BEGIN ATOMIC END | c"},
		    {"create or replace function f() begin atomic a; end; c",
		     "create or replace function f() begin atomic a; end | c"},
		    {"create procedure f() begin atomic a; end; c",
		     "create procedure f() begin atomic a; end | c"},
		    {"create or replace procedure f() begin atomic a; end; c",
		     "create or replace procedure f() begin atomic a; end | c"},
		    {F "begin atomic select case when a then b end; c; end; d",
		     F "begin atomic select case when a then b end; c; end | d"},
		    {F "begin atomic select case case a end when a then b end; c; end; d",
		     F "begin atomic select case case a end when a then b end; c; end | d"},
		    {F "begin atomic select (case when a then b end); c; end; d",
		     F "begin atomic select (case when a then b end); c; end | d"},
		    {F "begin /*x*/ atomic a; end; d", F "begin /*x*/ atomic a; end | d"},
		    {F "begin atomic select 1 as end; a; end; d",
		     F "begin atomic select 1 as end; a; end | d"},
		    {F "begin atomic select case when a then b end end; c; end; d",
		     F "begin atomic select case when a then b end end; c; end | d"},
		    {F "begin atomic select t.case; a; end; d",
		     F "begin atomic select t.case; a; end | d"},
		    {F "begin atomic select \"end\"; a; end; d",
		     F "begin atomic select \"end\"; a; end | d"},
		    {F "begin atomic select 'end'; a; end; d",
		     F "begin atomic select 'end'; a; end | d"},
		    {F "return case when a then b end; c", F "return case when a then b end | c"},
		    {"create function begin() returns int; a",
		     "create function begin() returns int | a"},
		    {"create function f(begin int default 1); a",
		     "create function f(begin int default 1) | a"},
		    {"begin; a; end; b", "begin | a | end | b"},
		    {"begin atomic; a; end", "begin atomic | a | end"},
		    {"create table begin (a int); b", "create table begin (a int) | b"},
		    {"create view v as select begin atomic; b",
		     "create view v as select begin atomic | b"},
		    {"create function a; begin atomic; b", "create function a | begin atomic | b"},
		    {F "begin atomic a; b; c", " !MIGR_109@1:33"});
#undef F
}

static void
copy_data_follow_their_statement(void)
{
	CHECK_CASES(
		{"copy t from stdin;\n1\n2\n\\.\nselect 1;",
		 "copy t from stdin<1\n2\n> | select 1"},
		{"COPY t FROM STDIN;\n1;2\n\\.\nb", "COPY t FROM STDIN<1;2\n> | b"},
		{"copy t (a,b) from stdin with (format csv);\n1,';\n\\.\nb",
		 "copy t (a,b) from stdin with (format csv)<1,';\n> | b"},
		{"copy \"from\".\"t;\" from stdin;\n1\n\\.\nb",
		 "copy \"from\".\"t;\" from stdin<1\n> | b"},
		{"copy s.t from stdin where a > 1;\n1\n\\.\nb",
		 "copy s.t from stdin where a > 1<1\n> | b"},
		{"copy binary t from stdin;\n1\n\\.\nb", "copy binary t from stdin<1\n> | b"},
		{"copy t from stdout;\n1\n\\.\nb", "copy t from stdout<1\n> | b"},
		{"copy t from /* x */ stdin; \t-- load\n1\n\\.\nb",
		 "copy t from /* x */ stdin<1\n> | b"},
		{"copy t from stdin;\r\n1\r\n\\.\r\nb;\r\n", "copy t from stdin<1\r\n> | b"},
		{"copy t from stdin;\n\\.\nb", "copy t from stdin<> | b"},
		{"copy t from stdin;\n1\n", "copy t from stdin<1\n>"},
		{"copy t from stdin;\n1", "copy t from stdin<1>"},
		{"copy t from stdin;", "copy t from stdin<>"},
		{"copy t from stdin", "copy t from stdin<>"},
		{"copy t from stdin;\n1\n\\.", "copy t from stdin<1\n>"},
		{"copy t from stdin;\n\\.x\n\\\\.\n \\.\n\\.\nb",
		 "copy t from stdin<\\.x\n\\\\.\n \\.\n> | b"},
		{"copy t from stdin;\n\n\n\\.\nb", "copy t from stdin<\n\n> | b"},
		{"copy t from stdin;\n'\"$$/*\n\\.\nb", "copy t from stdin<'\"$$/*\n> | b"},
		{"copy t from stdin;\na\\N\n\\.\n\\.\n", "copy t from stdin<a\\N\n> !MIGR_111@4:1"},
		{"copy t to stdout;\na;b", "copy t to stdout | a | b"},
		{"copy t from 'stdin';\na;b", "copy t from 'stdin' | a | b"},
		{"copy t from program 'x';\na;b", "copy t from program 'x' | a | b"},
		{"copy t from \"stdin\";\na", "copy t from \"stdin\" | a"},
		{"copy (select a from stdin) to stdout;\na",
		 "copy (select a from stdin) to stdout | a"},
		{"copy t to 'from' (x); from stdin; a", "copy t to 'from' (x) | from stdin | a"},
		{"copy t to x from stdin;\na", "copy t to x from stdin | a"},
		{"copy t from x from stdin;\na", "copy t from x from stdin | a"},
		{"copy t from 'x' from stdin;\na", "copy t from 'x' from stdin | a"},
		{"copy t from stdin (header);\n1\n\\.\n", "copy t from stdin (header)<1\n>"},
		{"a; copy t from stdin;\n1\n\\.\n", "a | copy t from stdin<1\n>"},
		{"copy t from stdin; a;\n1\n\\.\n", "copy t from stdin< !MIGR_102@1:20"},
		{"select * from stdin;\na", "select * from stdin | a"},
		{"copya t from stdin;\na", "copya t from stdin | a"},
		{"copy t from stdin;\n1\n\\.\ncopy u from stdin;\n2\n\\.\n",
		 "copy t from stdin<1\n> | copy u from stdin<2\n>"});
}

static void
psql_commands_are_refused_where_they_stand(void)
{
	CHECK_CASES({"\\d", " !MIGR_111@1:1"}, {"\\set x 1\n", " !MIGR_111@1:1"},
		    {"a;\n  \\i b.sql", "a !MIGR_111@2:3"}, {"a \\gset", " !MIGR_111@1:3"},
		    {"(\\;)", " !MIGR_111@1:2"}, {"a -- \\d\n;", "a"}, {"'\\d'", "'\\d'"},
		    {"/* \\d */ a", "a"}, {"\xc3\xa9 \\\xc3\xa9", " !MIGR_111@1:3"});
}

static void
psql_commands_are_passed_over_where_that_is_allowed(void)
{
	struct sql_feed feed = {.bytes = span_str("\\set x '\na;\n \\i \"f\nb \\gset $$\n, c; "
						  "\\echo 'it;\nd \\"),
				.step = 1};
	static const char *const expected[] = {"a", "b \\gset $$\n, c", "d"};
	struct sql_splitter *s = sql_splitter_new("f", sql_feed_source(&feed));
	struct sql_piece piece;
	struct error err = {0};
	bool end;

	sql_splitter_allow_psql(s);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		REQUIRE(sql_splitter_next(s, &piece, &end, &err) && !end);
		CHECK(span_is(piece.text, expected[i]));
	}
	CHECK(sql_splitter_next(s, &piece, &end, &err) && end);
	sql_splitter_free(s);
}

static void
what_is_not_closed_is_named_where_it_opened(void)
{
	CHECK_CASES({"a;\n 'b;", "a !MIGR_109@2:2"}, {"a;\n \"b;", "a !MIGR_109@2:2"},
		    {"a;\n $x$b;$$", "a !MIGR_109@2:2"}, {"a;\n /* /* */b;", "a !MIGR_109@2:2"},
		    {"a;\n c /* b;", "a !MIGR_109@2:4"}, {"a;\n c (b; (d)", "a !MIGR_109@2:4"},
		    {"E'\\'", " !MIGR_109@1:1"}, {"E'a'\n'b", " !MIGR_109@1:1"},
		    {"E'a\\", " !MIGR_109@1:1"}, {"select '", " !MIGR_109@1:8"},
		    {"\xc3\xa9\xc3\xa9 '", " !MIGR_109@1:4"}, {"/*", " !MIGR_109@1:1"},
		    {"/*/", " !MIGR_109@1:1"}, {"/* *", " !MIGR_109@1:1"}, {"$$", " !MIGR_109@1:1"},
		    {"$$ $", " !MIGR_109@1:1"}, {"((", " !MIGR_109@1:1"});
}

static void
text_that_is_no_utf8_is_refused_where_it_is(void)
{
	CHECK_CASES(
		{"\xff", " !MIGR_108@1:1"}, {"a;\nb\xe9;", "a !MIGR_108@2:2"},
		{"\xc3\xa9;\xc3", "\xc3\xa9 !MIGR_108@1:3"}, {"\xc0\x80", " !MIGR_108@1:1"},
		{"\xc1\xbf", " !MIGR_108@1:1"}, {"\xe0\x9f\xbf", " !MIGR_108@1:1"},
		{"\xed\xa0\x80", " !MIGR_108@1:1"}, {"\xed\x9f\xbf", "\xed\x9f\xbf"},
		{"\xf0\x8f\xbf\xbf", " !MIGR_108@1:1"}, {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"}, {"\xf4\x90\x80\x80", " !MIGR_108@1:1"},
		{"\xf5\x80\x80\x80", " !MIGR_108@1:1"}, {"\xe2\x82", " !MIGR_108@1:1"},
		{"-- \xe9\na;", " !MIGR_108@1:4"}, {"a; -- \xe9", "a !MIGR_108@1:7"},
		{"'\xe9';", " !MIGR_108@1:2"}, {"/* \xe9 */", " !MIGR_108@1:4"},
		{"copy t from stdin;\n1\n\xe9\n\\.\n", "copy t from stdin<1\n !MIGR_108@3:1"},
		{"\xef\xbb\xbf\xe9", " !MIGR_108@1:1"}, {"12345678\xe9", " !MIGR_108@1:9"});
	check_one(span_of("a;b\0c", 5), false, "a !MIGR_108@1:4");
	check_one(span_of("a;\0", 3), false, "a !MIGR_108@1:3");
	check_one(span_of("12345678901234567\0", 18), false, " !MIGR_108@1:18");
}

static void
places_count_characters_and_bytes(void)
{
	static const struct split_case cases[] = {
		{"a;b", "1@1:1+0 a | 2@1:3+2 b"},
		{"\xef\xbb\xbf a", "1@1:2+4 a"},
		{"a;\r\n\r\n b", "1@1:1+0 a | 2@3:2+7 b"},
		{"\xc3\xa9; \xc3\xa9;b", "1@1:1+0 \xc3\xa9 | 2@1:4+4 \xc3\xa9 | 3@1:6+7 b"},
		{"-- x\n/* \n */ a;;\n;b", "1@3:5+13 a | 2@4:2+18 b"},
		{"copy t from stdin;\n1\n\\.\nb", "1@1:1+0 copy t from stdin<1\n> | 2@4:1+24 b"},
		{"'\n\n';b", "1@1:1+0 '\n\n' | 2@3:3+5 b"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_one(span_str(cases[i].text), true, cases[i].expected);
}

static void
a_place_inside_a_statement_is_found(void)
{
	const struct sql_piece piece = {
		.text = span_str("s\xc3\xa9l\n  \xe2\x82\xac x"), .line = 7, .column = 5};
	static const struct {
		uint64_t byte;
		uint32_t character, line, column;
	} cases[] = {
		{0, 1, 7, 5},	{1, 2, 7, 6},	{2, 2, 7, 6}, {3, 3, 7, 7},  {4, 4, 7, 8},
		{5, 5, 8, 1},	{7, 7, 8, 3},	{8, 7, 8, 3}, {10, 8, 8, 4}, {11, 9, 8, 5},
		{12, 10, 8, 6}, {99, 99, 8, 6}, {0, 0, 7, 5},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t line, column;
		sql_piece_at(&piece, cases[i].byte, &line, &column);
		CHECK_INT(line, cases[i].line);
		CHECK_INT(column, cases[i].column);
		sql_piece_at_char(&piece, cases[i].character, &line, &column);
		CHECK_INT(line, cases[i].line);
		CHECK_INT(column, cases[i].column);
	}
}

/* ---- large inputs ---- */

/* A source that makes its text: `unit` repeated, then `tail`. */
struct maker {
	const char *unit;
	uint64_t times;
	const char *tail;
	uint64_t at;
};

static bool
maker_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct maker *m = self;
	size_t unit = strlen(m->unit), tail = strlen(m->tail);
	uint64_t body = unit * m->times, total = body + tail;

	(void)err;
	for (*got = 0; *got < size && m->at < total; m->at++, ++*got)
		buf[*got] = m->at < body ? m->unit[m->at % unit] : m->tail[m->at - body];
	return true;
}

struct totals {
	uint64_t statements, bytes, data;
	uint32_t last_line;
	struct error err;
	bool ok;
};

static struct totals
count_all(struct maker m)
{
	struct sql_splitter *s = sql_splitter_new("big.sql", (struct sql_source){maker_read, &m});
	struct totals t = {0};
	struct sql_piece piece;
	bool end = false;

	while ((t.ok = sql_splitter_next(s, &piece, &end, &t.err)) && !end) {
		struct span data = {NULL, piece.copy_data};
		t.statements++;
		t.bytes += piece.text.len;
		t.last_line = piece.line;
		while (data.len > 0 && sql_splitter_copy(s, &data, &t.err))
			t.data += data.len;
	}
	sql_splitter_free(s);
	return t;
}

static void
a_statement_of_ten_megabytes_comes_whole(void)
{
	struct totals t = count_all((struct maker){"select '0123456789;';\n", 3, "", 0});

	CHECK_INT(t.statements, 3);
	t = count_all((struct maker){"('abcdefgh',\n", 800 * 1024, "1", 0});
	CHECK(!t.ok && error_is(&t.err, E_MIGR_109));
	t = count_all((struct maker){"'abcdefgh;'\n", 900 * 1024, ";b", 0});
	CHECK(t.ok);
	CHECK_INT(t.statements, 2);
	CHECK_INT(t.bytes, 12 * 900 * 1024 - 1 + 1);
	CHECK_INT(t.last_line, 900 * 1024 + 1);
}

static void
a_hundred_thousand_statements_are_counted(void)
{
	struct totals t = count_all((struct maker){"insert into t values (1);\n", 100000, "x", 0});

	CHECK(t.ok);
	CHECK_INT(t.statements, 100001);
	CHECK_INT(t.last_line, 100001);
}

static void
a_statement_beyond_the_limit_is_refused_at_its_beginning(void)
{
	struct totals t = count_all((struct maker){"aaaaaaa\n", 8 * 1024 * 1024 + 1, ";b;", 0});

	CHECK(!t.ok && error_is(&t.err, E_MIGR_110));
	CHECK_INT(t.err.at.line, 1);
	CHECK_INT(t.statements, 0);
}

static void
comments_and_data_may_be_larger_than_any_statement(void)
{
	struct totals t = count_all((struct maker){"-- more\n", 9 * 1024 * 1024, "a;", 0});

	CHECK(t.ok);
	CHECK_INT(t.statements, 1);
	t = count_all((struct maker){"copy t from stdin\n;\n1\n\\.\n", 50000, "", 0});
	CHECK(t.ok);
	CHECK_INT(t.data, 2 * 50000);
}

static void
a_source_that_fails_gives_its_own_error(void)
{
	struct sql_feed feed = {.bytes = span_str("a; b; c"), .step = 3, .fail_after = 6};
	struct sql_splitter *s = sql_splitter_new("f", sql_feed_source(&feed));
	struct sql_piece piece;
	struct error err = {0};
	bool end;

	REQUIRE(sql_splitter_next(s, &piece, &end, &err) && !end);
	REQUIRE(sql_splitter_next(s, &piece, &end, &err) && !end);
	CHECK(!sql_splitter_next(s, &piece, &end, &err));
	CHECK_STR(err.message, "the disk is gone");
	sql_splitter_free(s);
}

static void
data_that_nobody_reads_are_passed_over(void)
{
	struct sql_feed feed = {.bytes = span_str("copy t from stdin;\nb;\n\\.\nc"), .step = 5};
	struct sql_splitter *s = sql_splitter_new("f", sql_feed_source(&feed));
	struct sql_piece piece;
	struct error err = {0};
	bool end;

	REQUIRE(sql_splitter_next(s, &piece, &end, &err) && piece.copy_data);
	REQUIRE(sql_splitter_next(s, &piece, &end, &err) && !end);
	CHECK(span_is(piece.text, "c"));
	CHECK_INT(piece.line, 4);
	sql_splitter_free(s);
}

static void
note_command(void *self, struct span text, uint32_t line)
{
	text_printf(self, "%u %.*s\n", line, (int)text.len, text.ptr);
}

static void
commands_of_psql_are_passed_over_where_that_is_wanted(void)
{
	static const char script[] =
		"\\connect app\nselect 1; \\echo a; b\n  \\restrict x\r\n$$\n\\d\n$$;\n"
		"copy t from stdin;\n\\N\n\\.\n\\.\nselect 2; \\q";
	struct sql_piece piece;
	struct error err = {0};
	struct text seen;
	bool end = false;

	for (size_t step = 1; step < 100; step += 97) {
		struct sql_feed feed = {.bytes = span_str(script), .step = step};
		struct sql_splitter *s = sql_splitter_new("f.sql", sql_feed_source(&feed));

		text_init(&seen, 0);
		sql_splitter_pass_commands(s, (struct sql_commands){note_command, &seen});
		while (sql_splitter_next(s, &piece, &end, &err) && !end)
			text_printf(&seen, "%u:%u %.*s\n", piece.line, piece.column,
				    (int)piece.text.len, piece.text.ptr);
		CHECK(end);
		CHECK_STR(seen.ptr, "1 \\connect app\n2:1 select 1\n2 \\echo a; b\n3 \\restrict x\n"
				    "4:1 $$\n\\d\n$$\n7:1 copy t from stdin\n10 \\.\n"
				    "11:1 select 2\n11 \\q\n");
		text_fini(&seen);
		sql_splitter_free(s);
	}
}

static void
a_command_of_psql_inside_a_statement_is_refused_all_the_same(void)
{
	struct sql_feed feed = {.bytes = span_str("select 1 \\gset\n"), .step = 64};
	struct sql_splitter *s = sql_splitter_new("f.sql", sql_feed_source(&feed));
	struct sql_piece piece;
	struct error err = {0};
	struct text seen;
	bool end;

	text_init(&seen, 0);
	sql_splitter_pass_commands(s, (struct sql_commands){note_command, &seen});
	CHECK(!sql_splitter_next(s, &piece, &end, &err));
	CHECK(error_is(&err, E_MIGR_111));
	CHECK_INT(seen.len, 0);
	text_fini(&seen);
	sql_splitter_free(s);
}

static const struct unit_case cases[] = {
	CASE(semicolons_end_statements),
	CASE(comments_hide_semicolons_and_are_trimmed),
	CASE(strings_hide_semicolons),
	CASE(strings_with_escapes_know_backslashes),
	CASE(quoted_names_hide_semicolons),
	CASE(a_dollar_quote_hides_semicolons),
	CASE(parentheses_hold_a_statement_together),
	CASE(a_body_in_standard_sql_is_one_statement),
	CASE(copy_data_follow_their_statement),
	CASE(psql_commands_are_refused_where_they_stand),
	CASE(psql_commands_are_passed_over_where_that_is_allowed),
	CASE(what_is_not_closed_is_named_where_it_opened),
	CASE(text_that_is_no_utf8_is_refused_where_it_is),
	CASE(places_count_characters_and_bytes),
	CASE(a_place_inside_a_statement_is_found),
	CASE(a_statement_of_ten_megabytes_comes_whole),
	CASE(a_hundred_thousand_statements_are_counted),
	CASE(a_statement_beyond_the_limit_is_refused_at_its_beginning),
	CASE(comments_and_data_may_be_larger_than_any_statement),
	CASE(a_source_that_fails_gives_its_own_error),
	CASE(data_that_nobody_reads_are_passed_over),
	CASE(commands_of_psql_are_passed_over_where_that_is_wanted),
	CASE(a_command_of_psql_inside_a_statement_is_refused_all_the_same),
};

int
main(int argc, char **argv)
{
	return unit_main("sql split", cases, ARRAY_LEN(cases), argc, argv);
}
