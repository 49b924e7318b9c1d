/*
 * Kind "introspect": the structure of the database, in one snapshot, for whoever asked. It lies
 * with the coordinator afterwards, and the outcome says under which hash. It goes there line by
 * line in bounded pieces: once to be hashed, and once to be sent where that hash is not there yet.
 */
#include <string.h>

#include "shared/schema/fingerprint.h"
#include "shared/snapshot/lines.h"
#include "worker/control.h"
#include "worker/job.h"
#include "worker/kinds.h"

#include "shared/base/banned.h"

enum { PIECE = 256 * 1024 };

struct sending {
	struct job_run *r;
	struct snapshot_lines lines;
	struct text waiting; /* less than a piece, but for the last line */
	struct arena arena;  /* of one piece */
	struct structure_put ask;
	bool whole; /* nothing more is needed */
};

/* ---- what there is to send ---- */

static void
hash_lines(const struct schema_model *m, struct structure_read *out, char sha256[SHA256_HEX])
{
	struct snapshot_lines lines;
	struct sha256 hash;
	struct text line;

	sha256_init(&hash);
	text_init(&line, 0);
	snapshot_lines_open(&lines, m, "");
	while (snapshot_lines_next(&lines, &line)) {
		sha256_add(&hash, line.ptr, line.len);
		out->bytes += (int64_t)line.len;
		text_clear(&line);
	}
	snapshot_lines_close(&lines);
	text_fini(&line);
	sha256_hex(&hash, sha256);
}

/* ---- sending ---- */

static bool
send_piece(struct sending *s, struct span data, struct error *err)
{
	void *reply;

	s->ask.data = data;
	arena_reset(&s->arena);
	if (!job_go_on(s->r, err) ||
	    !control_call(s->r->control, MESSAGE_structure_put, &s->ask, &s->arena, &reply, err))
		return false;
	s->ask.offset += (int64_t)data.len;
	s->whole = ((struct structure_kept *)reply)->whole;
	return true;
}

/* All whole pieces of what waits; with `rest` what is left too. */
static bool
send_waiting(struct sending *s, bool rest, struct error *err)
{
	size_t at = 0;
	bool ok = true;

	while (ok && !s->whole && (s->waiting.len - at >= PIECE || (rest && at < s->waiting.len))) {
		size_t len = s->waiting.len - at < PIECE ? s->waiting.len - at : PIECE;
		ok = send_piece(s, span_of(s->waiting.ptr + at, len), err);
		at += len;
	}
	struct text left;
	text_init(&left, 0);
	text_put_span(&left, span_of(s->waiting.ptr + at, s->waiting.len - at));
	text_fini(&s->waiting);
	s->waiting = left;
	return ok;
}

static bool
send_lines(struct sending *s, struct error *err)
{
	bool ok = true;

	while (ok && !s->whole && snapshot_lines_next(&s->lines, &s->waiting)) {
		if (s->waiting.len >= PIECE)
			ok = send_waiting(s, false, err);
	}
	return ok && (s->whole || send_waiting(s, true, err));
}

static bool
send_model(struct job_run *r, const struct schema_model *m, const struct structure_read *read,
	   struct error *err)
{
	struct sending s = {.r = r,
			    .ask = {.job = r->job,
				    .attempt = r->attempt,
				    .sha256 = read->sha256,
				    .total = read->bytes}};

	text_init(&s.waiting, 0);
	arena_init(&s.arena);
	snapshot_lines_open(&s.lines, m, "");
	bool ok = send_lines(&s, err);
	snapshot_lines_close(&s.lines);
	arena_fini(&s.arena);
	text_fini(&s.waiting);
	return ok;
}

/* ---- the job ---- */

static bool
read_model(struct job_run *r, struct schema_pool *pool, struct schema_model **out,
	   struct structure_read *read, struct error *err)
{
	struct target *t;

	if (!job_connect(r, NULL, &t, err))
		return false;
	const struct target_info *info = t->ops->info(t);
	read->database = arena_str(r->arena, info->database);
	read->server_version = arena_str(r->arena, info->server_version);
	bool ok = t->ops->structure(t, pool, out, err);
	job_disconnect(r, t);
	return ok;
}

bool
introspect_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct structure_read *read = arena_new(r->arena, struct structure_read);
	struct schema_pool *pool = schema_pool_new();
	struct schema_model *m;
	char hash[SHA256_HEX];

	bool ok = read_model(r, pool, &m, read, err);
	if (ok) {
		read->job = r->job;
		read->objects = (int64_t)m->count;
		schema_fingerprint(m, hash);
		read->fingerprint = arena_str(r->arena, hash);
		hash_lines(m, read, hash);
		read->sha256 = arena_str(r->arena, hash);
		ok = send_model(r, m, read, err);
	}
	schema_pool_free(pool);
	if (ok)
		*result = (struct any){&record_structure_read, read};
	*exit_code = 0;
	return ok;
}
