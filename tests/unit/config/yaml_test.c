/* Documents as YAML: what is read back is what was meant, whatever the texts look like. */
#include <string.h>

#include "shared/config/document.h"
#include "shared/config/yaml.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
a_document_is_written_in_blocks(void)
{
	static const char json[] =
		"{\n  \"database\": \"shop\",\n  \"count\": 12,\n  \"none\": null,\n  \"empty\": "
		"[],\n"
		"  \"tables\": [\n    {\"name\": \"tb_user\", \"nullable\": false, \"pg_type\": "
		"\"numeric(10,2)\", \"hints\": {\"id\": null}},\n    {\"name\": \"No\", \"at\": "
		"\"2026-01-02T03:04:05Z\"}\n  ]\n}";
	struct text out;

	text_init(&out, 0);
	REQUIRE(yaml_of_json(span_str(json), &out));
	CHECK_STR(out.ptr, "database: shop\n"
			   "count: 12\n"
			   "none: null\n"
			   "empty: []\n"
			   "tables:\n"
			   "- name: tb_user\n"
			   "  nullable: false\n"
			   "  pg_type: numeric(10,2)\n"
			   "  hints:\n"
			   "    id: null\n"
			   "- name: \"No\"\n"
			   "  at: \"2026-01-02T03:04:05Z\"\n");
	text_fini(&out);
}

/* As record_json() writes it. */
static void
put_json(struct text *out, const char *s)
{
	text_put_char(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			text_printf(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			text_printf(out, "\\u%04x", (unsigned char)*s);
		else
			text_put_char(out, *s);
	}
	text_put_char(out, '"');
}

static void
every_text_comes_back_as_it_was(void)
{
	static const char *const texts[] = {
		"",	  " ",		 "a ",
		" a",	  "~",		 "null",
		"Null",	  "yes",	 "NO",
		"on",	  "y",		 "true",
		"12",	  "1e3",	 "0x1f",
		"12:30",  "1_0",	 ".5",
		"-",	  "- a",	 "? a",
		"a: b",	  "a:",		 "a #b",
		"#a",	  "[a]",	 "{a: b}",
		"&a",	  "*a",		 "!a",
		"|",	  ">",		 "%a",
		"@a",	  "`a`",	 "'",
		"it's",	  "\"",		 "\\n",
		"a\nb",	  "\n",		 "\ta",
		"a\r\nb", "---",	 "...",
		"--- a",  "\x01",	 "\x1b[0m",
		"\x7f",	  "caf\xc3\xa9", "\xf0\x9f\x8d\x93 jam",
		"a, b",	  "x (y, z)",	 "=",
		"<<",	  "a  b",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct arena arena;
		struct text json, yaml;
		struct node root;
		struct error err = {0};

		arena_init(&arena);
		text_init(&json, 0);
		text_init(&yaml, 0);
		text_put(&json, "{\"k\": ");
		put_json(&json, texts[i]);
		text_put(&json, ", \"l\": [");
		put_json(&json, texts[i]);
		text_put(&json, "]}");
		REQUIRE(yaml_of_json(text_span(&json), &yaml));
		REQUIRE(document_parse(&arena, "y", text_span(&yaml), &root, &err));
		REQUIRE(root.count == 2 && root.entries[1].value.count == 1);
		CHECK_INT(root.entries[0].value.kind, NODE_TEXT);
		CHECK_STR(root.entries[0].value.text, texts[i]);
		CHECK_STR(root.entries[1].value.entries[0].value.text, texts[i]);
		/* Nothing but a word that means nothing else stands bare. */
		if (strlen(texts[i]) > 0 && !strchr("ax(", texts[i][0]))
			CHECK(strstr(yaml.ptr, "k: \"") != NULL);
		text_fini(&yaml);
		text_fini(&json);
		arena_fini(&arena);
	}
}

static void
what_is_no_json_is_refused(void)
{
	static const char *const texts[] = {"{\"a\": ", "[1, 2", "{\"a\": \"\\x\"}", "\"a"};
	struct text out;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		text_init(&out, 0);
		CHECK(!yaml_of_json(span_str(texts[i]), &out));
		text_fini(&out);
	}
	text_init(&out, 8);
	CHECK(!yaml_of_json(span_str("{\"a\": \"too long for eight\"}"), &out));
	text_fini(&out);
}

static const struct unit_case cases[] = {
	CASE(a_document_is_written_in_blocks),
	CASE(every_text_comes_back_as_it_was),
	CASE(what_is_no_json_is_refused),
};

int
main(int argc, char **argv)
{
	return unit_main("config/yaml", cases, ARRAY_LEN(cases), argc, argv);
}
