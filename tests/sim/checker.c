/*
 * The databases' own logs of commits against what was told of the jobs. A migration counts a number
 * up in its own transaction, so that an effect which happened twice, or without its row in the
 * ledger, can be seen in the log and in the number.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/house.h"

#include "shared/base/banned.h"

struct version_facts {
	int64_t ups, downs; /* rows of the ledger that came and went; without baselines */
	bool applied;	    /* now */
};

/* One database while its log is read. */
struct reading {
	struct house *h;
	const struct server_actor *server;
	struct version_facts versions[PROJECT_VERSIONS];
	int64_t token;
};

static const char outside_version[] = "005";

static size_t
version_index(const char *version)
{
	for (size_t i = 0; i < PROJECT_VERSIONS; i++) {
		if (strcmp(project_version(i), version) == 0)
			return i;
	}
	return PROJECT_VERSIONS;
}

static bool
counts(const struct memory_commit *c, const char *version)
{
	static const char prefix[] = "row " PROJECT_TABLE "/";

	for (size_t i = 0; i < c->change_count; i++) {
		const char *record = c->changes[i].record;
		if (strncmp(record, prefix, sizeof(prefix) - 1) == 0 &&
		    strcmp(record + sizeof(prefix) - 1, version) == 0)
			return true;
	}
	return false;
}

/* What a commit did to the ledger: the version's number, or PROJECT_VERSIONS. */
static size_t
ledger_change(const struct memory_commit *c, size_t at, bool *gone)
{
	static const char prefix[] = "ledger tb_confiture/";
	const struct memory_change *change = &c->changes[at];

	*gone = change->gone;
	if (strncmp(change->record, prefix, sizeof(prefix) - 1) != 0)
		return PROJECT_VERSIONS;
	return version_index(change->record + sizeof(prefix) - 1);
}

static bool
changes_data(const struct memory_commit *c)
{
	for (size_t i = 0; i < c->change_count; i++) {
		if (strncmp(c->changes[i].record, "row ", 4) == 0 ||
		    strncmp(c->changes[i].record, "ledger ", 7) == 0)
			return true;
	}
	return false;
}

/* ---- the log ---- */
static void
check_ledger(struct reading *r, const struct memory_commit *c, size_t at)
{
	struct history *h = r->h->history;
	const char *action = c->step != NULL ? c->step->action : "";
	bool gone;
	size_t v = ledger_change(c, at, &gone);

	if (v == PROJECT_VERSIONS)
		return;
	struct version_facts *f = &r->versions[v];
	if (f->applied != gone)
		history_breach(h, "P1", "%s: version %s was %s twice", r->server->process->name,
			       project_version(v), gone ? "undone" : "applied");
	f->applied = !gone;
	if (strcmp(action, "baseline") == 0)
		return;
	f->ups += !gone;
	f->downs += gone;
	if (strcmp(project_version(v), outside_version) != 0 && !counts(c, project_version(v)))
		history_breach(h, "P1", "%s: %s of version %s was recorded without its effect",
			       r->server->process->name, action, project_version(v));
}

static void
check_commit(struct reading *r, const struct memory_commit *c)
{
	struct history *h = r->h->history;

	if (c->token != 0) {
		if (c->token < r->token && changes_data(c))
			history_breach(h, "P3",
				       "%s: job %s attempt %lld committed with token %lld after "
				       "%lld was taken",
				       r->server->process->name, c->job, (long long)c->attempt,
				       (long long)c->token, (long long)r->token);
		if (c->token > r->token)
			r->token = c->token;
	}
	for (size_t i = 0; i < c->change_count; i++)
		check_ledger(r, c, i);
	for (size_t i = 0; i < PROJECT_VERSIONS; i++) {
		const char *version = project_version(i);
		if (counts(c, version) && strcmp(version, outside_version) != 0 &&
		    strcmp(c->process, "operator") != 0 &&
		    (c->step == NULL || strcmp(c->step->version, version) != 0))
			history_breach(h, "P1", "%s: version %s took effect and was not recorded",
				       r->server->process->name, version);
	}
	struct told_job *j = c->job != NULL ? history_find(h, c->job) : NULL;
	uint64_t at = process_world_ns(r->server->process, c->boot_ns);
	if (j != NULL && j->ended && !j->unknown && changes_data(c) && at > j->ended_ns)
		history_breach(h, strcmp(j->code, "JOB_004") == 0 ? "P11" : "P12",
			       "%s: job %s committed after its end (%s) was told",
			       r->server->process->name, j->id, j->code);
}

/* ---- the numbers ---- */
static bool
half_way(struct reading *r, const char *version)
{
	struct statement_mark *marks;
	struct arena arena;
	bool found = false;

	arena_init(&arena);
	size_t count = memory_db_marks(r->server->db, &arena, &marks);
	for (size_t i = 0; i < count; i++)
		found |= strcmp(marks[i].version, version) == 0;
	arena_fini(&arena);
	return found;
}

static void
check_numbers(struct reading *r)
{
	for (size_t i = 0; i < PROJECT_VERSIONS; i++) {
		const char *version = project_version(i);
		const struct version_facts *f = &r->versions[i];
		int64_t n = memory_db_number(r->server->db, PROJECT_TABLE, version);
		int64_t expected = f->ups - f->downs;
		bool half = half_way(r, version);
		int64_t off = n - expected;
		if (off != 0 && !(half && (off == 1 || off == -1)))
			history_breach(
				r->h->history, "P1",
				"%s: version %s took effect %lld times, its ledger says %lld",
				r->server->process->name, version, (long long)n,
				(long long)expected);
	}
}

static void
check_indexes(struct reading *r)
{
	const char **names;
	struct arena arena;

	arena_init(&arena);
	/* A job that was given up half-way leaves its marks, and the next run mends. */
	if (memory_db_invalid_indexes(r->server->db, &arena, &names) > 0 &&
	    !half_way(r, outside_version))
		history_breach(r->h->history, "P4", "%s: the index %s is left invalid",
			       r->server->process->name, names[0]);
	arena_fini(&arena);
}

/* ---- each job ---- */
struct job_facts {
	int64_t ups, downs;
};

static void
facts_of(const struct house *h, const struct told_job *j, struct job_facts *out)
{
	const struct memory_commit *commits;
	size_t count = memory_db_commits(h->servers[j->order->target].db, &commits);

	*out = (struct job_facts){0};
	for (size_t i = 0; i < count; i++) {
		const struct memory_commit *c = &commits[i];
		if (c->job == NULL || strcmp(c->job, j->id) != 0)
			continue;
		for (size_t k = 0; k < c->change_count; k++) {
			bool gone;
			if (ledger_change(c, k, &gone) == PROJECT_VERSIONS)
				continue;
			out->ups += !gone;
			out->downs += gone;
		}
	}
}

/* Whether there was a moment at which the ledger held all that the job was to apply. */
static bool
was_reached(const struct house *h, const struct told_job *j)
{
	const struct order *o = j->order;
	const struct bundle_info *bundle = &h->project->bundles[o->files];
	bool wanted[PROJECT_VERSIONS] = {0}, applied[PROJECT_VERSIONS] = {0};
	const struct memory_commit *commits;
	size_t count = memory_db_commits(h->servers[o->target].db, &commits);

	for (size_t i = 0; i < bundle->files.count; i++) {
		char version[4];
		snprintf(version, sizeof(version), "%s", bundle->files.items[i].name);
		size_t v = version_index(version);
		if (v < PROJECT_VERSIONS &&
		    (o->version == NULL || strcmp(version, o->version) <= 0))
			wanted[v] = true;
	}
	for (size_t i = 0; i <= count; i++) {
		bool all = true;
		for (size_t v = 0; v < PROJECT_VERSIONS; v++)
			all &= !wanted[v] || applied[v];
		if (all)
			return true;
		for (size_t k = 0; i < count && k < commits[i].change_count; k++) {
			bool gone;
			size_t v = ledger_change(&commits[i], k, &gone);
			if (v < PROJECT_VERSIONS)
				applied[v] = !gone;
		}
	}
	return false;
}

/* What an outcome lists as applied is what was. An attempt that failed before it could read the
 * ledger knows nothing of those before it. */
static void
check_report(struct history *y, const struct told_job *j, int64_t applied)
{
	bool partly = j->attempts > 1 && strcmp(j->state, "succeeded") != 0;

	if (j->said_applied > applied ||
	    (j->said_applied >= 0 && j->said_applied < applied && !partly))
		history_breach(y, "P12", "job %s says that it applied %lld, and it applied %lld",
			       j->id, (long long)j->said_applied, (long long)applied);
}

static void
check_job(struct house *h, const struct told_job *j)
{
	struct history *y = h->history;
	struct job_facts f;

	if (j->order == NULL || j->state[0] == '\0' || j->reads)
		return;
	facts_of(h, j, &f);
	bool good = strcmp(j->state, "succeeded") == 0;
	const struct order *o = j->order;
	if (o->kind == ORDER_ROLLBACK && f.downs > o->steps)
		history_breach(y, "P1", "job %s was to undo %lld and undid %lld", j->id,
			       (long long)o->steps, (long long)f.downs);
	if ((o->kind == ORDER_APPLY || o->kind == ORDER_BASELINE) && f.downs > 0)
		history_breach(y, "P1", "job %s applies and undid %lld", j->id, (long long)f.downs);
	if (o->kind == ORDER_APPLY && good && !was_reached(h, j))
		history_breach(y, "P12", "job %s succeeded, and not all of it was applied", j->id);
	if (o->kind == ORDER_APPLY)
		check_report(y, j, f.ups);
	if (o->kind == ORDER_ROLLBACK && strcmp(j->final_code, "TARGET_005") == 0 &&
	    f.downs == o->steps && !good)
		history_breach(y, "P12", "job %s undid all and is said to have failed", j->id);
	if (plan_is_calm(h->plan) && j->attempts > 1)
		history_breach(y, "P9", "job %s came to attempt %lld, and nobody failed", j->id,
			       (long long)j->attempts);
	if (j->ended && !j->unknown && strcmp(j->code, j->final_code) != 0)
		history_breach(y, "P5", "job %s: its end was told as %s, the journal says %s",
			       j->id, j->code, j->final_code);
}

void
checker_run(struct house *h)
{
	struct told_job *jobs;
	size_t job_count = history_jobs(h->history, &jobs);

	for (size_t i = 0; i < h->plan->target_count; i++) {
		struct reading r = {.h = h, .server = &h->servers[i]};
		const struct memory_commit *commits;
		size_t count = memory_db_commits(r.server->db, &commits);
		for (size_t c = 0; c < count; c++)
			check_commit(&r, &commits[c]);
		check_numbers(&r);
		check_indexes(&r);
	}
	for (size_t i = 0; i < job_count; i++)
		check_job(h, &jobs[i]);
}
