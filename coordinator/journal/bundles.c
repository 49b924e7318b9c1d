/*
 * Migration files on their way to a worker that has no disk of the project. They come in pieces,
 * are believed only when their SHA-256 fits, lie outside the audit chain, and go some days after
 * the last job that used them. Each uploader fills a row of its own, so that nobody can spoil a
 * file that somebody else is sending; the first that is whole counts for all.
 */
#include "coordinator/journal/bundle_hash.h"
#include "coordinator/journal/query.h"

#include <string.h>

#include "shared/base/banned.h"

struct upload {
	int64_t id;
	int64_t size;
	int64_t stored;
};

static bool
find_whole(struct journal *j, const char *sha256, struct upload *out, bool *found,
	   struct error *err)
{
	struct query q = query_begin(j, journal_sql_bundle_find);

	query_text(&q, sha256);
	bool ok = query_step(&q, found, err);
	if (ok && *found)
		*out = (struct upload){.id = query_col_int(&q, 0), .size = query_col_int(&q, 1)};
	query_end(&q);
	return ok;
}

bool
journal_bundle_has(struct journal *j, const char *sha256, bool *out, struct error *err)
{
	struct upload u;

	return find_whole(j, sha256, &u, out, err);
}

static bool
find_upload(struct journal *j, const char *sha256, const char *uploader, struct upload *out,
	    bool *found, struct error *err)
{
	struct query q = query_begin(j, journal_sql_bundle_upload);

	query_text(&q, sha256);
	query_text(&q, uploader);
	bool ok = query_step(&q, found, err);
	if (ok && *found)
		*out = (struct upload){.id = query_col_int(&q, 0),
				       .size = query_col_int(&q, 1),
				       .stored = query_col_int(&q, 2)};
	query_end(&q);
	return ok;
}

static bool
refuse_full(int64_t bytes, int64_t more, int64_t room, struct error *err)
{
	error_set(err, E_JOB_005,
		  "the coordinator has no room for the file: it holds %lld bytes of migration "
		  "files, %lld more would pass its limit of %lld",
		  (long long)bytes, (long long)more, (long long)room);
	error_hint(err, "in coordinator.yaml: raise limits.files_bytes, or lower retention_days");
	return false;
}

static bool
begin_upload(struct journal *j, const char *uploader, const struct bundle_put *p, int64_t room,
	     struct upload *out, struct error *err)
{
	int64_t bytes = 0;
	bool found;

	if (!journal_get_int(j, journal_sql_bundle_bytes, &bytes, err))
		return false;
	if (bytes + p->total > room)
		return refuse_full(bytes, p->total, room, err);
	struct query q = query_begin(j, journal_sql_bundle_add);
	query_text(&q, p->sha256);
	query_text(&q, uploader);
	query_int(&q, p->total);
	query_int(&q, j->rt->ops->wall_us(j->rt));
	return query_run(&q, err) && find_upload(j, p->sha256, uploader, out, &found, err);
}

static bool
drop(struct journal *j, int64_t id, struct error *err)
{
	struct query q = query_begin(j, journal_sql_bundle_drop);

	query_int(&q, id);
	return query_run(&q, err);
}

/* The row of a file whose bytes are wrong is left for the next piece 0 of it, which begins anew. */
static bool
complete(struct journal *j, const struct upload *u, const char *sha256, struct error *err)
{
	char found[SHA256_HEX];

	if (!bundle_hash_end(j, u->id, u->size, found, err))
		return false;
	if (strcmp(found, sha256) != 0)
		return error_set(err, E_JOB_005, "the bytes do not fit the SHA-256 %s", sha256);
	struct query q = query_begin(j, journal_sql_bundle_complete);
	query_int(&q, u->id);
	if (!query_run(&q, err))
		return false;
	q = query_begin(j, journal_sql_bundle_drop_others);
	query_text(&q, sha256);
	return query_run(&q, err);
}

static bool
append(struct journal *j, struct upload *u, const struct bundle_put *p, struct error *err)
{
	struct query q = query_begin(j, journal_sql_bundle_part_add);

	query_int(&q, u->id);
	query_int(&q, u->stored);
	query_bytes(&q, p->data);
	if (!query_run(&q, err))
		return false;
	bundle_hash_add(j, u->id, u->stored, p->data);
	u->stored += (int64_t)p->data.len;
	q = query_begin(j, journal_sql_bundle_grow);
	query_int(&q, u->id);
	query_int(&q, u->stored);
	query_int(&q, j->rt->ops->wall_us(j->rt));
	return query_run(&q, err);
}

/* The row that the piece belongs to; a piece 0 begins anew what was not finished. */
static bool
open_upload(struct journal *j, const char *uploader, const struct bundle_put *p, int64_t room,
	    struct upload *out, struct error *err)
{
	bool found;

	if (!find_upload(j, p->sha256, uploader, out, &found, err))
		return false;
	if (found && p->offset == 0) {
		if (!drop(j, out->id, err))
			return false;
		found = false;
	}
	if (!found && p->offset == 0)
		return begin_upload(j, uploader, p, room, out, err);
	if (found && out->size == p->total)
		return true;
	return error_set(err, E_JOB_005, "a file's pieces did not begin with the first");
}

bool
journal_bundle_put(struct journal *j, const char *uploader, const struct bundle_put *p,
		   int64_t room, bool *known, struct error *err)
{
	struct upload u = {0};

	if (p->offset < 0 || p->offset > p->total - (int64_t)p->data.len ||
	    (p->data.len == 0 && p->total > 0))
		return error_set(err, E_JOB_005, "a piece is empty or lies outside of its file");
	if (!find_whole(j, p->sha256, &u, known, err) || *known)
		return *known;
	if (!open_upload(j, uploader, p, room, &u, err))
		return false;
	/* The answer to it was lost on its way. */
	*known = p->offset + (int64_t)p->data.len <= u.stored && p->data.len > 0;
	if (*known)
		return true;
	if (p->offset != u.stored)
		return error_set(err, E_JOB_005, "a piece at %lld came where %lld was expected",
				 (long long)p->offset, (long long)u.stored);
	if (!append(j, &u, p, err))
		return false;
	return u.stored < u.size || complete(j, &u, p->sha256, err);
}

static bool
read_part(struct journal *j, struct arena *a, const struct upload *u, int64_t offset,
	  struct span *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_bundle_part_at);
	bool row, ok;

	query_int(&q, u->id);
	query_int(&q, offset);
	ok = query_step(&q, &row, err);
	if (ok && row) {
		size_t skip = (size_t)(offset - query_col_int(&q, 0));
		struct span part = query_col_bytes(&q, 1);
		if (skip < part.len)
			*out = span_of(arena_bytes(a, part.ptr + skip, part.len - skip),
				       part.len - skip);
	}
	query_end(&q);
	return ok;
}

bool
journal_bundle_get(struct journal *j, struct arena *a, const char *sha256, int64_t offset,
		   struct bundle_chunk *out, struct error *err)
{
	struct upload u;
	bool found;

	*out = (struct bundle_chunk){.data = span_of("", 0)};
	if (!find_whole(j, sha256, &u, &found, err))
		return false;
	if (!found)
		return error_set(err, E_JOB_005, "the file with SHA-256 %s is not here", sha256);
	out->total = u.size;
	if (offset < 0 || offset >= u.size)
		return true;
	return read_part(j, a, &u, offset, &out->data, err);
}

static bool
use(struct journal *j, const char *sql, const char *key, struct error *err)
{
	struct query q = query_begin(j, sql);

	query_text(&q, key);
	query_int(&q, j->rt->ops->wall_us(j->rt));
	return query_run(&q, err);
}

bool
journal_bundle_use(struct journal *j, const char *sha256, struct error *err)
{
	return use(j, journal_sql_bundle_use, sha256, err);
}

bool
journal_bundle_use_of_job(struct journal *j, const char *job, struct error *err)
{
	return use(j, journal_sql_bundle_use_of_job, job, err);
}

bool
journal_prune(struct journal *j, int64_t before_us, struct error *err)
{
	char before[TIME_TEXT];
	struct query q = query_begin(j, journal_sql_bundle_prune);

	query_int(&q, before_us);
	if (!query_run(&q, err))
		return false;
	time_print(before_us, before);
	q = query_begin(j, journal_sql_job_event_prune);
	query_text(&q, before);
	return query_run(&q, err);
}
