/* YAML to a tree: the tree printed as text, and everything that is refused with its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/config/document.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
print_node(struct text *t, const struct node *n)
{
	static const char open[] = {[NODE_LIST] = '[', [NODE_MAP] = '{'};
	static const char close[] = {[NODE_LIST] = ']', [NODE_MAP] = '}'};

	if (n->kind == NODE_NULL)
		text_put(t, "null");
	else if (n->kind == NODE_TEXT)
		text_printf(t, "'%s'", n->text);
	else {
		text_put_char(t, open[n->kind]);
		for (size_t i = 0; i < n->count; i++) {
			text_put(t, i ? " " : "");
			if (n->kind == NODE_MAP)
				text_printf(t, "%s@%u:%u=", n->entries[i].key, n->entries[i].line,
					    n->entries[i].column);
			print_node(t, &n->entries[i].value);
		}
		text_put_char(t, close[n->kind]);
	}
}

static void
a_file_becomes_a_tree_with_places(void)
{
	static const struct {
		const char *yaml, *tree;
	} cases[] = {
		{"", "null"},
		{"# nothing\n", "null"},
		{"---\n...\n", "null"},
		{"a: 1\n", "{a@1:1='1'}"},
		{"a: ~\nb:\nc: null\nd: ''\n", "{a@1:1=null b@2:1=null c@3:1=null d@4:1=''}"},
		{"a: 'null'\n", "{a@1:1='null'}"},
		{"a:\n  b: x y\n  c: [1, two]\n", "{a@1:1={b@2:3='x y' c@3:3=['1' 'two']}}"},
		{"- 1\n- {k: v}\n", "['1' {k@2:4='v'}]"},
		{"a: |\n  one\n  two\n", "{a@1:1='one\ntwo\n'}"},
		{"\xef\xbb\xbf"
		 "a: b\r\nc: d\r\n",
		 "{a@1:1='b' c@2:1='d'}"},
		{"a: !!str 5\n", "{a@1:1='5'}"},
		{"\"a b\": 'it''s'\n", "{a b@1:1='it's'}"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena;
		struct node root;
		struct text t;
		struct error err = {0};

		arena_init(&arena);
		text_init(&t, 0);
		if (CHECK(document_parse(&arena, "f", span_str(cases[i].yaml), &root, &err)))
			print_node(&t, &root);
		CHECK_STR(t.ptr, cases[i].tree);
		text_fini(&t);
		arena_fini(&arena);
	}
}

static void
what_is_no_settings_file_is_refused_with_its_place(void)
{
	static const struct {
		const char *yaml;
		unsigned line, column;
		const char *words;
	} cases[] = {
		{"a: [1\nb: 2\n", 2, 2, "did not find expected ',' or ']'"},
		{"a: b: c\n", 1, 5, "mapping values are not allowed in this context"},
		{"a:\n\t- b\n", 2, 1, "found character that cannot start any token"},
		{"ok: 1\nb: \"x\n", 3, 1, "found unexpected end of stream"},
		{"ok: 1\nb: \xff\n", 2, 4, "invalid leading UTF-8 octet"},
		{"a: \x01\n", 1, 4, "control characters are not allowed"},
		{"a: 1\nb: 2\na: 3\n", 3, 1, "the same key stands in line 1 already"},
		{"m:\n  x: 1\n  x: 2\n", 3, 3, "the same key stands in line 2 already"},
		{"a: &x 1\n", 1, 4, "anchors are not accepted"},
		{"a: &x [1]\nb: *x\n", 1, 4, "anchors are not accepted"},
		{"a: 1\nb: *x\n", 2, 4, "aliases are not accepted"},
		{"? *x\n: 1\n", 1, 3, "aliases are not accepted"},
		{"a: !ruby/object 1\n", 1, 4, "tags are not accepted"},
		{"? [1]\n: 2\n", 1, 3, "a key must be a plain word"},
		{"a: 1\n---\nb: 2\n", 2, 1, "more than one document"},
		{"a: \"x\\0y\"\n", 1, 4, "NUL"},
		{"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 1, 17, "nested too deeply"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena;
		struct node root;
		struct error err = {0};

		arena_init(&arena);
		CHECK(!document_parse(&arena, "env.yaml", span_str(cases[i].yaml), &root, &err));
		CHECK(error_is(&err, E_CONFIG_002));
		CHECK_HAS(err.message, cases[i].words);
		CHECK_STR(err.at.file, "env.yaml");
		CHECK_INT(err.at.line, cases[i].line);
		CHECK_INT(err.at.column, cases[i].column);
		arena_fini(&arena);
	}
}

static void
parse_generated(size_t count, const char *piece, enum error_id expect)
{
	struct arena arena;
	struct node root;
	struct text t;
	struct error err = {0};

	arena_init(&arena);
	text_init(&t, 0);
	for (size_t i = 0; i < count; i++)
		text_put(&t, piece);
	bool ok = document_parse(&arena, "f", text_span(&t), &root, &err);
	CHECK_INT(ok, expect == ERROR_CODE_COUNT);
	CHECK(ok || error_is(&err, expect));
	text_fini(&t);
	arena_fini(&arena);
}

static void
size_and_number_of_entries_are_bounded(void)
{
	parse_generated(DOCUMENT_NODES - 1, "- a\n", ERROR_CODE_COUNT);
	parse_generated(DOCUMENT_NODES, "- a\n", E_CONFIG_002);
	parse_generated(DOCUMENT_BYTES / 8, "# abcde\n", ERROR_CODE_COUNT);
	parse_generated(DOCUMENT_BYTES / 8 + 1, "# abcde\n", E_CONFIG_002);
	parse_generated(DOCUMENT_BYTES, "[", E_CONFIG_002);
	parse_generated(DOCUMENT_BYTES / 2, "{a", E_CONFIG_002);
}

static void
a_path_finds_its_value_and_nothing_else(void)
{
	static const char yaml[] = "a:\n  b: {c: deep}\n  n: ~\n'a.b': flat\nl: [1]\n";
	static const struct {
		const char *path, *text;
	} asked[] = {{"a.b.c", "deep"}, {"a.n", NULL}, {"a.x", NULL},
		     {"a.b.c.d", NULL}, {"l.1", NULL}, {"x", NULL}};
	struct arena arena;
	struct node root;
	struct error err = {0};

	arena_init(&arena);
	REQUIRE(document_parse(&arena, "f", span_str(yaml), &root, &err));
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		const struct node *n = document_get(&root, asked[i].path);
		CHECK_STR(n ? n->text : NULL, asked[i].text);
	}
	CHECK_INT(document_get(&root, "a.b")->kind, NODE_MAP);
	arena_fini(&arena);
}

static void
a_file_that_cannot_be_read_is_said_with_the_reason(void)
{
	static const struct {
		const char *path, *cause;
	} cases[] = {{"/nowhere/x.yaml", "No such file or directory"}, {"/", "Is a directory"}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena;
		struct node root;
		struct error err = {0};

		arena_init(&arena);
		CHECK(!document_read(&arena, cases[i].path, &root, &err));
		CHECK(error_is(&err, E_CONFIG_004));
		CHECK_HAS(err.message, cases[i].path);
		CHECK_STR(err.cause, cases[i].cause);
		arena_fini(&arena);
	}
}

static const struct unit_case cases[] = {
	CASE(a_file_becomes_a_tree_with_places),
	CASE(what_is_no_settings_file_is_refused_with_its_place),
	CASE(size_and_number_of_entries_are_bounded),
	CASE(a_path_finds_its_value_and_nothing_else),
	CASE(a_file_that_cannot_be_read_is_said_with_the_reason),
};

int
main(int argc, char **argv)
{
	return unit_main("config document", cases, ARRAY_LEN(cases), argc, argv);
}
