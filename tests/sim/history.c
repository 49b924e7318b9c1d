/*
 * Everything that is told is compared with what was told before, at once, so that the trace shows
 * the breach where it happens.
 */
#include "tests/sim/history.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { BREACH_TEXT = 400 };

struct history {
	struct world *world;
	struct told_job jobs[HISTORY_JOBS];
	size_t job_count;
	char breaches[HISTORY_FINDINGS][BREACH_TEXT];
	size_t breach_count;
};

struct history *
history_new(struct world *w)
{
	struct history *h = calloc(1, sizeof(*h));

	if (h == NULL)
		abort();
	h->world = w;
	return h;
}

static uint64_t
now_of(const struct history *h)
{
	return sched_now(h->world->sched);
}

void
history_breach(struct history *h, const char *promise, const char *fmt, ...)
{
	char words[BREACH_TEXT - 16], line[BREACH_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s: %s", promise, words);
	for (size_t i = 0; i < h->breach_count; i++) {
		if (strcmp(h->breaches[i], line) == 0)
			return;
	}
	trace_line(h->world->trace, now_of(h), "BREACH", "%s", line);
	if (h->breach_count < HISTORY_FINDINGS)
		memcpy(h->breaches[h->breach_count++], line, sizeof(line));
}

size_t
history_breaches(const struct history *h)
{
	return h->breach_count;
}

const char *
history_breach_at(const struct history *h, size_t at)
{
	return h->breaches[at];
}

struct told_job *
history_find(struct history *h, const char *id)
{
	for (size_t i = 0; i < h->job_count; i++) {
		if (strcmp(h->jobs[i].id, id) == 0)
			return &h->jobs[i];
	}
	return NULL;
}

struct told_job *
history_job(struct history *h, const char *id)
{
	struct told_job *j = history_find(h, id);

	if (j != NULL)
		return j;
	if (h->job_count == HISTORY_JOBS)
		abort();
	j = &h->jobs[h->job_count++];
	snprintf(j->id, sizeof(j->id), "%s", id);
	return j;
}

size_t
history_jobs(struct history *h, struct told_job **out)
{
	*out = h->jobs;
	return h->job_count;
}

/* ---- answers ---- */
static void
begin_answered(struct history *h, int place, const struct job_begin *m)
{
	struct told_job *j = history_job(h, m->job);

	/* Two workers that were both let begin one attempt: both would run it. */
	for (size_t i = 0; i < j->begin_count; i++) {
		if (j->begins[i].attempt == m->attempt && j->begins[i].worker != place)
			history_breach(h, "P1", "attempt %lld of job %s was begun by two workers",
				       (long long)m->attempt, m->job);
	}
	if (j->begin_count < HISTORY_BEGINS) {
		j->begins[j->begin_count].attempt = m->attempt;
		j->begins[j->begin_count].worker = place;
		j->begins[j->begin_count++].at_ns = now_of(h);
	}
}

/* The client may never have heard of its job, while a worker did. */
static void
offer_answered(struct history *h, const struct worker_offer *m)
{
	if (m->job != NULL)
		history_job(h, m->job)->reads = strcmp(m->spec->kind, "status") == 0;
}

static uint64_t
event_hash(const struct job_event *e)
{
	struct text json;
	uint64_t hash = 0xcbf29ce484222325ULL;

	text_init(&json, 0);
	record_json(&json, &record_job_event, e, 0);
	for (size_t i = 0; i < json.len; i++)
		hash = (hash ^ (unsigned char)json.ptr[i]) * 0x100000001b3ULL;
	text_fini(&json);
	return hash;
}

/* Two events under one number: only one of them is kept, and both were acknowledged. */
static void
event_kept(struct history *h, struct told_job *j, const struct job_event *e)
{
	uint64_t hash = event_hash(e);

	for (size_t i = 0; i < j->kept_count; i++) {
		const struct kept_event *k = &j->kept[i];
		if (k->attempt != e->attempt || k->seq != e->seq)
			continue;
		if (k->hash != hash)
			history_breach(h, "P13", "job %s: event %lld/%lld was acknowledged as two",
				       j->id, (long long)e->attempt, (long long)e->seq);
		return;
	}
	if (j->kept_count < HISTORY_EVENTS)
		j->kept[j->kept_count++] = (struct kept_event){e->attempt, e->seq, hash};
}

static void
events_answered(struct history *h, const struct job_events *m)
{
	struct told_job *j = history_job(h, m->job);

	if (m->events.count == 0)
		return;
	for (size_t i = 0; i < m->events.count; i++)
		event_kept(h, j, &m->events.items[i]);
	int64_t seq = m->events.items[m->events.count - 1].seq;
	if (m->attempt > j->kept_attempt || (m->attempt == j->kept_attempt && seq > j->kept_seq)) {
		j->kept_attempt = m->attempt;
		j->kept_seq = seq;
	}
}

void
history_answered(void *self, int place, enum message_kind kind, const void *request,
		 const void *reply, const struct error *err)
{
	struct history *h = self;

	(void)err;
	if (reply == NULL)
		return;
	switch (kind) {
	case MESSAGE_worker_next:
		offer_answered(h, reply);
		break;
	case MESSAGE_job_begin:
		begin_answered(h, place, request);
		break;
	case MESSAGE_job_events:
		events_answered(h, request);
		break;
	case MESSAGE_job_finish: {
		struct told_job *j = history_job(h, ((const struct job_finish *)request)->job);
		j->finish_acked = true;
		j->finish_acked_ns = now_of(h);
		break;
	}
	default:
		break;
	}
}

/* ---- streams ---- */
void
stream_begin(struct stream *s, const char *job)
{
	*s = (struct stream){.hash = 0xcbf29ce484222325ULL};
	snprintf(s->job, sizeof(s->job), "%s", job);
}

void
stream_add(struct history *h, struct stream *s, const char *who, const struct job_event *e)
{
	bool follows = (e->attempt == s->attempt && e->seq == s->seq + 1) ||
		       (e->attempt > s->attempt && e->seq == 1);

	if (strcmp(e->job, s->job) != 0)
		history_breach(h, "P13", "%s follows job %s and got an event of %s", who, s->job,
			       e->job);
	else if (!follows)
		history_breach(h, "P13", "%s of job %s got event %lld/%lld after %lld/%lld", who,
			       s->job, (long long)e->attempt, (long long)e->seq,
			       (long long)s->attempt, (long long)s->seq);
	s->attempt = e->attempt;
	s->seq = e->seq;
	s->count++;
	s->hash = s->hash * 31 + event_hash(e);
}
