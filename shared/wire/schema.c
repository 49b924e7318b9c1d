/*
 * The JSON Schema of a record, so that programs which read our documents can check them, and so
 * that our own tests check every document that a command prints. Printed from the same descriptor
 * as the documents: the two cannot drift apart.
 */
#include "shared/wire/field.h"
#include "shared/wire/json.h"
#include "shared/wire/record.h"

#include <assert.h>

#include "shared/base/banned.h"

enum { MOST_RECORDS = 64 };

/* Records that the document needs under $defs, in the order in which they were met. */
struct schema {
	struct json json;
	const struct record *defs[MOST_RECORDS];
	size_t count;
};

static void
collect(struct schema *s, const struct record *of)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		bool map = (f->flags & AS_MAP) != 0;
		const struct record *below = map ? f->of->fields[1].of : f->of;
		size_t at = 0;
		while (at < s->count && s->defs[at] != below)
			at++;
		if (below == NULL || at < s->count)
			continue;
		assert(s->count < MOST_RECORDS);
		s->defs[s->count++] = below;
		collect(s, below);
	}
}

static void
put_pair(struct schema *s, const char *key, const char *value)
{
	json_put_key(&s->json, key);
	json_put_text(&s->json, value);
}

static void
put_type(struct schema *s, const char *type, bool nullable)
{
	if (!nullable) {
		put_pair(s, "type", type);
		return;
	}
	json_put_key(&s->json, "type");
	json_put_open(&s->json, '[');
	json_put_text(&s->json, type);
	json_put_text(&s->json, "null");
	json_put_close(&s->json, ']');
}

static void
put_choices(struct schema *s, const char *choices, bool nullable)
{
	json_put_key(&s->json, "enum");
	json_put_open(&s->json, '[');
	for (const char *p = choices; p != NULL; p = strchr(p, '|')) {
		p += *p == '|';
		json_put_text_span(&s->json, span_of(p, strcspn(p, "|")));
	}
	if (nullable)
		json_put_null(&s->json);
	json_put_close(&s->json, ']');
}

static void
put_ref(struct schema *s, const struct record *of)
{
	struct text ref;

	text_init(&ref, 0);
	text_printf(&ref, "#/$defs/%s", of->name);
	put_pair(s, "$ref", ref.ptr);
	text_fini(&ref);
}

static void
put_record_ref(struct schema *s, const struct record *of, bool nullable)
{
	if (!nullable) {
		put_ref(s, of);
		return;
	}
	json_put_key(&s->json, "anyOf");
	json_put_open(&s->json, '[');
	json_put_open(&s->json, '{');
	put_ref(s, of);
	json_put_close(&s->json, '}');
	json_put_open(&s->json, '{');
	put_pair(s, "type", "null");
	json_put_close(&s->json, '}');
	json_put_close(&s->json, ']');
}

static void
put_list(struct schema *s, const struct field *f)
{
	put_pair(s, "type", "array");
	json_put_key(&s->json, "items");
	json_put_open(&s->json, '{');
	if (f->type == FIELD_TEXTS)
		put_pair(s, "type", "string");
	else
		put_ref(s, f->of);
	json_put_close(&s->json, '}');
}

static void put_value_type(struct schema *s, const struct field *f);

/* Its keys are the data's own, so that only their values have a shape. */
static void
put_map(struct schema *s, const struct field *f)
{
	put_pair(s, "type", "object");
	json_put_key(&s->json, "additionalProperties");
	json_put_open(&s->json, '{');
	put_value_type(s, &f->of->fields[1]);
	json_put_close(&s->json, '}');
}

static void
put_value_type(struct schema *s, const struct field *f)
{
	static const char *const types[] = {
		[FIELD_TEXT] = "string",   [FIELD_CHOICE] = "string", [FIELD_INT] = "integer",
		[FIELD_REAL] = "number",   [FIELD_BOOL] = "boolean",  [FIELD_TEXTS] = NULL,
		[FIELD_RECORD] = NULL,	   [FIELD_RECORDS] = NULL,    [FIELD_ANY] = "object",
		[FIELD_BYTES] = "integer",
	};
	/* A key that is left out when absent is never null. */
	bool nullable = (f->flags & NULLABLE) && !(f->flags & OPTIONAL);

	if (f->flags & AS_JSON)
		put_type(s, "object", nullable);
	else if (f->flags & AS_TRUTH)
		put_type(s, "boolean", nullable);
	else if (types[f->type] != NULL)
		put_type(s, types[f->type], nullable);
	else if (f->type == FIELD_RECORD)
		put_record_ref(s, f->of, nullable);
	else if (f->flags & AS_MAP)
		put_map(s, f);
	else
		put_list(s, f);
	if (f->type == FIELD_CHOICE)
		put_choices(s, f->choices, nullable);
}

static void
put_field(struct schema *s, const struct field *f)
{
	json_put_key_span(&s->json, field_key(f));
	json_put_open(&s->json, '{');
	put_value_type(s, f);
	if (f->doc[0] != '\0')
		put_pair(s, "description", f->doc);
	json_put_close(&s->json, '}');
}

/* The members of an object that describe `of`; the braces are the caller's. */
static void
put_object(struct schema *s, const struct record *of)
{
	put_pair(s, "title", of->name);
	put_pair(s, "description", of->doc);
	put_pair(s, "type", "object");
	json_put_key(&s->json, "properties");
	json_put_open(&s->json, '{');
	for (size_t i = 0; i < of->count; i++)
		put_field(s, &of->fields[i]);
	json_put_close(&s->json, '}');
	json_put_key(&s->json, "required");
	json_put_open(&s->json, '[');
	for (size_t i = 0; i < of->count; i++) {
		if (!(of->fields[i].flags & OPTIONAL))
			json_put_text_span(&s->json, field_key(&of->fields[i]));
	}
	json_put_close(&s->json, ']');
	json_put_key(&s->json, "additionalProperties");
	json_put_bool(&s->json, false);
}

void
record_schema(struct text *out, const struct record *of, const char *id)
{
	struct schema s = {.json = {.out = out, .indent = 2}};

	collect(&s, of);
	json_put_open(&s.json, '{');
	put_pair(&s, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put_pair(&s, "$id", id);
	put_object(&s, of);
	if (s.count > 0) {
		json_put_key(&s.json, "$defs");
		json_put_open(&s.json, '{');
		for (size_t i = 0; i < s.count; i++) {
			json_put_key(&s.json, s.defs[i]->name);
			json_put_open(&s.json, '{');
			put_object(&s, s.defs[i]);
			json_put_close(&s.json, '}');
		}
		json_put_close(&s.json, '}');
	}
	json_put_close(&s.json, '}');
}
