/* `audit export` and `audit verify FILE`: a chain that is kept elsewhere proves itself, and shows
 * whether the journal still contains it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/journal/journal.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/run_cli.h"

#include "shared/base/banned.h"

static const char place[] = ".confiture/journal.db";

static void
add_events(int count)
{
	struct journal *j;

	REQUIRE(journal_open(runtime_system(), place, true, &j, NULL));
	for (int i = 0; i < count; i++) {
		const struct audit_image image = {IMAGE_TOKEN, "none"};
		struct audit_entry entry = {.actor = "client:me",
					    .kind = "job.submit",
					    .subject = "s",
					    .detail = i % 5 != 4 ? "{\"a\":\"\\u00e9\"}" : NULL,
					    .images = &image,
					    .image_count = i % 3 == 0};
		REQUIRE(journal_begin(j, NULL));
		REQUIRE(journal_audit_add(j, &entry, NULL));
		REQUIRE(journal_commit(j, NULL));
	}
	journal_close(j);
}

static void
an_export_proves_itself_in_both_forms(void)
{
	static const char *const forms[] = {"json", "ndjson"};
	char line[64];

	run_start();
	struct ran r = run_cli("confiture audit export");
	CHECK_INT(r.code, 0);
	CHECK_HAS(r.out, "\"count\": 0");
	put_file("none.json", r.out);
	r = run_cli("confiture audit verify none.json --contained");
	CHECK_INT(r.code, 0);
	add_events(2500);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		snprintf(line, sizeof(line), "confiture audit export -f %s", forms[i]);
		r = run_cli(line);
		CHECK_INT(r.code, 0);
		put_file("kept", r.out);
		r = run_cli("confiture audit verify kept --contained");
		CHECK_INT(r.code, 0);
		CHECK_HAS(r.out, "2500 event(s)");
		/* It goes on, and what was kept is still a part of it. */
		add_events(1);
		r = run_cli("confiture audit verify kept --contained");
		CHECK_INT(r.code, 0);
		CHECK_INT(run_cli("confiture audit export -o kept").code, 0);
		r = run_cli("confiture audit verify kept");
		CHECK_HAS(r.out, "2501 event(s)");
		CHECK_INT(remove(place), 0);
		add_events(2500);
	}
	run_end();
}

static void
p19_any_changed_character_of_an_export_is_seen(void)
{
	run_start();
	add_events(4);
	struct ran r = run_cli("confiture audit export -f ndjson");
	char *text = strdup(r.out);
	REQUIRE(text != NULL);
	size_t events = (size_t)(strstr(text, "{\"kind\":\"result\"") - text), unseen = 0;
	REQUIRE(events > 800);
	for (size_t at = 0; at < events; at++) {
		char was = text[at];
		text[at] = was == 'x' ? 'y' : 'x';
		put_file("kept", text);
		r = run_cli("confiture audit verify kept");
		unseen += r.code == 0;
		if (r.code == 0)
			printf("not seen at %zu: %.30s\n", at, text + at);
		text[at] = was;
	}
	CHECK_INT(unseen, 0);
	free(text);
	run_end();
}

static void
p19_lines_that_are_missing_or_doubled_are_named(void)
{
	static const struct {
		int drop, twice; /* lines, from 0; -1: none */
		const char *words;
	} t[] = {
		{0, -1, "first bad 1"}, {2, -1, "first bad 3"},
		{4, -1, "removed"}, /* the last one, which says how many there are */
		{3, -1, "first bad 4"}, {-1, 1, "first bad 3"},
	};

	run_start();
	add_events(4);
	char *text = strdup(run_cli("confiture audit export -f ndjson").out);
	REQUIRE(text != NULL);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		char *copy = calloc(2, strlen(text) + 1);
		REQUIRE(copy != NULL);
		char *end = copy;
		int n = 0;
		for (const char *at = text; *at != '\0'; n++) {
			size_t len = strcspn(at, "\n") + 1;
			for (int times = (n != t[i].drop) + (n == t[i].twice); times > 0; times--)
				end = mempcpy(end, at, len);
			at += len;
		}
		put_file("kept", copy);
		struct ran r = run_cli("confiture audit verify kept");
		CHECK_INT(r.code, 1);
		if (strstr(t[i].words, "first bad") != NULL) {
			char number[16];
			snprintf(number, sizeof(number), "%s", t[i].words + 10);
			CHECK_HAS(r.out, "first bad");
			CHECK_HAS(r.out, number);
		} else {
			CHECK_HAS(r.out, t[i].words);
		}
		free(copy);
	}
	free(text);
	run_end();
}

static void
p19_a_journal_that_was_written_anew_does_not_contain_what_was_kept(void)
{
	run_start();
	add_events(5);
	CHECK_INT(run_cli("confiture audit export -o kept").code, 0);
	CHECK_INT(remove(place), 0);
	add_events(7);
	struct ran r = run_cli("confiture audit verify");
	CHECK_INT(r.code, 0);
	r = run_cli("confiture audit verify kept");
	CHECK_INT(r.code, 0);
	r = run_cli("confiture audit verify kept --contained");
	CHECK_INT(r.code, 1);
	CHECK_HAS(r.out, "does not contain it any more");
	CHECK_INT(remove(place), 0);
	add_events(2);
	CHECK_INT(run_cli("confiture audit verify kept --contained").code, 1);
	r = run_cli("confiture audit verify --contained");
	CHECK_INT(r.code, 2);
	put_file("letter", "dear aunt\n");
	CHECK_INT(run_cli("confiture audit verify letter").code, 2);
	CHECK_INT(run_cli("confiture audit verify nothing").code, 2);
	run_end();
}

static const struct unit_case cases[] = {
	CASE(an_export_proves_itself_in_both_forms),
	CASE(p19_any_changed_character_of_an_export_is_seen),
	CASE(p19_lines_that_are_missing_or_doubled_are_named),
	CASE(p19_a_journal_that_was_written_anew_does_not_contain_what_was_kept),
};

int
main(int argc, char **argv)
{
	return unit_main("cli/audit", cases, ARRAY_LEN(cases), argc, argv);
}
