#ifndef CONFITURE_WIRE_RECORD_H
#define CONFITURE_WIRE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/span.h"
#include "shared/base/text.h"

/*
 * Records: structs that know their own shape. Each is one X-macro list of fields; the struct, the
 * deep copy, the JSON printer and reader, and the JSON schema all walk the same descriptor.
 *
 *   #define RECORD_point(F)                                        \
 *           F(1, INT, _, x, 0, "position in pixels")               \
 *           F(2, TEXT, _, label, NULLABLE, "what the user typed")
 *   RECORD_DECLARE(point)          in the header: struct point, extern descriptor record_point
 *   RECORD_DEFINE(point, "doc")    in one .c
 *
 * F(number, TYPE, of, name, flags, doc). Numbers are for the binary form and are never reused.
 * Types:
 *   TEXT    const char *         UTF-8; NULL = absent
 *   CHOICE  const char *         as TEXT; `of` is the literal list "a|b|c"
 *   INT     int64_t              INT_NULL = absent
 *   REAL    double               REAL_NULL (not a number) = absent
 *   BOOL    bool                 false = absent where OPTIONAL
 *   TEXTS   {const char **items; size_t count}
 *   RECORD  struct of *          NULL = absent
 *   RECORDS {struct of *items; size_t count}
 *   ANY     struct any           a record of a type known at run time; ptr NULL = absent
 *   BYTES   struct span          bytes of a file; ptr NULL = absent, or empty without a flag. They
 *                                travel but never rest: JSON shows their number, none reads it
 *
 * Flags: NULLABLE prints null when absent; OPTIONAL leaves the key out when absent (lists: when
 * empty). Without either the value must be there. AS_MAP makes a RECORDS an object: each record has
 * two fields without flags, the first, a TEXT, is the key and the second the value. AS_JSON
 * prints a TEXT, which is a JSON object of any shape, as that object. AS_TRUTH prints an INT, 0 or
 * 1, as false or true: with NULLABLE it may also be unknown. A trailing underscore of a field's
 * name is not part of its JSON name.
 *
 * Records point into an arena and own nothing.
 */
enum field_type {
	FIELD_TEXT,
	FIELD_CHOICE,
	FIELD_INT,
	FIELD_REAL,
	FIELD_BOOL,
	FIELD_TEXTS,
	FIELD_RECORD,
	FIELD_RECORDS,
	FIELD_ANY,
	FIELD_BYTES
};

enum { NULLABLE = 1, OPTIONAL = 2, AS_MAP = 4, AS_JSON = 8, AS_TRUTH = 16 };

#define INT_NULL  INT64_MIN
#define REAL_NULL __builtin_nan("")

struct record;

struct field {
	uint16_t number;
	enum field_type type;
	const char *name;
	unsigned flags;
	size_t offset;
	const struct record *of; /* RECORD, RECORDS */
	const char *choices;	 /* CHOICE */
	const char *doc;
};

struct record {
	const char *name;
	const char *doc;
	size_t size;
	const struct field *fields;
	size_t count;
};

struct any {
	const struct record *of;
	void *ptr;
};

/* What every TEXTS and RECORDS field looks like to code that walks descriptors. */
struct record_list {
	void *items;
	size_t count;
};

/* clang-format off */
#define FIELD_C_TEXT(of, name) const char *name;
#define FIELD_C_CHOICE(of, name) const char *name;
#define FIELD_C_INT(of, name) int64_t name;
#define FIELD_C_REAL(of, name) double name;
#define FIELD_C_BOOL(of, name) bool name;
#define FIELD_C_TEXTS(of, name) struct { const char **items; size_t count; } name;
#define FIELD_C_RECORD(of, name) struct of *name;
#define FIELD_C_RECORDS(of, name) struct { struct of *items; size_t count; } name;
#define FIELD_C_ANY(of, name) struct any name;
#define FIELD_C_BYTES(of, name) struct span name;
#define FIELD_C(number, type, of, name, flags, doc) FIELD_C_##type(of, name)

#define FIELD_OF_TEXT(rec) .of = NULL
#define FIELD_OF_CHOICE(rec) .choices = rec
#define FIELD_OF_INT(rec) .of = NULL
#define FIELD_OF_REAL(rec) .of = NULL
#define FIELD_OF_BOOL(rec) .of = NULL
#define FIELD_OF_TEXTS(rec) .of = NULL
#define FIELD_OF_RECORD(rec) .of = &record_##rec
#define FIELD_OF_RECORDS(rec) .of = &record_##rec
#define FIELD_OF_ANY(rec) .of = NULL
#define FIELD_OF_BYTES(rec) .of = NULL
#define FIELD_ROW(num, kind, rec, field, flag, text) \
	{.number = (num), .type = FIELD_##kind, .name = #field, .flags = (flag), \
	 .offset = offsetof(RECORD_TYPE, field), FIELD_OF_##kind(rec), .doc = (text)},

#define RECORD_DECLARE(rec) struct rec { RECORD_##rec(FIELD_C) }; extern const struct record record_##rec;
/* The including .c defines RECORD_TYPE as `struct rec` around each use: see records.c. */
#define RECORD_DEFINE(rec, text) \
	static const struct field fields_##rec[] = {RECORD_##rec(FIELD_ROW)}; \
	const struct record record_##rec = {#rec, text, sizeof(struct rec), fields_##rec, \
					    sizeof(fields_##rec) / sizeof(fields_##rec[0])};
/* clang-format on */

/* An empty record: zeroes, and INT_NULL or REAL_NULL in numbers that may be absent. */
void record_init(const struct record *of, void *ptr);
void *record_new(struct arena *arena, const struct record *of);
#define RECORD_NEW(arena, rec) ((struct rec *)record_new((arena), &record_##rec))

/* Deep copy into `arena`; the copy shares nothing with `from`. NULL stays NULL. */
void *record_copy(struct arena *arena, const struct record *of, const void *from);

/*
 * JSON for people and programs. `indent` 0 prints one line, 2 the pretty form of the CLI's
 * documents; no line end follows. Control characters and everything that could confuse a terminal
 * are escaped; the output is always valid JSON, also when a TEXT is not UTF-8 (each bad byte
 * becomes U+FFFD). Keys come in the order of the fields. An ANY prints as the record that it holds.
 * A value that must be there and is not is a broken invariant: the process ends.
 */
void record_json(struct text *out, const struct record *of, const void *ptr, int indent);
/*
 * JSON at rest, for the journal: one line, and an ANY prints as {"record":NAME,"value":{…}}, so
 * that record_parse() can read it back.
 */
void record_json_named(struct text *out, const struct record *of, const void *ptr);
/*
 * The reverse of record_json_named(), and of record_json() for records without ANY; BYTES are
 * refused. Strict: each value of exactly its type, a CHOICE one of its words, null only where
 * NULLABLE. Unknown keys are skipped; a missing key without flag is an error (INTERNAL_ERROR,
 * naming record and field).
 */
MUST_USE bool record_parse(struct arena *arena, const struct record *of, struct span json,
			   void **out, struct error *err);
/* JSON Schema (2020-12) of what record_json() prints, as one document of at most 64 records. `id`
 * is its file name. */
void record_schema(struct text *out, const struct record *of, const char *id);

/* `text` as one line of JSON, when it is an object: for AS_JSON. USAGE_001 else. */
MUST_USE bool record_free_json(struct arena *arena, struct span text, const char **out,
			       struct error *err);

/* A JSON string with its quotes. Shared with whoever writes JSON by hand (error details). */
void json_put_string(struct text *out, struct span s);

#endif
