/*
 * The part of preflight that needs no database: what the files themselves say. Everything found is
 * an issue of the report; nothing here stops the run, so that one report shows all there is to
 * mend.
 */
#include <stdio.h>
#include <string.h>

#include "shared/net/net.h"
#include "worker/preflight.h"

#include "shared/base/banned.h"

void
preflight_issue(struct preflight *p, const struct error *err)
{
	struct preflight_result *out = p->out;
	enum error_severity severity = err->code->severity;

	out->summary->errors += severity >= SEVERITY_ERROR;
	out->summary->warnings += severity == SEVERITY_WARNING;
	out->summary->info += severity == SEVERITY_INFO;
	if (out->issues.count >= PREFLIGHT_ISSUES)
		return;
	out->issues.items = arena_grow(p->run->arena, out->issues.items, out->issues.count,
				       &p->issue_cap, sizeof(out->issues.items[0]));
	error_to_issue(p->run->arena, err, &out->issues.items[out->issues.count++]);
}

static void
about(struct error *err, const struct migration *m, uint32_t line)
{
	snprintf(err->migration, sizeof(err->migration), "%s", m->version);
	error_at(err, m->file, line, 0);
}

/* ---- one body ---- */

struct visit {
	struct preflight *p;
	const struct migration *m;
	struct error outside; /* PFLIGHT_NON_TRANSACTIONAL in the making; code NULL = none yet */
};

static void
add_change(struct preflight *p, const struct migration *m, const struct sql_change *c)
{
	struct change_set *set = p->out->change_set;

	if (set->changes.count > PREFLIGHT_CHANGES)
		return;
	set->changes.items = arena_grow(p->run->arena, set->changes.items, set->changes.count,
					&p->change_cap, sizeof(set->changes.items[0]));
	if (set->changes.count == PREFLIGHT_CHANGES)
		/* No tier: whoever reads the set must treat what is left out as not allowed. */
		set->changes.items[set->changes.count++] = (struct change){
			"truncated", "more changes than listed", m->version, NULL, NULL};
	else
		set->changes.items[set->changes.count++] =
			(struct change){c->kind, c->object, m->version, c->tier, c->detail};
}

static void
add_finding(struct visit *v, const struct sql_change *c, uint32_t line)
{
	const struct error_code *code = preflight_replica_finding(c);
	struct error err;

	if (code == NULL)
		return;
	error_set(&err, code->id, "%s: %s", c->object, code->meaning);
	about(&err, v->m, line);
	v->p->replica_findings = true;
	preflight_issue(v->p, &err);
	if (v->p->run->options->replicas && code->severity == SEVERITY_WARNING &&
	    code->id != E_PFLIGHT_REPLICA_UNCLASSIFIED &&
	    code->id != E_PFLIGHT_REPLICA_REPLACE_OBJECT) {
		struct preflight_result *out = v->p->out;
		out->summary->warnings--;
		out->summary->errors++;
		if (out->issues.count <= PREFLIGHT_ISSUES)
			out->issues.items[out->issues.count - 1].severity = "error";
	}
}

static bool
look_at_statement(void *self, const struct body_statement *st, struct error *err)
{
	struct visit *v = self;
	struct sql_changes changes = {0};

	preflight_note_objects(v->p, v->m, st);
	sql_changes_of(v->p->run->arena, st->piece.text, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		add_change(v->p, v->m, &changes.items[i]);
		add_finding(v, &changes.items[i], st->piece.line);
	}
	if (!st->facts.transactional) {
		if (v->outside.code == NULL) {
			error_set(&v->outside, E_PFLIGHT_NON_TRANSACTIONAL,
				  "%s has statements that cannot run in a transaction", v->m->file);
			about(&v->outside, v->m, st->piece.line);
		}
		error_detail_item(&v->outside, "statements", st->facts.tag);
	}
	return job_go_on(v->p->run, err);
}

static void
check_python(struct preflight *p, const struct migration *m)
{
	struct error err;

	error_set(&err, E_PFLIGHT_PYTHON, "%s is written in Python", m->file);
	about(&err, m, 0);
	preflight_issue(p, &err);
}

static void
check_conditions(struct preflight *p, const struct migration *m)
{
	struct error err;

	if (m->conditions_file == NULL)
		return;
	error_set(&err, E_MIGR_118, "%s has preconditions in %s", m->file, m->conditions_file);
	about(&err, m, 0);
	preflight_issue(p, &err);
}

static void
check_sql(struct preflight *p, size_t i)
{
	const struct migration *m = p->checked[i];
	struct visit v = {.p = p, .m = m};
	struct error err;

	if (m->down_file == NULL) {
		error_set(&err, E_PFLIGHT_MISSING_DOWN, "%s has no .down.sql beside it", m->file);
		about(&err, m, 0);
		preflight_issue(p, &err);
	}
	check_conditions(p, m);
	p->usable[i] = body_check(p->run->bundles, m->file, m->sha256, look_at_statement, &v,
				  &p->plans[i], &err);
	if (!p->usable[i]) {
		snprintf(err.migration, sizeof(err.migration), "%s", m->version);
		preflight_issue(p, &err);
	} else if (v.outside.code != NULL) {
		preflight_issue(p, &v.outside);
	}
}

static void
check_duplicates(struct preflight *p)
{
	const struct migration_set *set = &p->run->migrations;

	for (size_t i = 0; i < set->duplicate_count; i++) {
		struct error err;
		error_set(&err, E_PFLIGHT_DUPLICATE_VERSION, "version %s has %zu files",
			  set->duplicates[i].version, set->duplicates[i].count);
		for (size_t f = 0; f < set->duplicates[i].count; f++)
			error_detail_item(&err, "conflicting_files", set->duplicates[i].files[f]);
		snprintf(err.migration, sizeof(err.migration), "%s", set->duplicates[i].version);
		preflight_issue(p, &err);
	}
}

void
preflight_static(struct preflight *p)
{
	check_duplicates(p);
	for (size_t i = 0; i < p->count; i++) {
		if (p->checked[i]->python)
			check_python(p, p->checked[i]);
		else
			check_sql(p, i);
	}
	p->out->window_safe = !p->replica_findings;
}
