/*
 * Records as JSON: one walk over the descriptor serves what users see and what the journal keeps.
 * The two differ only where a field may hold a record of any type: people get the record itself,
 * the journal also its name, since a reader could not tell the type from its keys.
 */
#include "shared/wire/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/wire/field.h"
#include "shared/wire/json.h"

#include "shared/base/banned.h"

struct printer {
	struct json json;
	bool named; /* ANY with the name of its record */
};

static void print_record(struct printer *p, const struct record *of, const void *ptr);

static void
print_list(struct printer *p, const struct field *f, struct record_list list)
{
	const char *const *texts = list.items;
	const char *bytes = list.items;

	json_put_open(&p->json, '[');
	for (size_t i = 0; i < list.count; i++) {
		if (f->type == FIELD_TEXTS)
			json_put_text(&p->json, texts[i]);
		else
			print_record(p, f->of, bytes + i * f->of->size);
	}
	json_put_close(&p->json, ']');
}

static void print_value(struct printer *p, const struct field *f, const void *ptr);

static void
print_map(struct printer *p, const struct field *f, struct record_list list)
{
	const struct field *key = &f->of->fields[0], *value = &f->of->fields[1];
	const char *bytes = list.items;

	json_put_open(&p->json, '{');
	for (size_t i = 0; i < list.count; i++) {
		json_put_key(&p->json, field_text(bytes + i * f->of->size, key));
		print_value(p, value, bytes + i * f->of->size);
	}
	json_put_close(&p->json, '}');
}

static void
print_any(struct printer *p, struct any any)
{
	if (!p->named) {
		print_record(p, any.of, any.ptr);
		return;
	}
	json_put_open(&p->json, '{');
	json_put_key(&p->json, "record");
	json_put_text(&p->json, any.of->name);
	json_put_key(&p->json, "value");
	print_record(p, any.of, any.ptr);
	json_put_close(&p->json, '}');
}

static void
print_value(struct printer *p, const struct field *f, const void *ptr)
{
	switch (f->type) {
	case FIELD_TEXT:
		if (f->flags & AS_JSON) {
			json_put_free(&p->json, span_str(field_text(ptr, f)));
			break;
		}
		json_put_text(&p->json, field_text(ptr, f));
		break;
	case FIELD_CHOICE:
		json_put_text(&p->json, field_text(ptr, f));
		break;
	case FIELD_INT:
		if (f->flags & AS_TRUTH)
			json_put_bool(&p->json, field_int(ptr, f) != 0);
		else
			json_put_int(&p->json, field_int(ptr, f));
		break;
	case FIELD_REAL:
		json_put_real(&p->json, field_real(ptr, f));
		break;
	case FIELD_BOOL:
		json_put_bool(&p->json, field_bool(ptr, f));
		break;
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		if (f->flags & AS_MAP)
			print_map(p, f, field_list(ptr, f));
		else
			print_list(p, f, field_list(ptr, f));
		break;
	case FIELD_RECORD:
		print_record(p, f->of, field_record(ptr, f));
		break;
	case FIELD_ANY:
		print_any(p, field_any(ptr, f));
		break;
	case FIELD_BYTES:
		json_put_int(&p->json, (int64_t)field_bytes(ptr, f).len);
		break;
	}
}

static void
print_field(struct printer *p, const struct record *of, const struct field *f, const void *ptr)
{
	bool absent = field_absent(ptr, f);

	if (absent && (f->flags & OPTIONAL))
		return;
	if (absent && !field_may_lack(f)) {
		fprintf(stderr, "confiture: %s.%s must be there\n", of->name, f->name);
		abort();
	}
	json_put_key_span(&p->json, field_key(f));
	if (absent)
		json_put_null(&p->json);
	else
		print_value(p, f, ptr);
}

static void
print_record(struct printer *p, const struct record *of, const void *ptr)
{
	json_put_open(&p->json, '{');
	for (size_t i = 0; i < of->count; i++)
		print_field(p, of, &of->fields[i], ptr);
	json_put_close(&p->json, '}');
}

void
record_json(struct text *out, const struct record *of, const void *ptr, int indent)
{
	struct printer p = {.json = {.out = out, .indent = indent}};

	print_record(&p, of, ptr);
}

void
record_json_named(struct text *out, const struct record *of, const void *ptr)
{
	struct printer p = {.json = {.out = out}, .named = true};

	print_record(&p, of, ptr);
}
