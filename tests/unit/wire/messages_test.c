/* The tables of the protocol are well formed. */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/field.h"
#include "shared/wire/messages.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
every_message_has_its_two_records(void)
{
	static const struct {
		int number;
		const char *request, *reply, *who;
	} rows[] = {
#define ROW(number, request, reply, who, doc) {number, #request, #reply, #who},
		MESSAGES(ROW)
#undef ROW
	};
	bool seen[MESSAGE_KINDS] = {false};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		REQUIRE(rows[i].number > MESSAGE_NONE && rows[i].number < MESSAGE_KINDS);
		CHECK(!seen[rows[i].number]);
		seen[rows[i].number] = true;
		const struct message_type *m = message_type((enum message_kind)rows[i].number);
		REQUIRE(m != NULL);
		CHECK_INT(m->kind, rows[i].number);
		CHECK(m->request == record_named(rows[i].request));
		CHECK(m->reply == record_named(rows[i].reply));
		CHECK_INT(m->from_worker, strcmp(rows[i].who, "WORKER") == 0);
	}
	CHECK(message_type(MESSAGE_NONE) == NULL);
	CHECK(message_type(MESSAGE_KINDS) == NULL);
}

static void
each_record_is_found_by_its_name_and_no_other(void)
{
	size_t i;

	for (i = 0; record_at(i) != NULL; i++) {
		CHECK(record_named(record_at(i)->name) == record_at(i));
		CHECK(record_at(i)->doc[0] != '\0');
	}
	CHECK(i > 50);
	CHECK(record_named("nothing") == NULL);
	CHECK(record_named("") == NULL);
}

static void
field_numbers_and_names_are_unique_within_a_record(void)
{
	for (size_t r = 0; record_at(r) != NULL; r++) {
		const struct record *of = record_at(r);
		for (size_t i = 0; i < of->count; i++) {
			CHECK(of->fields[i].number != 0);
			for (size_t k = 0; k < i; k++) {
				CHECK(of->fields[k].number != of->fields[i].number);
				CHECK(!span_equal(field_key(&of->fields[k]),
						  field_key(&of->fields[i])));
			}
		}
	}
}

/* A record that a walk meets below another must be in the table too: documents refer to it. */
static void
fields_lead_to_records_of_the_table_and_choices_to_words(void)
{
	for (size_t r = 0; record_at(r) != NULL; r++) {
		const struct record *of = record_at(r);
		for (size_t i = 0; i < of->count; i++) {
			const struct field *f = &of->fields[i];
			bool holds = f->type == FIELD_RECORD || f->type == FIELD_RECORDS;
			CHECK_INT(f->of != NULL, holds);
			CHECK(f->of == NULL || record_named(f->of->name) == f->of);
			CHECK_INT(f->choices != NULL, f->type == FIELD_CHOICE);
			CHECK(f->choices == NULL ||
			      (f->choices[0] != '\0' && strstr(f->choices, "||") == NULL &&
			       f->choices[0] != '|' && f->choices[strlen(f->choices) - 1] != '|'));
			CHECK(f->offset < of->size);
		}
	}
}

static const struct unit_case cases[] = {
	CASE(every_message_has_its_two_records),
	CASE(each_record_is_found_by_its_name_and_no_other),
	CASE(field_numbers_and_names_are_unique_within_a_record),
	CASE(fields_lead_to_records_of_the_table_and_choices_to_words),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_messages", cases, ARRAY_LEN(cases), argc, argv);
}
