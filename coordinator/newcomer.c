/* How an intent comes to be: its row, its conflicts, and the word to the others. */
#include "coordinator/newcomer.h"

#include <string.h>

#include "coordinator/footprint_record.h"

#include "shared/base/banned.h"

enum { CONFLICTS_KEPT = 256, OBJECTS_TOLD = 20 };

/* ---- a new row ---- */
static const char *
branch_name(struct coordinator *c, const char *stem, int64_t n)
{
	return n == 0 ? stem : arena_printf(&c->round, "%s_%03lld", stem, (long long)n);
}

/* The name that it has, or feature/name, or feature/name_001 when there are others like it. Names
 * are taken in order, so the first free one lies behind a taken one, and is found by doubling steps
 * and then halving. */
static bool
choose_branch(struct coordinator *c, struct intent *doc, struct error *err)
{
	const char *stem = intent_branch_stem(&c->round, doc->feature_name);
	bool given_taken = doc->branch_name[0] == '\0';
	int64_t taken_at = -1, free_at = INT64_MAX, n = 0;

	if (!given_taken &&
	    !journal_intent_branch_taken(c->journal, doc->branch_name, &given_taken, err))
		return false;
	if (!given_taken)
		return true;
	while (taken_at + 1 < free_at) {
		bool taken;
		if (!journal_intent_branch_taken(c->journal, branch_name(c, stem, n), &taken, err))
			return false;
		if (taken)
			taken_at = n;
		else
			free_at = n;
		n = free_at == INT64_MAX ? n * 2 + 1 : taken_at + (free_at - taken_at) / 2;
	}
	doc->branch_name = branch_name(c, stem, free_at);
	return true;
}

void
newcomer_document(struct coordinator *c, const struct intent_draft *d, const char *agent,
		  const struct sql_footprint *f, struct intent *out)
{
	char *id = arena_alloc(&c->round, ID_TEXT), *now = arena_alloc(&c->round, TIME_TEXT);
	const char *metadata = "{}";

	runtime_id(c->rt, id);
	time_print(c->rt->ops->wall_us(c->rt), now);
	/* It was checked before. */
	(void)!record_free_json(&c->round, span_str(d->metadata), &metadata, NULL);
	*out = (struct intent){.id = id,
			       .agent_id = agent,
			       .feature_name = d->feature_name,
			       .branch_name = "",
			       .schema_changes = {d->schema_changes.items, d->schema_changes.count},
			       .estimated_duration_ms = d->estimated_duration_ms,
			       .risk_level = d->risk_level,
			       .status = intent_state_name(INTENT_REGISTERED),
			       .created_at = now,
			       .updated_at = now,
			       .metadata = metadata,
			       .environment = d->environment,
			       .branch = d->branch,
			       .worktree = d->worktree,
			       .opaque = f->opaque,
			       .scope = intent_scope(&c->round, d->environment, d->database),
			       .token = INT_NULL,
			       .versions = {d->versions.items, d->versions.count}};
	intent_tables(&c->round, f, d->tables_affected.items, d->tables_affected.count, out);
}

bool
newcomer_complete(struct coordinator *c, struct newcomer *n, const char *owner, int64_t ttl_ms,
		  struct error *err)
{
	n->row.owner = owner;
	n->row.scope = n->row.doc.scope;
	n->row.token = n->row.queue = INT_NULL;
	n->row.footprint = footprint_json(&c->round, n->footprint);
	n->row.doc.lease_ttl_ms = ttl_ms;
	intents_lease(c, &n->row, ttl_ms);
	return choose_branch(c, &n->row.doc, err);
}

/* ---- conflicts ---- */
bool
newcomer_look(struct coordinator *c, struct newcomer *n, struct error *err)
{
	struct intent_side side = {&n->row.doc, n->row.scope, n->footprint};

	if (!intents_search(c, &side, NULL, &n->finds, err))
		return false;
	intents_list_conflicts(c, &n->finds, &n->conflicts);
	return true;
}

static bool
stands_in_the_way(const struct intent_conflict *k, bool allow_warnings)
{
	return strcmp(k->severity, "error") == 0 ||
	       (!allow_warnings && strcmp(k->severity, "warning") == 0);
}

static bool
tell(struct coordinator *c, const struct newcomer *n, const char *whom, const char *agent,
     const char *other, struct error *err)
{
	const char **others = arena_array(&c->round, 1, sizeof(*others));
	struct intent_note note = {.kind = "intent.conflict",
				   .intent = whom,
				   .actor = "coordinator",
				   .audit = {.agent = agent,
					     .others = {others, 1},
					     .token = INT_NULL,
					     .environment = n->row.doc.environment}};

	others[0] = other;
	return intents_note(c, &note, err);
}

/* Both sides are told of each other. */
static bool
tell_others(struct coordinator *c, const struct newcomer *n, struct error *err)
{
	for (size_t i = 0; i < n->finds.count && i < CONFLICTS_KEPT; i++) {
		const struct intent *other = &n->finds.items[i].other.doc;
		if (!tell(c, n, other->id, other->agent_id, n->row.doc.id, err))
			return false;
	}
	return true;
}

static bool
keep_conflicts(struct coordinator *c, struct newcomer *n, bool *blocked, struct error *err)
{
	for (size_t i = 0; i < n->conflicts.count && i < CONFLICTS_KEPT; i++) {
		struct intent_conflict *k = &n->conflicts.items[i];
		bool blocks = stands_in_the_way(k, n->allow_warnings);
		k->intent_a = n->row.doc.id;
		*blocked |= blocks;
		if (!journal_conflict_add(c->journal, k, blocks, err))
			return false;
	}
	return true;
}

/* What has ended is found by nobody. */
static bool
index_open(struct coordinator *c, const struct newcomer *n, struct error *err)
{
	return intent_state_final(intent_state_of(&n->row)) ||
	       intents_index(c, n->row.doc.id, n->footprint, &n->row.doc, err);
}

static bool
add_row(struct coordinator *c, struct newcomer *n, const char *actor, bool *blocked,
	struct error *err)
{
	static const enum journal_image rows[] = {IMAGE_INTENT_NEW, IMAGE_INTENT_LEASE,
						  IMAGE_INTENT_KEY, IMAGE_INTENT_CONFLICT};
	struct intent_note note = {.kind = n->kind,
				   .intent = n->row.doc.id,
				   .actor = actor,
				   .audit = {.agent = n->row.doc.agent_id,
					     .to = n->row.doc.status,
					     .token = n->row.token,
					     .environment = n->row.doc.environment},
				   .rows = rows,
				   .row_count = n->conflicts.count > 0 ? 4 : 3};
	struct intent claims = {0};

	intent_claims(&c->round, n->footprint, 0, "", &claims);
	note.audit.objects.items = arena_array(&c->round, OBJECTS_TOLD, sizeof(char *));
	for (size_t i = 0; i < claims.claims.count && i < OBJECTS_TOLD; i++)
		note.audit.objects.items[note.audit.objects.count++] =
			claims.claims.items[i].object;
	return journal_intent_add(c->journal, &n->row, err) && index_open(c, n, err) &&
	       keep_conflicts(c, n, blocked, err) && intents_note(c, &note, err);
}

bool
newcomer_add(struct coordinator *c, struct newcomer *n, const char *actor, struct error *err)
{
	struct intent_change conflict = {.trigger = INTENT_ON_CONFLICT, .actor = "coordinator"};
	bool blocked = false;

	return add_row(c, n, actor, &blocked, err) && tell_others(c, n, err) &&
	       (!blocked || intents_move(c, &n->row, &conflict, err));
}
