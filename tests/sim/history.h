#ifndef CONFITURE_TESTS_SIM_HISTORY_H
#define CONFITURE_TESTS_SIM_HISTORY_H

#include "shared/base/runtime.h"
#include "shared/wire/messages.h"
#include "tests/sim/world.h"

/*
 * What the people and programs outside of the coordinator were told: the promises are held against
 * it. Survives whatever dies in the world.
 */
struct history;

enum { HISTORY_JOBS = 160, HISTORY_FINDINGS = 16, HISTORY_BEGINS = 32, HISTORY_EVENTS = 128 };

/* What somebody wanted, under one key. */
struct order;

struct told_job {
	char id[ID_TEXT];
	const struct order *order; /* NULL: not known whose */
	bool reads;		   /* kept in memory: may be gone after a restart */
	uint64_t acked_ns;
	/* Events that a worker was told are kept: all up to this one. */
	int64_t kept_attempt, kept_seq;
	struct {
		int64_t attempt;
		int worker;
		uint64_t at_ns;
	} begins[HISTORY_BEGINS];
	size_t begin_count;
	/* What was acknowledged under each number. */
	struct kept_event {
		int64_t attempt, seq;
		uint64_t hash;
	} kept[HISTORY_EVENTS];
	size_t kept_count;
	bool finish_acked; /* a worker's report was taken */
	uint64_t finish_acked_ns;
	/* What its watchers were told last. */
	bool ended, unknown;
	char code[32]; /* of the outcome's error; "" = none */
	int64_t exit_code;
	uint64_t ended_ns;
	bool cancel_acked;
	/* What the journal says at the end; "" = nothing. */
	char state[16];
	char final_code[32];
	int64_t attempts, final_exit;
	int64_t said_applied; /* how many migrations its outcome names; -1 = it says nothing */
};

struct history *history_new(struct world *w);
struct told_job *history_job(struct history *h, const char *id); /* made when it is new */
struct told_job *history_find(struct history *h, const char *id);
size_t history_jobs(struct history *h, struct told_job **out);

/* ---- what simnet saw answered ---- */
void history_answered(void *self, int place, enum message_kind kind, const void *request,
		      const void *reply, const struct error *err);

/* ---- a broken promise ---- */
void history_breach(struct history *h, const char *promise, const char *fmt, ...) PRINTF_LIKE(3, 4);
size_t history_breaches(const struct history *h);
const char *history_breach_at(const struct history *h, size_t at);

/* ---- streams of events: of one watcher of one job ---- */
struct stream {
	char job[ID_TEXT];
	int64_t attempt, seq; /* the last one seen */
	uint64_t count, hash;
};
void stream_begin(struct stream *s, const char *job);
/* Holds order and completeness (P13). */
void stream_add(struct history *h, struct stream *s, const char *who,
		const struct job_event *event);

#endif
