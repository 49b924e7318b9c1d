/* Errors as values. Fixed room for every text: an error must be possible when memory is not. */
#include "shared/base/error.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/banned.h"

/* defined here; elsewhere the compiler is told what they return */
#undef error_set
#undef error_wrap
#undef error_errno

static void
put(char *to, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(to, size, fmt, ap);
}

bool
error_set(struct error *err, enum error_id id, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return false;
	*err = (struct error){.code = error_code(id)};
	va_start(ap, fmt);
	put(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	return false;
}

bool
error_wrap(struct error *err, const char *fmt, ...)
{
	char context[ERROR_TEXT], message[ERROR_TEXT];
	va_list ap;

	if (err == NULL)
		return false;
	va_start(ap, fmt);
	put(context, sizeof(context), fmt, ap);
	va_end(ap);
	memcpy(message, err->message, sizeof(message));
	int n = snprintf(err->message, sizeof(err->message), "%s: %s", context, message);
	if (n >= (int)sizeof(err->message))
		err->message[sizeof(err->message) - 1] = '\0';
	return false;
}

bool
error_errno(struct error *err, enum error_id id, int errno_value, const char *fmt, ...)
{
	char buffer[128];
	va_list ap;

	if (err == NULL)
		return false;
	*err = (struct error){.code = error_code(id)};
	va_start(ap, fmt);
	put(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	error_cause(err, "%s", strerror_r(errno_value, buffer, sizeof(buffer)));
	return false;
}

void
error_cause(struct error *err, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return;
	va_start(ap, fmt);
	put(err->cause, sizeof(err->cause), fmt, ap);
	va_end(ap);
}

void
error_hint(struct error *err, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return;
	va_start(ap, fmt);
	put(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

void
error_at(struct error *err, const char *file, uint32_t line, uint32_t column)
{
	if (err == NULL)
		return;
	snprintf(err->at.file, sizeof(err->at.file), "%s", file ? file : "");
	err->at.line = line;
	err->at.column = column;
}

static struct error_detail *
detail_slot(struct error *err, const char *key)
{
	for (uint32_t i = 0; i < err->detail_count; i++) {
		if (strcmp(err->details[i].key, key) == 0)
			return &err->details[i];
	}
	if (err->detail_count == ERROR_DETAILS)
		return NULL;
	struct error_detail *d = &err->details[err->detail_count++];
	*d = (struct error_detail){0};
	snprintf(d->key, sizeof(d->key), "%s", key);
	return d;
}

void
error_detail(struct error *err, const char *key, const char *fmt, ...)
{
	struct error_detail *d = err == NULL ? NULL : detail_slot(err, key);
	va_list ap;

	if (d == NULL)
		return;
	d->kind = DETAIL_TEXT;
	va_start(ap, fmt);
	put(d->value, sizeof(d->value), fmt, ap);
	va_end(ap);
}

void
error_detail_int(struct error *err, const char *key, int64_t value)
{
	struct error_detail *d = err == NULL ? NULL : detail_slot(err, key);

	if (d == NULL)
		return;
	d->kind = DETAIL_INT;
	snprintf(d->value, sizeof(d->value), "%lld", (long long)value);
}

void
error_detail_item(struct error *err, const char *key, const char *item)
{
	struct error_detail *d = err == NULL ? NULL : detail_slot(err, key);

	if (d == NULL)
		return;
	d->kind = DETAIL_LIST;
	size_t len = strlen(d->value);
	if (len + strlen(item) + 2 <= sizeof(d->value))
		snprintf(d->value + len, sizeof(d->value) - len, "%s%s", len ? "\n" : "", item);
}
