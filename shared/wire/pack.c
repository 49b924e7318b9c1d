/*
 * Records as msgpack bytes: one walk over the descriptor, each value written by msgpack-c. The
 * library is used for writing only; what others wrote goes through our own bounded reader.
 */
#include "shared/wire/pack.h"

#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/wire/field.h"

#include "shared/base/banned.h"

static int
put(void *data, const char *bytes, size_t len)
{
	struct text *out = data;

	text_put_span(out, span_of(bytes, len));
	return 0;
}

static void
put_text(msgpack_packer *p, const char *s)
{
	size_t len = strlen(s);

	msgpack_pack_str(p, len);
	msgpack_pack_str_body(p, s, len);
}

static void
put_bytes(msgpack_packer *p, struct span bytes)
{
	msgpack_pack_bin(p, bytes.len);
	if (bytes.len > 0)
		msgpack_pack_bin_body(p, bytes.ptr, bytes.len);
}

static void put_record(msgpack_packer *p, const struct record *of, const void *ptr);

static void
put_list(msgpack_packer *p, const struct field *f, struct record_list list)
{
	const char *const *texts = list.items;
	const char *bytes = list.items;

	msgpack_pack_array(p, list.count);
	for (size_t i = 0; i < list.count; i++) {
		if (f->type == FIELD_TEXTS)
			put_text(p, texts[i]);
		else
			put_record(p, f->of, bytes + i * f->of->size);
	}
}

static void
put_bool(msgpack_packer *p, bool yes)
{
	if (yes)
		msgpack_pack_true(p);
	else
		msgpack_pack_false(p);
}

static void
put_any(msgpack_packer *p, struct any any)
{
	msgpack_pack_array(p, 2);
	put_text(p, any.of->name);
	put_record(p, any.of, any.ptr);
}

static void
put_value(msgpack_packer *p, const struct field *f, const void *ptr)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
		put_text(p, field_text(ptr, f));
		break;
	case FIELD_INT:
		msgpack_pack_int64(p, field_int(ptr, f));
		break;
	case FIELD_REAL:
		msgpack_pack_double(p, field_real(ptr, f));
		break;
	case FIELD_BOOL:
		put_bool(p, field_bool(ptr, f));
		break;
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		put_list(p, f, field_list(ptr, f));
		break;
	case FIELD_RECORD:
		put_record(p, f->of, field_record(ptr, f));
		break;
	case FIELD_ANY:
		put_any(p, field_any(ptr, f));
		break;
	case FIELD_BYTES:
		put_bytes(p, field_bytes(ptr, f));
		break;
	}
}

static void
put_record(msgpack_packer *p, const struct record *of, const void *ptr)
{
	size_t count = 0;

	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		bool absent = field_absent(ptr, f);
		if (absent && (f->flags & (NULLABLE | OPTIONAL)) == 0) {
			fprintf(stderr, "confiture: %s.%s must be there\n", of->name, f->name);
			abort();
		}
		count += !absent;
	}
	msgpack_pack_map(p, count);
	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		if (field_absent(ptr, f))
			continue;
		msgpack_pack_uint16(p, f->number);
		put_value(p, f, ptr);
	}
}

void
pack_list(struct text *out, size_t count)
{
	msgpack_packer p;

	msgpack_packer_init(&p, out, put);
	msgpack_pack_array(&p, count);
}

void
pack_int(struct text *out, int64_t value)
{
	msgpack_packer p;

	msgpack_packer_init(&p, out, put);
	msgpack_pack_int64(&p, value);
}

void
pack_record(struct text *out, const struct record *of, const void *ptr)
{
	msgpack_packer p;

	msgpack_packer_init(&p, out, put);
	put_record(&p, of, ptr);
}
