/*
 * The end of a replay against the schema files: a fresh build and a migrated database must come out
 * the same. The files are the job's own. They are loaded when the replay's transaction is over
 * already, so that nobody waits for it meanwhile. What cannot be compared is said to be so, and is
 * an error where somebody asked for it by name.
 */
#include <stdio.h>
#include <string.h>

#include "shared/snapshot/structural_diff.h"
#include "shared/snapshot/structure_owners.h"
#include "worker/preflight.h"

#include "shared/base/banned.h"

enum { DRIFT_ROOM = 96 * 1024, READ_BYTES = 65536, SCHEMA_BYTES = 256 * 1024 * 1024 };

/* ---- the files ---- */

static bool
read_all(struct sql_source *source, struct text *out, struct error *err)
{
	char part[READ_BYTES];
	size_t got = 0;

	do {
		if (!source->read(source->self, part, sizeof(part), &got, err))
			return false;
		if (out->len + got > SCHEMA_BYTES)
			return error_set(err, E_SCHEMA_206, "the schema files are too large");
		text_put_span(out, span_of(part, got));
	} while (got > 0);
	return true;
}

static bool
read_file(struct job_run *r, const char *name, struct span *out, struct error *err)
{
	struct sql_source source;
	struct text text;

	if (!job_go_on(r, err) || !r->bundles->ops->open(r->bundles, name, &source, err))
		return false;
	text_init(&text, SCHEMA_BYTES + READ_BYTES);
	bool ok = read_all(&source, &text, err);
	if (ok)
		*out = span_of(arena_bytes(r->arena, text.ptr, text.len), text.len);
	text_fini(&text);
	r->bundles->ops->close(r->bundles, &source);
	return ok;
}

static bool
read_files(struct job_run *r, struct schema_request *out, struct error *err)
{
	const struct bundle_info *b = r->spec->bundle;
	size_t most = b != NULL ? b->files.count : 0, bytes = 0;
	struct schema_text *files = arena_array(r->arena, most + 1, sizeof(*files));

	for (size_t i = 0; i < most; i++) {
		const struct bundle_file *f = &b->files.items[i];
		if (!f->schema)
			continue;
		files[out->count].path = f->name;
		if (!read_file(r, f->name, &files[out->count].text, err))
			return false;
		bytes += files[out->count++].text.len;
		if (bytes > SCHEMA_BYTES)
			return error_set(err, E_SCHEMA_206, "the schema files are too large");
	}
	out->files = files;
	return true;
}

/* ---- rights that somebody gave beside the files ---- */

static bool
has_line(const char *lines, struct span wanted)
{
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");
		if (span_equal(span_of(lines, len), wanted))
			return true;
		lines += len + (lines[len] == '\n');
	}
	return false;
}

/* "SELECT <tab> PUBLIC" */
static bool
is_everybodys(struct span line)
{
	static const char end[] = "\tPUBLIC";
	size_t n = sizeof(end) - 1;

	return line.len >= n && memcmp(line.ptr + line.len - n, end, n) == 0;
}

/* Every line of `lines` is among `others`; with `everybody` only those of PUBLIC are looked at. */
static bool
among(const char *lines, const char *others, bool everybody)
{
	while (*lines != '\0') {
		struct span line = span_of(lines, strcspn(lines, "\n"));
		if ((!everybody || is_everybodys(line)) && !has_line(others, line))
			return false;
		lines += line.len + (lines[line.len] == '\n');
	}
	return true;
}

/* What the files grant is there, and PUBLIC has no more than that. */
static bool
only_more_rights(const struct schema_attribute_change *a)
{
	const char *before = a->before ? a->before : "", *after = a->after ? a->after : "";

	return a->place == SCHEMA_privileges && among(after, before, false) &&
	       among(before, after, true);
}

/* Roles, and what they may do, are an installation's: files that name no grants do not say that
 * nobody has any. */
static void
leave_rights_out(struct schema_diff *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++) {
		struct schema_change *c = &d->changes[i];
		size_t attributes = 0;
		for (size_t k = 0; k < c->count; k++) {
			if (!only_more_rights(&c->attributes[k]))
				c->attributes[attributes++] = c->attributes[k];
		}
		bool altered = c->before != NULL && c->after != NULL;
		bool gone = altered ? attributes == 0
				    : c->kind == SCHEMA_KIND_default_privileges && c->after == NULL;
		c->count = attributes;
		if (!gone)
			d->changes[kept++] = *c;
	}
	d->count = kept;
}

/* ---- comparing ---- */

static void
tell_drift(struct preflight *p, const struct schema_drift *drift)
{
	const struct structure_change *first = drift->changes.items;
	struct error err;

	error_set(&err, E_PFLIGHT_SCHEMA_DRIFT,
		  "with everything applied the database is not what %s says: %lld difference%s%s%s"
		  "%s%s",
		  drift->schema, (long long)drift->total, drift->total == 1 ? "" : "s",
		  drift->changes.count > 0 ? ", first " : "",
		  drift->changes.count > 0 ? first->kind : "", drift->changes.count > 0 ? " " : "",
		  drift->changes.count > 0 ? first->object : "");
	preflight_issue(p, &err);
}

static void
compare(struct preflight *p, const struct schema_loaded *files, struct schema_drift *drift)
{
	struct arena *arena = p->run->arena;
	size_t room = DRIFT_ROOM;
	struct schema_diff d;

	structure_take_owners(p->changes.pool, files->model, files->role, p->changes.last,
			      schema_pool_text(p->changes.pool, p->role));
	schema_diff(schema_pool_arena(p->changes.pool), p->changes.last, files->model, &d);
	leave_rights_out(&d);
	const struct structural_diff *diff = structural_diff_of(arena, &d, &room);
	drift->state = diff->has_changes ? "differs" : "equal";
	drift->total = diff->total;
	drift->changes.items = diff->changes.items;
	drift->changes.count = diff->changes.count;
	drift->cut = diff->cut;
	drift->unmodelled.items = diff->unmodelled.items;
	drift->unmodelled.count = diff->unmodelled.count;
	drift->fingerprint = diff->fingerprint;
	drift->loaded_on = files->place;
	if (diff->has_changes)
		tell_drift(p, drift);
}

static bool
load(struct preflight *p, const struct target_spec *server, struct schema_loaded *out,
     struct error *err)
{
	struct job_run *r = p->run;
	struct schema_request request = {.server = server->url, .major = p->major};
	struct target_spec scratch;

	if (r->options->scratch_target != NULL) {
		if (!r->directory->find(r->directory, r->options->scratch_target, &scratch, err))
			return false;
		request.scratch = scratch.url;
	}
	if (!read_files(r, &request, err) ||
	    !r->loader->load(r->loader, &request, p->changes.pool, r->arena, out, err))
		return false;
	for (size_t i = 0; i < out->note_count; i++)
		job_warn(r, "%s", out->notes[i]);
	return job_go_on(r, err);
}

/* ---- or not ---- */

/* Why there is nothing to compare; NULL: there is. */
static const char *
obstacle(const struct preflight *p)
{
	const struct job_options *o = p->run->options;

	if (o->schema_missing != NULL)
		return o->schema_missing;
	if (p->changes.missing != NULL)
		return p->changes.missing;
	if (p->incomplete)
		return "not everything that is pending ran in the replay";
	if (p->left_out)
		return "--since leaves out what is pending";
	return p->run->loader == NULL ? "this worker loads no schema files" : NULL;
}

/* Somebody who asked for the comparison does not get a pass without it. */
static bool
not_compared(struct preflight *p, struct schema_drift *drift, const char *reason, struct error *why,
	     struct error *err)
{
	drift->reason = reason;
	if (!p->run->options->schema_asked) {
		job_warn(p->run, "%s was not compared: %s", drift->schema, reason);
		return true;
	}
	if (p->out->summary->errors > 0)
		return true;
	if (why != NULL)
		*err = *why;
	else
		error_set(err, E_PFLIGHT_SCHEMA_DRIFT, "%s was not compared: %s", drift->schema,
			  reason);
	return false;
}

bool
preflight_schema(struct preflight *p, const struct target_spec *server, struct error *err)
{
	struct job_run *r = p->run;
	const char *reason = obstacle(p);
	struct schema_loaded files;
	struct schema_drift *drift;
	struct error why = {0};

	if (r->options->schema == NULL)
		return true;
	drift = p->out->drift_vs_schema = RECORD_NEW(r->arena, schema_drift);
	drift->schema = r->options->schema;
	drift->state = "not_compared";
	if (reason != NULL)
		return not_compared(p, drift, reason, NULL, err);
	if (load(p, server, &files, &why)) {
		compare(p, &files, drift);
		return true;
	}
	if (!job_go_on(r, err))
		return false;
	reason = arena_printf(r->arena, "%s%s%s", why.message, why.cause[0] != '\0' ? ": " : "",
			      why.cause);
	return not_compared(p, drift, reason, &why, err);
}
