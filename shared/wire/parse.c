/*
 * JSON back into records, for what was at rest in a journal. jansson reads the text; the walk over
 * the descriptor then believes nothing: a value of another type, a word that is no choice, or a
 * missing key is named with its path.
 */
#include "shared/wire/record.h"

#include <jansson.h>

#include "shared/wire/field.h"
#include "shared/wire/json.h"
#include "shared/wire/messages.h"

#include "shared/base/banned.h"

struct parser {
	struct arena *arena;
	struct error *err;
};

static bool parse_record(struct parser *p, const struct record *of, const json_t *json, void *ptr);

static bool
wrong(struct parser *p, const char *expected)
{
	return error_set(p->err, E_INTERNAL_ERROR, "must be %s", expected);
}

/* Strings with a NUL never get here: jansson refuses them unless asked for. */
static bool
parse_text(struct parser *p, const json_t *json, const char **out)
{
	if (!json_is_string(json))
		return wrong(p, "a text");
	*out = arena_span(p->arena, span_of(json_string_value(json), json_string_length(json)));
	return true;
}

static bool
parse_choice(struct parser *p, const struct field *f, const json_t *json, void *ptr)
{
	const char *word;

	if (!parse_text(p, json, &word))
		return false;
	if (!field_is_choice(f->choices, span_str(word)))
		return wrong(p, f->choices);
	field_set(ptr, f, word);
	return true;
}

static bool
parse_number(struct parser *p, const struct field *f, const json_t *json, void *ptr)
{
	if (f->type == FIELD_REAL) {
		double real = json_number_value(json);
		if (!json_is_number(json))
			return wrong(p, "a number");
		field_set(ptr, f, real);
		return true;
	}
	int64_t whole = json_integer_value(json);
	if (f->flags & AS_TRUTH) {
		whole = json_is_true(json) ? 1 : 0;
		if (!json_is_boolean(json))
			return wrong(p, "true or false");
		field_set(ptr, f, whole);
		return true;
	}
	if (!json_is_integer(json) || whole == INT_NULL)
		return wrong(p, "a whole number");
	field_set(ptr, f, whole);
	return true;
}

static bool
parse_list(struct parser *p, const struct field *f, const json_t *json, void *ptr)
{
	size_t count = json_array_size(json);

	if (!json_is_array(json))
		return wrong(p, "a list");
	size_t size = f->type == FIELD_TEXTS ? sizeof(char *) : f->of->size;
	char *items = arena_array(p->arena, count, size);
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(json, i);
		const char *text = NULL;
		bool ok = f->type == FIELD_TEXTS ? parse_text(p, item, &text)
						 : parse_record(p, f->of, item, items + i * size);
		if (!ok)
			return error_wrap(p->err, "item %zu", i + 1);
		if (f->type == FIELD_TEXTS)
			memcpy(items + i * size, &text, sizeof(text));
	}
	struct record_list list = {items, count};
	field_set(ptr, f, list);
	return true;
}

static bool parse_value(struct parser *p, const struct field *f, const json_t *json, void *ptr);

/* In the order of the text. jansson iterates only over what is not const, and changes nothing. */
static bool
parse_map(struct parser *p, const struct field *f, const json_t *json, void *ptr)
{
	json_t *object = (json_t *)(uintptr_t)json;
	const struct field *key_field = &f->of->fields[0], *value_field = &f->of->fields[1];
	struct record_list list = {.count = 0};
	const char *key;
	json_t *value;

	if (!json_is_object(json))
		return wrong(p, "an object");
	list.items = arena_array(p->arena, json_object_size(json), f->of->size);
	json_object_foreach(object, key, value)
	{
		char *item = (char *)list.items + list.count++ * f->of->size;
		const char *own = arena_str(p->arena, key);
		record_init(f->of, item);
		field_set(item, key_field, own);
		if (!parse_value(p, value_field, value, item))
			return error_wrap(p->err, "%s", key);
	}
	field_set(ptr, f, list);
	return true;
}

static bool
parse_below(struct parser *p, const struct record *of, const json_t *json, void **out)
{
	*out = arena_alloc(p->arena, of->size);
	return parse_record(p, of, json, *out);
}

static bool
parse_any(struct parser *p, const struct field *f, const json_t *json, void *ptr)
{
	const char *name = json_string_value(json_object_get(json, "record"));
	struct any any = {.of = name != NULL ? record_named(name) : NULL};

	if (any.of == NULL)
		return wrong(p, "a record with its name");
	if (!parse_below(p, any.of, json_object_get(json, "value"), &any.ptr))
		return false;
	field_set(ptr, f, any);
	return true;
}

static bool
parse_value(struct parser *p, const struct field *f, const json_t *json, void *ptr)
{
	switch (f->type) {
	case FIELD_TEXT: {
		const char *text;
		if (f->flags & AS_JSON && json_is_object(json))
			text = json_free_text(p->arena, json);
		else if (!parse_text(p, json, &text))
			return false;
		field_set(ptr, f, text);
		return true;
	}
	case FIELD_CHOICE:
		return parse_choice(p, f, json, ptr);
	case FIELD_INT:
	case FIELD_REAL:
		return parse_number(p, f, json, ptr);
	case FIELD_BOOL: {
		bool value = json_is_true(json);
		if (!json_is_boolean(json))
			return wrong(p, "true or false");
		field_set(ptr, f, value);
		return true;
	}
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return f->flags & AS_MAP ? parse_map(p, f, json, ptr) : parse_list(p, f, json, ptr);
	case FIELD_RECORD: {
		void *record;
		if (!parse_below(p, f->of, json, &record))
			return false;
		field_set(ptr, f, record);
		return true;
	}
	case FIELD_ANY:
		return parse_any(p, f, json, ptr);
	case FIELD_BYTES:
		return wrong(p, "bytes, which JSON does not hold");
	}
	return wrong(p, "of a type that is known");
}

static bool
parse_field(struct parser *p, const struct record *of, const struct field *f, const json_t *json,
	    void *ptr)
{
	struct span key = field_key(f);
	const json_t *value = json_object_getn(json, key.ptr, key.len);
	bool ok = true;

	if (value == NULL && !field_may_lack(f))
		ok = error_set(p->err, E_INTERNAL_ERROR, "must be there");
	else if (value == NULL || (json_is_null(value) && (f->flags & NULLABLE)))
		return true;
	else
		ok = parse_value(p, f, value, ptr);
	return ok || error_wrap(p->err, "%s.%.*s", of->name, (int)key.len, key.ptr);
}

static bool
parse_record(struct parser *p, const struct record *of, const json_t *json, void *ptr)
{
	if (!json_is_object(json)) {
		wrong(p, "an object");
		return error_wrap(p->err, "%s", of->name);
	}
	record_init(of, ptr);
	for (size_t i = 0; i < of->count; i++) {
		if (!parse_field(p, of, &of->fields[i], json, ptr))
			return false;
	}
	return true;
}

bool
record_parse(struct arena *arena, const struct record *of, struct span json, void **out,
	     struct error *err)
{
	struct parser p = {.arena = arena, .err = err};
	json_error_t where;
	json_t *tree =
		json_loadb(json.ptr ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &where);
	void *record;

	if (tree == NULL)
		return error_set(err, E_INTERNAL_ERROR, "%s: not JSON: %s (byte %d)", of->name,
				 where.text, where.position);
	bool ok = parse_below(&p, of, tree, &record);
	json_decref(tree);
	if (ok)
		*out = record;
	return ok;
}
