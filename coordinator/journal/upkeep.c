/* What was done for the journal itself: when it was last copied, what an operator accepted. */
#include "coordinator/journal/query.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "shared/base/banned.h"

bool
journal_upkeep_note(struct journal *j, const char *task, const char *detail, struct error *err)
{
	struct query q = query_begin(j, journal_sql_upkeep_note);
	char now[TIME_TEXT];

	time_print(j->rt->ops->wall_us(j->rt), now);
	query_text(&q, task);
	query_text(&q, now);
	query_text(&q, detail);
	return query_run(&q, err);
}

bool
journal_upkeep_find(struct journal *j, struct arena *a, const char *task, struct upkeep *out,
		    struct error *err)
{
	struct query q = query_begin(j, journal_sql_upkeep_find);
	bool row, ok;

	*out = (struct upkeep){0};
	query_text(&q, task);
	ok = query_step(&q, &row, err);
	if (ok && row)
		*out = (struct upkeep){.time = query_col(&q, a, 0), .detail = query_col(&q, a, 1)};
	query_end(&q);
	return ok;
}

bool
journal_health_read(struct journal *j, struct arena *a, struct journal_health *out,
		    struct error *err)
{
	struct upkeep copy;
	struct statvfs fs;
	struct stat st;

	if (!journal_upkeep_find(j, a, "journal.copy", &copy, err))
		return false;
	*out = (struct journal_health){.checksums = j->checked,
				       .free_bytes = INT_NULL,
				       .copied_at = copy.time,
				       .copy = copy.detail};
	if (stat(j->path, &st) == 0)
		out->bytes = (int64_t)st.st_size;
	if (statvfs(j->path, &fs) == 0)
		out->free_bytes = (int64_t)(fs.f_bavail * fs.f_frsize);
	return true;
}

static bool
accept_head(struct journal *j, const char *actor, struct error *err)
{
	const struct audit_image image = {IMAGE_UPKEEP, "journal.accept"};
	struct audit_entry entry = {.actor = actor,
				    .kind = "journal.accept",
				    .subject = j->id,
				    .images = &image,
				    .image_count = 1};
	char hash[SHA256_HEX], number[24];
	int64_t seq;

	if (!journal_audit_head(j, &seq, hash, err))
		return false;
	snprintf(number, sizeof(number), "%lld", (long long)seq + 1);
	return journal_upkeep_note(j, entry.kind, number, err) && journal_audit_add(j, &entry, err);
}

bool
journal_accept(struct journal *j, const char *actor, struct error *err)
{
	if (!journal_begin(j, err))
		return false;
	if (accept_head(j, actor, err) && journal_commit(j, err))
		return true;
	journal_rollback(j);
	return false;
}
