/*
 * Lines for the log about what a transaction changes. They wait for its commit, and go with what is
 * undone: an operator who reads "job moved" may believe it. (Lines of jobs that are kept in memory
 * go with a round that failed, too.)
 */
#include "coordinator/core.h"

#include "shared/base/banned.h"

void
said_put(struct coordinator *c, const char *event, const struct said_pair pairs[SAID_PAIRS])
{
	struct saying *s = arena_new(&c->round, struct saying);

	if (c->log == NULL)
		return;
	s->event = arena_str(&c->round, event);
	for (size_t i = 0; i < SAID_PAIRS && pairs[i].name != NULL; i++)
		s->pairs[i] = (struct said_pair){
			pairs[i].name,
			pairs[i].value != NULL ? arena_str(&c->round, pairs[i].value) : NULL};
	*c->said_end = s;
	c->said_end = &s->next;
}

struct saying **
said_mark(struct coordinator *c)
{
	return c->said_end;
}

void
said_undo(struct coordinator *c, struct saying **mark)
{
	*mark = NULL;
	c->said_end = mark;
}

void
said_write(struct coordinator *c)
{
	for (const struct saying *s = c->said; s != NULL; s = s->next) {
		const struct said_pair *p = s->pairs;
		log_put(c->log, LEVEL_INFO, s->event, p[0].name, p[0].value, p[1].name, p[1].value,
			p[2].name, p[2].value, p[3].name, p[3].value, NULL);
	}
	said_undo(c, &c->said);
}

/* Once when it begins and once when it is over, however many requests are refused meanwhile. */
void
said_journal(struct coordinator *c, const struct error *why)
{
	bool failing = why != NULL;

	if (failing == c->journal_failing)
		return;
	c->journal_failing = failing;
	if (failing)
		log_error(c->log, LEVEL_WARNING, "journal not written, requests are refused", why,
			  NULL);
	else
		log_put(c->log, LEVEL_INFO, "journal written again", NULL);
}
