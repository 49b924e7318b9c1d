/*
 * The reference page of the protocol, printed from the tables that the programs themselves walk, so
 * that whoever writes a client of their own reads what is really spoken.
 */
#include "shared/wire/codec.h"
#include "shared/wire/reader.h"

#include "shared/wire/field.h"

#include "shared/base/banned.h"

static void
put_intro(struct text *out)
{
	text_printf(
		out,
		"# The protocol\n"
		"\n"
		"Requests go from a client (`confiture`, or a worker) to the coordinator; each has "
		"one "
		"reply. This is protocol %d; the oldest that this version understands is %d.\n"
		"\n"
		"A message is msgpack, at most %d bytes, nested at most %d deep, with at most %d "
		"values.\n"
		"\n"
		"- A request is the list `[protocol, kind, timeout in ms, record]`.\n"
		"- A reply is `[protocol, 0, record]`; a refusal is `[protocol, 1, refusal]`.\n"
		"- A record is a map from field numbers to values. What is absent is left out. "
		"Numbers "
		"are never used again for another field.\n"
		"- A reader skips fields of numbers that it does not know, and elements behind the "
		"last one of a list above. A negative number marks a field that must be "
		"understood.\n"
		"- `hello`, its reply and refusals keep their form in every protocol.\n"
		"- What does not fit is refused with WIRE_001, another protocol with COORD_002.\n"
		"\n",
		WIRE_PROTOCOL, WIRE_PROTOCOL_OLDEST, WIRE_MESSAGE_LIMIT, READER_DEPTH,
		READER_VALUES);
}

/* A bar would end the table's cell. */
static void
put_cell(struct text *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '|' || *s == '<')
			text_put_char(out, '\\');
		text_put_char(out, *s);
	}
}

static void
put_messages(struct text *out)
{
	static const struct {
		int number;
		const char *request, *reply, *who, *doc;
	} rows[] = {
#define ROW(number, request, reply, who, doc) {number, #request, #reply, #who, doc},
		MESSAGES(ROW)
#undef ROW
	};

	text_put(out,
		 "## Requests\n\n| kind | request | reply | from | |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		text_printf(out, "| %d | [`%s`](#%s) | [`%s`](#%s) | ", rows[i].number,
			    rows[i].request, rows[i].request, rows[i].reply, rows[i].reply);
		for (const char *p = rows[i].who; *p != '\0'; p++)
			text_put_char(out, (char)(*p | 0x20));
		text_put(out, " | ");
		put_cell(out, rows[i].doc);
		text_put(out, " |\n");
	}
}

static void
put_choices(struct text *out, const char *choices)
{
	for (const char *p = choices; p != NULL; p = strchr(p, '|')) {
		if (*p == '|') {
			text_put(out, ", ");
			p++;
		}
		text_printf(out, "`%.*s`", (int)strcspn(p, "|"), p);
	}
}

static void
put_type(struct text *out, const struct field *f)
{
	static const char *const names[] = {
		[FIELD_TEXT] = "text",
		[FIELD_CHOICE] = "one of ",
		[FIELD_INT] = "whole number",
		[FIELD_REAL] = "number",
		[FIELD_BOOL] = "true or false",
		[FIELD_TEXTS] = "list of texts",
		[FIELD_RECORD] = "",
		[FIELD_RECORDS] = "list of ",
		[FIELD_ANY] = "list of a record's name and the record",
		[FIELD_BYTES] = "bytes",
	};

	text_put(out, f->flags & AS_TRUTH ? names[FIELD_BOOL] : names[f->type]);
	if (f->choices != NULL)
		put_choices(out, f->choices);
	if (f->of != NULL)
		text_printf(out, "[`%s`](#%s)", f->of->name, f->of->name);
}

static void
put_record(struct text *out, const struct record *of)
{
	text_printf(out, "\n### %s\n\n%s\n\n| | field | type | | |\n|---|---|---|---|---|\n",
		    of->name, of->doc);
	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		struct span key = field_key(f);
		bool may_lack = (f->flags & (NULLABLE | OPTIONAL)) != 0;
		text_printf(out, "| %d | `%.*s` | ", f->number, (int)key.len, key.ptr);
		put_type(out, f);
		text_put(out, may_lack ? " | may be absent | " : " | | ");
		put_cell(out, f->doc);
		text_put(out, " |\n");
	}
}

void
protocol_page(struct text *out)
{
	put_intro(out);
	put_messages(out);
	text_put(out, "\n## Records\n");
	for (size_t i = 0; record_at(i) != NULL; i++)
		put_record(out, record_at(i));
}
