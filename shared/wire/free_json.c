/*
 * JSON of a shape that is the user's own: an agent's metadata. It travels as a text and is an
 * object wherever JSON is printed.
 */
#include "shared/wire/json.h"

#include <jansson.h>

#include "shared/wire/record.h"

#include "shared/base/banned.h"

enum { DEEPEST = 32 };

static void put_value(struct json *out, json_t *value);

static void
put_members(struct json *out, json_t *object)
{
	const char *key;
	json_t *value;

	json_put_open(out, '{');
	json_object_foreach(object, key, value)
	{
		json_put_key(out, key);
		put_value(out, value);
	}
	json_put_close(out, '}');
}

static void
put_items(struct json *out, json_t *array)
{
	json_put_open(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++)
		put_value(out, json_array_get(array, i));
	json_put_close(out, ']');
}

static void
put_value(struct json *out, json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		put_members(out, value);
		break;
	case JSON_ARRAY:
		put_items(out, value);
		break;
	case JSON_STRING:
		json_put_text_span(out,
				   span_of(json_string_value(value), json_string_length(value)));
		break;
	case JSON_INTEGER:
		json_put_int(out, json_integer_value(value));
		break;
	case JSON_REAL:
		json_put_real(out, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_put_bool(out, json_is_true(value));
		break;
	case JSON_NULL:
		json_put_null(out);
		break;
	}
}

static bool
deeper_than(json_t *value, int limit)
{
	const char *key;
	json_t *below;

	if (limit == 0)
		return true;
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (deeper_than(json_array_get(value, i), limit - 1))
			return true;
	}
	json_object_foreach(value, key, below)
	{
		if (deeper_than(below, limit - 1))
			return true;
	}
	return false;
}

static json_t *
object_of(struct span text, json_error_t *where)
{
	json_t *tree =
		json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, where);

	if (tree == NULL || (json_is_object(tree) && !deeper_than(tree, DEEPEST)))
		return tree;
	snprintf(where->text, sizeof(where->text),
		 json_is_object(tree) ? "nested too deep" : "it is no object");
	json_decref(tree);
	return NULL;
}

void
json_put_free(struct json *out, struct span text)
{
	json_error_t where;
	json_t *tree = object_of(text, &where);

	if (tree == NULL) {
		json_put_text_span(out, text);
		return;
	}
	put_members(out, tree);
	json_decref(tree);
}

const char *
json_free_text(struct arena *a, const void *tree)
{
	struct text out;
	struct json json = {.out = &out};

	text_init(&out, 0);
	put_value(&json, (json_t *)(uintptr_t)tree);
	const char *copy = arena_str(a, out.ptr);
	text_fini(&out);
	return copy;
}

bool
record_free_json(struct arena *a, struct span text, const char **out, struct error *err)
{
	json_error_t where;
	json_t *tree = object_of(text, &where);

	if (tree == NULL) {
		error_set(err, E_USAGE_001, "not a JSON object: %s", where.text);
		return false;
	}
	*out = json_free_text(a, tree);
	json_decref(tree);
	return true;
}
