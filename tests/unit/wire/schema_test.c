/* JSON Schemas: one in full, and of all others that they are whole. */
#include <jansson.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/messages.h"
#include "tests/support/unit.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

static const char golden[] = "{\n"
			     "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
			     "  \"$id\": \"sample.schema.json\",\n"
			     "  \"title\": \"sample\",\n"
			     "  \"description\": \"one field of every type\",\n"
			     "  \"type\": \"object\",\n"
			     "  \"properties\": {\n"
			     "    \"default\": {\n"
			     "      \"type\": \"string\",\n"
			     "      \"description\": \"a word that C keeps for itself\"\n"
			     "    },\n"
			     "    \"kind\": {\n"
			     "      \"type\": [\n"
			     "        \"string\",\n"
			     "        \"null\"\n"
			     "      ],\n"
			     "      \"enum\": [\n"
			     "        \"small\",\n"
			     "        \"large\",\n"
			     "        null\n"
			     "      ]\n"
			     "    },\n"
			     "    \"count\": {\n"
			     "      \"type\": \"integer\"\n"
			     "    },\n"
			     "    \"ratio\": {\n"
			     "      \"type\": \"number\"\n"
			     "    },\n"
			     "    \"ready\": {\n"
			     "      \"type\": \"boolean\"\n"
			     "    },\n"
			     "    \"used_up\": {\n"
			     "      \"type\": \"boolean\"\n"
			     "    },\n"
			     "    \"names\": {\n"
			     "      \"type\": \"array\",\n"
			     "      \"items\": {\n"
			     "        \"type\": \"string\"\n"
			     "      }\n"
			     "    },\n"
			     "    \"first\": {\n"
			     "      \"anyOf\": [\n"
			     "        {\n"
			     "          \"$ref\": \"#/$defs/part\"\n"
			     "        },\n"
			     "        {\n"
			     "          \"type\": \"null\"\n"
			     "        }\n"
			     "      ],\n"
			     "      \"description\": \"the first of them\"\n"
			     "    },\n"
			     "    \"parts\": {\n"
			     "      \"type\": \"array\",\n"
			     "      \"items\": {\n"
			     "        \"$ref\": \"#/$defs/part\"\n"
			     "      }\n"
			     "    },\n"
			     "    \"result\": {\n"
			     "      \"type\": [\n"
			     "        \"object\",\n"
			     "        \"null\"\n"
			     "      ]\n"
			     "    },\n"
			     "    \"map\": {\n"
			     "      \"type\": \"object\",\n"
			     "      \"additionalProperties\": {\n"
			     "        \"type\": \"array\",\n"
			     "        \"items\": {\n"
			     "          \"type\": \"string\"\n"
			     "        }\n"
			     "      },\n"
			     "      \"description\": \"key -> words\"\n"
			     "    }\n"
			     "  },\n"
			     "  \"required\": [\n"
			     "    \"default\",\n"
			     "    \"kind\",\n"
			     "    \"count\",\n"
			     "    \"ready\",\n"
			     "    \"names\",\n"
			     "    \"first\",\n"
			     "    \"result\"\n"
			     "  ],\n"
			     "  \"additionalProperties\": false,\n"
			     "  \"$defs\": {\n"
			     "    \"part\": {\n"
			     "      \"title\": \"part\",\n"
			     "      \"description\": \"a part of a sample\",\n"
			     "      \"type\": \"object\",\n"
			     "      \"properties\": {\n"
			     "        \"label\": {\n"
			     "          \"type\": \"string\",\n"
			     "          \"description\": \"what it is called\"\n"
			     "        },\n"
			     "        \"size\": {\n"
			     "          \"type\": [\n"
			     "            \"integer\",\n"
			     "            \"null\"\n"
			     "          ]\n"
			     "        }\n"
			     "      },\n"
			     "      \"required\": [\n"
			     "        \"label\",\n"
			     "        \"size\"\n"
			     "      ],\n"
			     "      \"additionalProperties\": false\n"
			     "    }\n"
			     "  }\n"
			     "}";

static void
a_schema_says_all_that_the_descriptor_says(void)
{
	struct text t;

	text_init(&t, 0);
	record_schema(&t, &record_sample, "sample.schema.json");
	CHECK_STR(t.ptr, golden);
	text_fini(&t);
}

/* Walks the whole document; returns how many references were met. */
static size_t
check_refs(json_t *node, json_t *defs)
{
	size_t met = 0, i;
	const char *key;
	json_t *child;

	if (json_is_array(node)) {
		json_array_foreach(node, i, child) met += check_refs(child, defs);
		return met;
	}
	json_object_foreach(node, key, child)
	{
		met += check_refs(child, defs);
		if (strcmp(key, "$ref") != 0)
			continue;
		const char *prefix = "#/$defs/", *to = json_string_value(child);
		REQUIRE(to != NULL && strncmp(to, prefix, strlen(prefix)) == 0);
		CHECK(json_is_object(json_object_get(defs, to + strlen(prefix))));
		met++;
	}
	return met;
}

static void
every_reference_of_every_schema_leads_somewhere(void)
{
	size_t met = 0;

	for (size_t i = 0; record_at(i) != NULL; i++) {
		struct text t;
		json_error_t where;
		text_init(&t, 0);
		record_schema(&t, record_at(i), record_at(i)->name);
		json_t *tree = json_loadb(t.ptr, t.len, JSON_REJECT_DUPLICATES, &where);
		REQUIRE(tree != NULL);
		CHECK_STR(json_string_value(json_object_get(tree, "$id")), record_at(i)->name);
		CHECK_INT(json_object_size(json_object_get(tree, "properties")),
			  record_at(i)->count);
		met += check_refs(tree, json_object_get(tree, "$defs"));
		json_decref(tree);
		text_fini(&t);
	}
	CHECK(met > 50);
}

static const struct unit_case cases[] = {
	CASE(a_schema_says_all_that_the_descriptor_says),
	CASE(every_reference_of_every_schema_leads_somewhere),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_schema", cases, ARRAY_LEN(cases), argc, argv);
}
