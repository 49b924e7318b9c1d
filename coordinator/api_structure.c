/*
 * Structures on their way from a worker to whoever asked for them: too large for a message or for
 * a job's outcome, so they lie where migration files lie, by their hash. The same structure read
 * again needs no piece more, takes no room more, and goes some days after it was last used.
 */
#include "coordinator/api.h"

#include <string.h>

#include "shared/base/banned.h"

static const char kind[] = "introspect";

bool
api_structure_put(struct coordinator *c, struct call *call, struct error *err)
{
	const struct structure_put *m = call->request->body;
	const struct bundle_put piece = {
		.sha256 = m->sha256, .offset = m->offset, .total = m->total, .data = m->data};
	struct structure_kept *reply = arena_new(&c->round, struct structure_kept);
	struct job_store *store;
	struct job *job;
	bool known;

	if (!api_held_job(c, call, m->job, m->attempt, &store, &job, err))
		return false;
	if (strcmp(job->info.kind, kind) != 0)
		return error_set(err, E_JOB_002, "job %s reads no structure: its kind is %s",
				 m->job, job->info.kind);
	/* Two jobs of one worker may read the same: neither begins the other's anew. */
	const char *uploader =
		arena_printf(&c->round, "%s %s", api_identity(c, call), job->info.id);
	if (!api_piece_valid(c, &piece, err) ||
	    !journal_bundle_put(c->journal, uploader, &piece, c->files_bytes_max, &known, err) ||
	    !journal_bundle_has(c->journal, m->sha256, &reply->whole, err) ||
	    (reply->whole && !journal_bundle_use(c->journal, m->sha256, err)))
		return false;
	call->reply = reply;
	return true;
}

/* What the job's worker told of it; NULL: nothing was read. */
static const struct structure_read *
read_by(const struct job_outcome *outcome)
{
	return outcome != NULL && outcome->result.of == &record_structure_read ? outcome->result.ptr
									       : NULL;
}

bool
api_structure_get(struct coordinator *c, struct call *call, struct error *err)
{
	const struct structure_get *m = call->request->body;
	struct structure_piece *reply = arena_new(&c->round, struct structure_piece);
	struct job_outcome *outcome = NULL;
	struct bundle_chunk chunk;
	struct job_store *store;
	struct job *job;

	if (!coordinator_job(c, m->job, &store, &job, err) ||
	    !store->ops->outcome(store, &c->round, m->job, &outcome, err))
		return false;
	const struct structure_read *read = read_by(outcome);
	if (read == NULL || strcmp(job->info.kind, kind) != 0)
		return error_set(err, E_JOB_002, "job %s has read no structure", m->job);
	if (!journal_bundle_get(c->journal, &c->round, read->sha256, m->offset, &chunk, err))
		return error_wrap(err, "job %s", m->job);
	*reply = (struct structure_piece){.total = chunk.total, .data = chunk.data};
	call->reply = reply;
	return true;
}
