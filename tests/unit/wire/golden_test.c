/*
 * What programs out there send: every message of protocol 1 as bytes, with what they mean. Lines
 * are never changed, only added: a message that a released program sends is understood for ever.
 * After adding a message, run this program with CONFITURE_RENEW set; it appends what is missing.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/codec.h"
#include "tests/support/unit.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

/* Three lines a message: its name, its bytes in hex, its record as JSON. */
struct entry_lines {
	struct span name, hex, json;
};

static char *
file_text(const char *path, struct text *out)
{
	char chunk[4096];
	size_t got;
	FILE *f = fopen(path, "r");

	while (f != NULL && (got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		text_put_span(out, span_of(chunk, got));
	if (f != NULL)
		fclose(f);
	return out->ptr;
}

static struct span
next_line(const char **at)
{
	size_t len = strcspn(*at, "\n");
	struct span line = span_of(*at, len);

	*at += len + ((*at)[len] == '\n');
	return line;
}

static bool
next_entry(const char **at, struct entry_lines *out)
{
	if (**at == '\0')
		return false;
	out->name = next_line(at);
	out->hex = next_line(at);
	out->json = next_line(at);
	return true;
}

static bool
find_entry(const char *golden, const char *name, struct entry_lines *out)
{
	while (next_entry(&golden, out)) {
		if (span_is(out->name, name))
			return true;
	}
	return false;
}

static void
put_hex(struct text *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		text_printf(out, "%02x", (unsigned char)bytes.ptr[i]);
}

static struct span
from_hex(struct arena *a, struct span hex)
{
	char *bytes = arena_alloc(a, hex.len / 2 + 1);

	for (size_t i = 0; i < hex.len / 2; i++) {
		char two[3] = {hex.ptr[2 * i], hex.ptr[2 * i + 1], '\0'};
		bytes[i] = (char)strtoul(two, NULL, 16);
	}
	return span_of(bytes, hex.len / 2);
}

/* A frame of the golden file. `kind` NONE: a refusal. */
struct frame {
	char name[100];
	enum message_kind kind;
	bool request;
	const struct record *of;
};

/* Number `i` of all frames that there are. */
static bool
frame_at(int i, struct frame *out)
{
	enum message_kind kind = (enum message_kind)(i / 2);

	if (kind >= MESSAGE_KINDS || i < 1)
		return false;
	*out = (struct frame){.kind = kind, .request = i % 2 == 0, .of = &record_refusal};
	const struct message_type *type = message_type(kind);
	if (kind != MESSAGE_NONE)
		out->of = out->request ? type->request : type->reply;
	snprintf(out->name, sizeof(out->name), "%s%s%s", kind ? type->request->name : "refusal",
		 kind && !out->request ? " -> " : "", kind && !out->request ? out->of->name : "");
	return true;
}

static void
encode(struct text *out, const struct frame *f, const void *body)
{
	if (f->kind == MESSAGE_NONE)
		wire_encode_refusal(out, body);
	else if (f->request)
		wire_encode_request(out, f->kind, 20000, body);
	else
		wire_encode_reply(out, f->kind, body);
}

static bool
decode(struct arena *a, const struct frame *f, struct span bytes, void **body, struct error *err)
{
	enum message_kind kind = MESSAGE_job_show;
	int64_t timeout_ms;
	int status;

	if (f->request)
		return wire_decode_request(a, bytes, &kind, &timeout_ms, body, err) &&
		       kind == f->kind && timeout_ms == 20000;
	return wire_decode_reply(a, bytes, f->kind ? f->kind : kind, &status, body, err) &&
	       status == (f->kind ? WIRE_REPLY : WIRE_REFUSAL);
}

static void
append_missing(const char *golden)
{
	struct frame frame;
	struct entry_lines old;
	struct text out;
	FILE *f = fopen(GOLDEN, "a");

	REQUIRE(f != NULL);
	for (int i = 1; frame_at(i, &frame); i++) {
		struct arena a;
		struct text bytes;
		if (find_entry(golden, frame.name, &old))
			continue;
		arena_init(&a);
		text_init(&bytes, 0);
		text_init(&out, 0);
		const void *body = sample_fill(&a, frame.of);
		encode(&bytes, &frame, body);
		text_printf(&out, "%s\n", frame.name);
		put_hex(&out, text_span(&bytes));
		text_put(&out, "\n");
		record_json_named(&out, frame.of, body);
		text_put(&out, "\n");
		CHECK(fputs(out.ptr, f) >= 0);
		text_fini(&out);
		text_fini(&bytes);
		arena_fini(&a);
	}
	CHECK_INT(fclose(f), 0);
}

/* All that `kept` says, `now` says too; `now` may have fields that came later. */
static bool
says_all_of(const json_t *now, json_t *kept)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_array(kept)) {
		bool same = json_array_size(now) == json_array_size(kept);
		json_array_foreach(kept, i, value)
		{
			same = same && says_all_of(json_array_get(now, i), value);
		}
		return same;
	}
	if (!json_is_object(kept))
		return json_equal(now, kept);
	json_object_foreach(kept, key, value)
	{
		if (!says_all_of(json_object_get(now, key), value))
			return false;
	}
	return json_is_object(now);
}

static void
check_meaning(const struct frame *frame, const void *body, struct span kept)
{
	struct text now;

	text_init(&now, 0);
	record_json_named(&now, frame->of, body);
	json_t *one = json_loadb(now.ptr, now.len, 0, NULL);
	json_t *other = json_loadb(kept.ptr, kept.len, 0, NULL);
	REQUIRE(one != NULL && other != NULL);
	if (!says_all_of(one, other))
		CHECK_STR(now.ptr, "what the golden file says");
	json_decref(one);
	json_decref(other);
	text_fini(&now);
}

/* Absent fields are left out, so the bytes stay the same when a record gets more of them. */
static void
check_bytes(const struct frame *frame, const void *body, struct span kept)
{
	struct text bytes, hex;

	text_init(&bytes, 0);
	text_init(&hex, 0);
	encode(&bytes, frame, body);
	put_hex(&hex, text_span(&bytes));
	if (!span_equal(text_span(&hex), kept))
		CHECK_STR(hex.ptr, "the bytes of the golden file");
	text_fini(&hex);
	text_fini(&bytes);
}

static void
every_message_of_protocol_1_is_understood_for_ever(void)
{
	struct text golden;
	struct frame frame;
	struct entry_lines lines;
	int count = 0;

	text_init(&golden, 0);
	file_text(GOLDEN, &golden);
	if (getenv("CONFITURE_RENEW") != NULL) {
		append_missing(golden.ptr);
		text_clear(&golden);
		file_text(GOLDEN, &golden);
	}
	for (int i = 1; frame_at(i, &frame); i++, count++) {
		struct arena a;
		struct error err = {0};
		void *body;
		if (!find_entry(golden.ptr, frame.name, &lines)) {
			CHECK_STR(frame.name, "a line of the golden file");
			continue;
		}
		arena_init(&a);
		bool ok = decode(&a, &frame, from_hex(&a, lines.hex), &body, &err);
		CHECK_STR(err.message, "");
		CHECK(ok);
		if (ok) {
			check_meaning(&frame, body, lines.json);
			check_bytes(&frame, body, lines.hex);
		}
		arena_fini(&a);
	}
	CHECK(count > 28);
	text_fini(&golden);
}

/* A message that is no longer in the table would be kept here in vain. */
static void
every_line_is_of_a_message_that_there_is(void)
{
	struct text golden;
	struct entry_lines lines;
	size_t kept = 0, frames = 0;
	struct frame frame;

	text_init(&golden, 0);
	const char *at = file_text(GOLDEN, &golden);
	while (next_entry(&at, &lines)) {
		bool found = false;
		for (int i = 1; frame_at(i, &frame); i++)
			found = found || span_is(lines.name, frame.name);
		CHECK(found);
		kept++;
	}
	for (int i = 1; frame_at(i, &frame); i++)
		frames++;
	CHECK_INT(kept, frames);
	text_fini(&golden);
}

static void
the_reference_page_is_the_table(void)
{
	struct text made, kept;

	text_init(&made, 0);
	text_init(&kept, 0);
	protocol_page(&made);
	if (getenv("CONFITURE_RENEW") != NULL) {
		FILE *f = fopen(PROTOCOL_PAGE, "w");
		REQUIRE(f != NULL);
		CHECK(fputs(made.ptr, f) >= 0);
		CHECK_INT(fclose(f), 0);
	}
	CHECK_STR(made.ptr, file_text(PROTOCOL_PAGE, &kept));
	for (size_t i = 0; record_at(i) != NULL; i++) {
		char heading[100];
		snprintf(heading, sizeof(heading), "\n### %s\n", record_at(i)->name);
		CHECK_HAS(kept.ptr, heading);
	}
	text_fini(&made);
	text_fini(&kept);
}

static const struct unit_case cases[] = {
	CASE(every_message_of_protocol_1_is_understood_for_ever),
	CASE(every_line_is_of_a_message_that_there_is),
	CASE(the_reference_page_is_the_table),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_golden", cases, ARRAY_LEN(cases), argc, argv);
}
