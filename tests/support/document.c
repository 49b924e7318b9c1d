/* Reading back what commands print, with a JSON parser that is not ours. */
#include "tests/support/document.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

struct document {
	json_t *root;
};

struct document *
document_parse(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (root == NULL) {
		fprintf(stderr, "not one JSON document: %s\n%.400s\n", error.text, text);
		CHECK(false && "standard output is one JSON document");
		return NULL;
	}
	struct document *d = malloc(sizeof(*d));
	REQUIRE(d != NULL);
	d->root = root;
	return d;
}

void
document_free(struct document *d)
{
	if (d == NULL)
		return;
	json_decref(d->root);
	free(d);
}

static json_t *
at(const struct document *d, const char *path)
{
	json_t *v = d == NULL ? NULL : d->root;
	char key[128];

	while (v != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");
		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		v = json_is_array(v) ? json_array_get(v, strtoul(key, NULL, 10))
				     : json_object_get(v, key);
		path += n + (path[n] == '.');
	}
	return v;
}

const char *
document_text(const struct document *d, const char *path)
{
	return json_string_value(at(d, path));
}

int64_t
document_int(const struct document *d, const char *path)
{
	json_t *v = at(d, path);

	return json_is_integer(v) ? json_integer_value(v) : INT64_MIN;
}

int
document_bool(const struct document *d, const char *path)
{
	json_t *v = at(d, path);

	return json_is_boolean(v) ? json_is_true(v) : -1;
}

int64_t
document_count(const struct document *d, const char *path)
{
	json_t *v = at(d, path);

	return json_is_array(v)	   ? (int64_t)json_array_size(v)
	       : json_is_object(v) ? (int64_t)json_object_size(v)
				   : -1;
}

bool
document_null(const struct document *d, const char *path)
{
	return json_is_null(at(d, path));
}

bool
document_has(const struct document *d, const char *path)
{
	return at(d, path) != NULL;
}

/* ---- schemas ---- */

struct validation {
	json_t *schema_root;
	char where[512];
};

static bool conforms(struct validation *v, const json_t *schema, const json_t *value);

static bool
breach(const struct validation *v, const char *what, const char *which)
{
	fprintf(stderr, "schema: %s: %s %s\n", v->where[0] ? v->where : "(document)", what, which);
	return false;
}

static const char *
type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	case JSON_NULL:
		return "null";
	}
	return "?";
}

static bool
type_matches(const char *wanted, const char *type)
{
	return strcmp(wanted, type) == 0 ||
	       (strcmp(wanted, "number") == 0 && strcmp(type, "integer") == 0);
}

static bool
check_type(struct validation *v, const json_t *wanted, const json_t *value)
{
	const char *type = type_of(value);

	if (wanted == NULL ||
	    (json_is_string(wanted) && type_matches(json_string_value(wanted), type)))
		return true;
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		if (type_matches(json_string_value(json_array_get(wanted, i)), type))
			return true;
	}
	return breach(v, "has type", type);
}

static bool
check_enum(struct validation *v, const json_t *allowed, const json_t *value)
{
	if (allowed == NULL)
		return true;
	for (size_t i = 0; i < json_array_size(allowed); i++) {
		if (json_equal(json_array_get(allowed, i), value))
			return true;
	}
	return breach(v, "is none of the allowed values:", json_string_value(value));
}

static bool
inside(struct validation *v, const char *key, const json_t *schema, const json_t *value)
{
	size_t len = strlen(v->where);

	snprintf(v->where + len, sizeof(v->where) - len, "%s%s", len ? "." : "", key);
	bool ok = conforms(v, schema, value);
	v->where[len] = '\0';
	return ok;
}

static bool
check_object(struct validation *v, const json_t *schema, const json_t *value)
{
	json_t *properties = json_object_get(schema, "properties");
	json_t *required = json_object_get(schema, "required");
	json_t *more = json_object_get(schema, "additionalProperties");
	const char *key;
	json_t *item;

	for (size_t i = 0; i < json_array_size(required); i++) {
		const char *name = json_string_value(json_array_get(required, i));
		if (json_object_get(value, name) == NULL)
			return breach(v, "lacks", name);
	}
	json_object_foreach((json_t *)(size_t)value, key, item)
	{
		json_t *of = json_object_get(properties, key);
		if (of == NULL && json_is_false(more))
			return breach(v, "has an unknown key", key);
		if (of == NULL && json_is_object(more))
			of = more;
		if (of != NULL && !inside(v, key, of, item))
			return false;
	}
	return true;
}

static bool
conforms(struct validation *v, const json_t *schema, const json_t *value)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	json_t *any = json_object_get(schema, "anyOf");

	if (ref != NULL) {
		json_t *defs = json_object_get(v->schema_root, "$defs");
		json_t *of = json_object_get(defs, strrchr(ref, '/') + 1);
		return of != NULL ? conforms(v, of, value) : breach(v, "refers to nothing:", ref);
	}
	for (size_t i = 0; i < json_array_size(any); i++) {
		json_t *one = json_array_get(any, i);
		const char *type = json_string_value(json_object_get(one, "type"));
		bool null_case = type != NULL && strcmp(type, "null") == 0;
		if (null_case == json_is_null(value))
			return conforms(v, one, value);
	}
	if (!check_type(v, json_object_get(schema, "type"), value) ||
	    !check_enum(v, json_object_get(schema, "enum"), value))
		return false;
	if (json_is_object(value))
		return check_object(v, schema, value);
	json_t *items = json_object_get(schema, "items");
	for (size_t i = 0; items != NULL && i < json_array_size(value); i++) {
		char index[24];
		snprintf(index, sizeof(index), "%zu", i);
		if (!inside(v, index, items, json_array_get(value, i)))
			return false;
	}
	return true;
}

bool
document_valid(const struct document *d, const char *schema)
{
	struct validation v = {0};
	json_error_t error;
	char path[512];

	snprintf(path, sizeof(path), "%s/docs/reference/json-schemas/%s.json", CONFITURE_SOURCE_DIR,
		 schema);
	v.schema_root = json_load_file(path, 0, &error);
	if (v.schema_root == NULL) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		return false;
	}
	bool ok = d != NULL && conforms(&v, v.schema_root, d->root);
	json_decref(v.schema_root);
	return ok;
}
