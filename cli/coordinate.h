#ifndef CONFITURE_CLI_COORDINATE_H
#define CONFITURE_CLI_COORDINATE_H

#include "cli/cli.h"

/* What the commands of `confiture coordinate` have in common. */

/* --agent-id, else CONFITURE_AGENT_ID; NULL when nobody said: then the person at the machine, or
 * the token's name, is meant. */
const char *coordinate_agent(const struct args *args);
/* Asks. With `reads` and no journal yet, true and `reply` as it was. JRNL_001 where the journal
 * cannot be shared by all who work on this project. */
MUST_USE bool coordinate_ask(struct cli *cli, const struct args *args, bool reads,
			     enum message_kind kind, const void *request, void **reply,
			     struct error *err);
/* What register and check are asked about. */
MUST_USE bool coordinate_draft(struct cli *cli, const struct args *args, struct intent_draft *out,
			       struct error *err);
/* The whole text of a file of at most 1 MiB. */
MUST_USE bool coordinate_file(struct cli *cli, const char *path, const char **out,
			      struct error *err);
/* "7" of db/migrations/7_email.up.sql; NULL for files that are no migrations. */
const char *coordinate_version(struct cli *cli, const char *path);

/* ---- render_coordinate.c ---- */
void render_intent(struct cli *cli, const struct intent *r);
void render_conflicts(struct cli *cli, const struct intent_conflict *items, size_t count);
void render_intent_list(struct cli *cli, const struct intent_list *r);
void render_conflicted(struct cli *cli, const struct conflicted_list *r);
void render_claims(struct cli *cli, const struct claim_list *r);
void render_events(struct cli *cli, const struct intent_events *r);
void render_event_line(struct cli *cli, const struct intent_event *e);

#endif
