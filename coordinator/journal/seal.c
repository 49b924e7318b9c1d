/*
 * Sealing the stream of a job: how many events there were, and one hash over them. A stream may be
 * pruned later as a whole; what cannot happen unseen is that a part of it changes.
 */
#include "coordinator/journal/seal.h"

#include <stdio.h>

#include "shared/base/banned.h"

bool
seal_of(struct journal *j, const char *job, struct seal *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_event_bodies);
	struct sha256 h;
	bool row, ok;

	out->events = 0;
	sha256_init(&h);
	query_text(&q, job);
	while ((ok = query_step(&q, &row, err)) && row) {
		struct span body = query_col_span(&q, 2);
		char head[80];
		int len = snprintf(head, sizeof(head), "%lld %lld %zu ",
				   (long long)query_col_int(&q, 0), (long long)query_col_int(&q, 1),
				   body.len);
		sha256_add(&h, head, (size_t)len);
		sha256_add(&h, body.ptr, body.len);
		out->events++;
	}
	query_end(&q);
	sha256_hex(&h, out->sha256);
	return ok;
}

struct sealed {
	int64_t at; /* seq of the audit event */
	const char *job;
	int64_t events;
	const char *sha256;
};

static bool
next_seal(struct journal *j, struct arena *a, struct sealed *s, bool *found, struct error *err)
{
	struct query q = query_begin(j, journal_sql_seal_list);

	query_int(&q, s->at);
	bool ok = query_step(&q, found, err);
	if (ok && *found)
		*s = (struct sealed){.at = query_col_int(&q, 0),
				     .job = query_col(&q, a, 1),
				     .events = query_col_int(&q, 2),
				     .sha256 = query_col(&q, a, 3)};
	query_end(&q);
	return ok;
}

bool
seals_check(struct journal *j, struct arena *a, struct audit_report *out, struct error *err)
{
	struct sealed s = {0};
	struct seal now;
	bool found = false;

	for (;;) {
		if (!next_seal(j, a, &s, &found, err))
			return false;
		if (!found)
			return true;
		if (!seal_of(j, s.job, &now, err))
			return false;
		if (now.events == 0 ||
		    (now.events == s.events && span_is(span_str(now.sha256), s.sha256)))
			continue;
		out->ok = false;
		out->first_bad = s.at;
		out->problem =
			arena_printf(a, "the events of job %s are not those it ended with", s.job);
		return true;
	}
}
