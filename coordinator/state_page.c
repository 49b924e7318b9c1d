/*
 * The reference page of a table of states. It is printed from what the program itself works with,
 * so that the picture people look at is the rule that is kept.
 */
#include "coordinator/state_page.h"

#include "shared/base/banned.h"

static void
print_diagram(struct text *out, const struct state_page *p)
{
	text_printf(out, "```mermaid\nstateDiagram-v2\n    [*] --> %s: %s\n", p->states[0].name,
		    p->entry);
	for (size_t i = 0; i < p->transition_count; i++) {
		const struct transition_row *t = &p->transitions[i];
		text_printf(out, "    %s --> %s: %s\n", p->states[t->from].name,
			    p->states[t->to].name, p->triggers[t->trigger].name);
	}
	for (size_t i = 0; i < p->state_count; i++) {
		if (p->states[i].final)
			text_printf(out, "    %s --> [*]\n", p->states[i].name);
	}
	text_put(out, "```\n");
}

static void
print_states(struct text *out, const struct state_page *p)
{
	text_printf(out, "| state | ends the %s | meaning |\n|---|---|---|\n", p->of);
	for (size_t i = 0; i < p->state_count; i++)
		text_printf(out, "| `%s` | %s | %s |\n", p->states[i].name,
			    p->states[i].final ? "yes" : "no", p->states[i].meaning);
}

static void
print_transitions(struct text *out, const struct state_page *p)
{
	text_put(out, "| from | trigger | to | note |\n|---|---|---|---|\n");
	for (size_t i = 0; i < p->transition_count; i++) {
		const struct transition_row *t = &p->transitions[i];
		const struct trigger_row *by = &p->triggers[t->trigger];
		text_printf(out, "| `%s` | `%s`: %s | `%s` | %s |\n", p->states[t->from].name,
			    by->name, by->meaning, p->states[t->to].name, t->words);
	}
}

void
state_page_print(struct text *out, const struct state_page *page)
{
	text_printf(out, "# %s\n\n", page->title);
	print_diagram(out, page);
	text_put(out, "\n## States\n\n");
	print_states(out, page);
	text_put(out, "\n## Transitions\n\n");
	print_transitions(out, page);
}
