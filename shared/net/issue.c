/*
 * Errors as records and back. An error is made of fixed texts, so that it can be made when memory
 * cannot; a record is what people and other processes read. Its details are found by name in the
 * descriptor of error_details: a new field there is a new key that errors may carry.
 */
#include "shared/net/net.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/parse.h"
#include "shared/wire/field.h"

#include "shared/base/banned.h"

/* Fields that come from the error's own members; no detail may set them. */
static const char *const own_fields[] = {
	"cause", "retryable", "retry_after_ms", "remediation", "sqlstate", "position", "notes",
};

static bool
is_own(const struct field *f)
{
	for (size_t i = 0; i < ARRAY_LEN(own_fields); i++) {
		if (strcmp(own_fields[i], f->name) == 0)
			return true;
	}
	return false;
}

/* An empty text is an absent one. */
static const char *
text_or_null(struct arena *a, const char *s)
{
	return s[0] != '\0' ? arena_str(a, s) : NULL;
}

static int64_t
int_or_null(int64_t v)
{
	return v != 0 ? v : INT_NULL;
}

static struct record_list
split_lines(struct arena *a, const char *s)
{
	const char **items = NULL;
	size_t count = 0, cap = 0;

	while (*s != '\0') {
		size_t len = strcspn(s, "\n");
		if (len > 0) {
			items = arena_grow(a, items, count, &cap, sizeof(*items));
			items[count++] = arena_span(a, span_of(s, len));
		}
		s += len + (s[len] == '\n');
	}
	return (struct record_list){items, count};
}

/* ---- to a record ---- */
static const struct field *
field_named(const struct record *of, struct span name)
{
	for (size_t i = 0; i < of->count; i++) {
		if (span_equal(field_key(&of->fields[i]), name))
			return &of->fields[i];
	}
	return NULL;
}

/* Finds the field of a dotted key and makes the records on the way to it. */
static const struct field *
find_field(struct arena *a, const char *key, void **ptr)
{
	const struct record *of = &record_error_details;

	for (;;) {
		size_t len = strcspn(key, ".");
		const struct field *f = field_named(of, span_of(key, len));
		if (f == NULL || (of == &record_error_details && is_own(f)))
			return NULL;
		if (key[len] == '\0')
			return f->of == NULL ? f : NULL;
		if (f->type != FIELD_RECORD)
			return NULL;
		void *below = field_record(*ptr, f);
		if (below == NULL) {
			below = record_new(a, f->of);
			field_set(*ptr, f, below);
		}
		*ptr = below;
		of = f->of;
		key += len + 1;
	}
}

static bool
put_detail(struct arena *a, const struct error_detail *d, struct error_details *out)
{
	void *ptr = out;
	const struct field *f = find_field(a, d->key, &ptr);
	int64_t number;

	if (f == NULL)
		return false;
	if (f->type == FIELD_TEXTS) {
		struct record_list lines = split_lines(a, d->value);
		field_set(ptr, f, lines);
	} else if (f->type == FIELD_INT) {
		if (!parse_int(d->value, &number))
			return false;
		field_set(ptr, f, number);
	} else {
		const char *text = arena_str(a, d->value);
		field_set(ptr, f, text);
	}
	return true;
}

/* What has no field of its own is kept as words. */
static void
put_details(struct arena *a, const struct error *err, struct error_details *out)
{
	const char **notes = arena_array(a, ERROR_DETAILS, sizeof(*notes));

	out->notes.items = notes;
	for (uint32_t i = 0; i < err->detail_count; i++) {
		const struct error_detail *d = &err->details[i];
		if (!put_detail(a, d, out))
			notes[out->notes.count++] = arena_printf(a, "%s: %s", d->key, d->value);
	}
}

static struct error_position_doc *
put_position(struct arena *a, const struct error_position *at)
{
	if (at->file[0] == '\0' && at->line == 0 && at->column == 0 && at->statement == 0)
		return NULL;
	struct error_position_doc *p = RECORD_NEW(a, error_position_doc);

	p->file = text_or_null(a, at->file);
	p->line = int_or_null(at->line);
	p->column = int_or_null(at->column);
	p->statement = int_or_null(at->statement);
	return p;
}

void
error_to_issue(struct arena *a, const struct error *err, struct issue *out)
{
	assert(err->code != NULL);
	struct error_details *d = RECORD_NEW(a, error_details);
	enum error_severity severity = err->code->severity;

	d->cause = text_or_null(a, err->cause);
	d->retryable = err->retryable;
	d->retry_after_ms = int_or_null(err->retry_after_ms);
	struct record_list steps =
		split_lines(a, err->hint[0] != '\0' ? err->hint : err->code->remedy);
	d->remediation.items = steps.items;
	d->remediation.count = steps.count;
	d->sqlstate = text_or_null(a, err->sqlstate);
	d->position = put_position(a, &err->at);
	put_details(a, err, d);
	*out = (struct issue){
		.code = err->code->name,
		.message = arena_str(a, err->message),
		.severity = error_severity_name(severity == SEVERITY_CRITICAL ? SEVERITY_ERROR
									      : severity),
		.details = d,
		.migration = text_or_null(a, err->migration),
		.file = text_or_null(a, err->at.file),
		.line = int_or_null(err->at.line),
		.actionable = steps.count > 0,
	};
}

/* ---- from a record ---- */
static void
copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from != NULL ? from : "");
}

static uint32_t
small_or_zero(int64_t v)
{
	return v > 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static void
take_steps(const struct error_details *d, struct error *err)
{
	size_t len = 0;

	for (size_t i = 0; i < d->remediation.count && len < sizeof(err->hint); i++)
		len += (size_t)snprintf(err->hint + len, sizeof(err->hint) - len, "%s%s",
					i > 0 ? "\n" : "", d->remediation.items[i]);
	if (strcmp(err->hint, err->code->remedy) == 0)
		err->hint[0] = '\0';
}

static void take_record(struct error *err, const char *prefix, const struct record *of,
			const void *ptr);

static void
take_field(struct error *err, const char *key, const struct field *f, const void *ptr)
{
	struct record_list list;

	if (f->type == FIELD_TEXT)
		error_detail(err, key, "%s", field_text(ptr, f));
	else if (f->type == FIELD_INT)
		error_detail_int(err, key, field_int(ptr, f));
	else if (f->type == FIELD_RECORD)
		take_record(err, key, f->of, field_record(ptr, f));
	else if (f->type == FIELD_TEXTS) {
		list = field_list(ptr, f);
		for (size_t i = 0; i < list.count; i++)
			error_detail_item(err, key, ((const char *const *)list.items)[i]);
	}
}

static void
take_record(struct error *err, const char *prefix, const struct record *of, const void *ptr)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		char key[128];
		if (field_absent(ptr, f) || (of == &record_error_details && is_own(f)))
			continue;
		snprintf(key, sizeof(key), "%s%s%.*s", prefix, prefix[0] ? "." : "",
			 (int)field_key(f).len, f->name);
		take_field(err, key, f, ptr);
	}
}

static void
take_notes(const struct error_details *d, struct error *err)
{
	for (size_t i = 0; i < d->notes.count; i++) {
		const char *note = d->notes.items[i], *colon = strstr(note, ": ");
		char key[sizeof(err->details[0].key)];
		if (colon == NULL)
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)(colon - note), note);
		error_detail(err, key, "%s", colon + 2);
	}
}

static void
take_details(const struct error_details *d, struct error *err)
{
	copy_text(err->cause, sizeof(err->cause), d->cause);
	copy_text(err->sqlstate, sizeof(err->sqlstate), d->sqlstate);
	err->retryable = d->retryable;
	err->retry_after_ms = d->retry_after_ms == INT_NULL ? 0 : d->retry_after_ms;
	if (d->position != NULL) {
		err->at.column = small_or_zero(d->position->column);
		err->at.statement = small_or_zero(d->position->statement);
	}
	take_steps(d, err);
	take_record(err, "", &record_error_details, d);
	take_notes(d, err);
}

void
error_from_issue(const struct issue *issue, struct error *err)
{
	const struct error_code *code = error_code_named(issue->code);

	if (err == NULL)
		return;
	error_set(err, code != NULL ? code->id : E_INTERNAL_ERROR, "%s", issue->message);
	if (code == NULL)
		error_wrap(err, "%s", issue->code); /* of a newer confiture */
	copy_text(err->migration, sizeof(err->migration), issue->migration);
	copy_text(err->at.file, sizeof(err->at.file), issue->file);
	err->at.line = small_or_zero(issue->line);
	if (issue->details != NULL)
		take_details(issue->details, err);
}
