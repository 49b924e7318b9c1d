/*
 * Migration files that a job carries: offered by name and hash, sent once, read by the worker that
 * holds the job and by nobody else.
 */
#include "coordinator/api.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { SHA256_TEXT = 64, BUNDLE_FILES_MAX = 20000 };

static bool
is_sha256(const char *s)
{
	return strlen(s) == SHA256_TEXT && strspn(s, "0123456789abcdef") == SHA256_TEXT;
}

/* ---- from a client ---- */
static bool
check_file(const struct coordinator *c, const struct bundle_file *f, struct error *err)
{
	if (f->sha256 == NULL || !is_sha256(f->sha256))
		return error_set(err, E_JOB_005, "the file %s has no SHA-256", f->name);
	if (f->size > c->file_bytes_max) {
		error_set(err, E_JOB_005,
			  "the file %s is too large to travel: %lld bytes, and this coordinator "
			  "takes at most %lld",
			  f->name, (long long)f->size, (long long)c->file_bytes_max);
		error_hint(err, "split the file, or load its rows with COPY from another place\n"
				"in coordinator.yaml: raise limits.file_bytes");
		return false;
	}
	return true;
}

bool
api_bundle_offer(struct coordinator *c, struct call *call, struct error *err)
{
	const struct bundle_offer *m = call->request->body;
	struct bundle_wanted *reply = arena_new(&c->round, struct bundle_wanted);
	size_t count = m->bundle->files.count;
	bool here;

	if (count > BUNDLE_FILES_MAX)
		return error_set(err, E_JOB_005, "a bundle holds at most %d files",
				 BUNDLE_FILES_MAX);
	reply->sha256.items = arena_array(&c->round, count, sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		const struct bundle_file *f = &m->bundle->files.items[i];
		if (!check_file(c, f, err) ||
		    !journal_bundle_has(c->journal, f->sha256, &here, err) ||
		    (here && !journal_bundle_use(c->journal, f->sha256, err)))
			return false;
		if (!here)
			reply->sha256.items[reply->sha256.count++] = f->sha256;
	}
	call->reply = reply;
	return true;
}

bool
api_piece_valid(const struct coordinator *c, const struct bundle_put *m, struct error *err)
{
	int64_t len = (int64_t)m->data.len;

	if (!is_sha256(m->sha256))
		return error_set(err, E_JOB_005, "a piece without a SHA-256");
	if (m->total < 0 || m->total > c->file_bytes_max || len > BUNDLE_CHUNK || m->offset < 0 ||
	    m->offset > m->total - len || (len == 0 && m->total > 0))
		return error_set(err, E_JOB_005,
				 "a piece of %lld bytes at %lld of %lld: pieces have at most %d "
				 "bytes, files at most %lld",
				 (long long)len, (long long)m->offset, (long long)m->total,
				 BUNDLE_CHUNK, (long long)c->file_bytes_max);
	return true;
}

bool
api_bundle_put(struct coordinator *c, struct call *call, struct error *err)
{
	const struct bundle_put *m = call->request->body;
	struct ack *reply = arena_new(&c->round, struct ack);

	if (!api_piece_valid(c, m, err) ||
	    !journal_bundle_put(c->journal, api_identity(c, call), m, c->files_bytes_max,
				&reply->replayed, err))
		return false;
	call->reply = reply;
	return true;
}

/* Kinds whose worker reads what is in the files. */
static bool
reads_bodies(const char *kind)
{
	static const char *const kinds[] = {"apply", "rollback", "rollback_to", "verify",
					    "preflight"};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i], kind) == 0)
			return true;
	}
	return false;
}

bool
api_bundle_complete(struct coordinator *c, const struct job_spec *spec, struct error *err)
{
	bool here = false;

	if (spec->bundle == NULL || !reads_bodies(spec->kind))
		return true;
	for (size_t i = 0; i < spec->bundle->files.count; i++) {
		const struct bundle_file *f = &spec->bundle->files.items[i];
		if (!check_file(c, f, err))
			return false;
		if (c->journal != NULL && !journal_bundle_has(c->journal, f->sha256, &here, err))
			return false;
		if (!here)
			return error_set(
				err, E_JOB_005,
				"the bundle is incomplete: %s never reached the coordinator",
				f->name);
	}
	return true;
}

/* ---- to a worker ---- */
static int
by_name(const void *name, const void *item)
{
	const struct bundle_file *f = item;

	return strcmp(name, f->name);
}

/* A worker reads the files of one job one after another: the last job's list is kept. */
static bool
bundle_of(struct coordinator *c, struct job_store *store, const char *job, struct error *err)
{
	struct job_spec *spec;

	if (c->bundle_job != NULL && strcmp(c->bundle_job, job) == 0)
		return true;
	if (!store->ops->spec(store, &c->round, job, &spec, err))
		return false;
	arena_reset(&c->bundle_arena);
	c->bundle_job = arena_str(&c->bundle_arena, job);
	c->bundle = record_copy(&c->bundle_arena, &record_bundle_info, spec->bundle);
	return true;
}

bool
api_bundle_get(struct coordinator *c, struct call *call, struct error *err)
{
	const struct bundle_get *m = call->request->body;
	struct bundle_chunk *reply = arena_new(&c->round, struct bundle_chunk);
	const struct bundle_file *f = NULL;
	struct job_store *store;
	struct job *job;

	if (!api_held_job(c, call, m->job, m->attempt, &store, &job, err) ||
	    !bundle_of(c, store, m->job, err))
		return false;
	if (c->bundle != NULL)
		f = bsearch(m->name, c->bundle->files.items, c->bundle->files.count, sizeof(*f),
			    by_name);
	if (f == NULL || f->sha256 == NULL)
		return error_set(err, E_JOB_005, "job %s carries no file %s", m->job, m->name);
	if (!journal_bundle_get(c->journal, &c->round, f->sha256, m->offset, reply, err))
		return error_wrap(err, "job %s: %s", m->job, f->name);
	call->reply = reply;
	return true;
}
