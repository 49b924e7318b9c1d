/* Prints docs/reference/locks.md: what each form of a statement locks, from the table that plans
 * and preflight ask. */
#include <stdio.h>

#include "shared/base/text.h"
#include "shared/sql/effects.h"

#include "shared/base/banned.h"

static const char head[] =
	"# What statements lock\n\n"
	"<!-- Printed from the table in shared/sql/effects_forms.h; changes belong there. -->\n\n"
	"What each form of a statement does to tables, views, indexes and sequences that are there "
	"already, as measured on\nPostgreSQL 15 by a test that runs some six hundred statements "
	"and "
	"reads `pg_locks` beside them. A statement can have several\nforms at once, as `ADD COLUMN "
	"… REFERENCES` has, or `ALTER TABLE` with several actions: their locks add up, and of two "
	"on one\nrelation the stronger counts.\n\n"
	"* **lock**: the table lock, held until the transaction ends. *perhaps*: not always, and "
	"what decides.\n"
	"* **rewrite**: its storage is made anew (of `TRUNCATE`: empty). **scan**: all its rows "
	"are "
	"read. *perhaps*: as above.\n"
	"* Left out: what the statement makes itself; indexes, sequences and TOAST tables whose "
	"lock is no stronger than their\n  table's; what functions, triggers and rules do when "
	"they "
	"run.\n"
	"* A partitioned table and a view have no rows of their own: nothing of them is rewritten "
	"or read.\n\n"
	"`ACCESS EXCLUSIVE` stops readers and writers, and all that come after it while it waits. "
	"`SHARE` and all between stop\nwriters. `SHARE UPDATE EXCLUSIVE` and weaker ones stop "
	"other "
	"changes of structure at most.\n\n"
	"| statement | relation | lock | rewrite | scan | depends on "
	"|\n|---|---|---|---|---|---|\n";

static const char *const certainty[] = {
	[SQL_NO] = "",
	[SQL_MAYBE] = "perhaps",
	[SQL_YES] = "yes",
};

static void
put_lock(struct text *page, const struct sql_rule *rule)
{
	const char *words = sql_lock_words(rule->lock);

	if (words == NULL)
		text_put(page, "as it says");
	else if (rule->least == rule->lock)
		text_put(page, words);
	else if (rule->least == SQL_LOCK_NONE)
		text_printf(page, "perhaps %s", words);
	else
		text_printf(page, "%s to %s", sql_lock_words(rule->least), words);
}

static void
put_form(struct text *page, const struct sql_form *form)
{
	if (!form->rules[0].used)
		text_printf(page, "| %s | | none | | | |\n", form->words);
	for (size_t i = 0; i < SQL_FORM_RULES && form->rules[i].used; i++) {
		const struct sql_rule *rule = &form->rules[i];
		const char *depends = sql_rule_depends(rule);

		text_printf(page, "| %s%s | %s | ", i == 0 ? form->words : "",
			    i == 0 && form->waits ? " (waits for older transactions)" : "",
			    sql_role_words(rule->role));
		put_lock(page, rule);
		text_printf(page, " | %s | %s | %s |\n", certainty[rule->rewrite],
			    certainty[rule->scan], depends != NULL ? depends : "");
	}
}

int
main(void)
{
	struct text page;

	text_init(&page, 0);
	text_put(&page, head);
	for (size_t i = 0; i < sql_form_count(); i++)
		put_form(&page, sql_form_at(i));
	size_t written = fwrite(page.ptr, 1, page.len, stdout);
	bool whole = written == page.len && fflush(stdout) == 0;
	text_fini(&page);
	return whole ? 0 : 1;
}
