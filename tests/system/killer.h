#ifndef CONFITURE_TESTS_KILLER_H
#define CONFITURE_TESTS_KILLER_H

#include "tests/support/fleet.h"
#include "tests/support/project.h"

/*
 * What the files of the killer share: rounds of violence over real processes and a real server. A
 * round is one project with a random mix of migrations, one act of violence while they run, and
 * plain runs after it, which must bring everything to its end with each effect there once.
 */

/* X(bit, words): what must never be found. */
#define FINDINGS(X)                                                                                \
	X(DOUBLED, "doubled")                                                                      \
	X(LOST, "lost")                                                                            \
	X(STUCK, "stuck")                                                                          \
	X(HAND, "needing a hand")                                                                  \
	X(UNTIDY, "untidy") /* an INVALID or a wrong index, a mark, a broken audit chain */

enum finding {
#define X(name, words) FOUND_##name,
	FINDINGS(X)
#undef X
		FINDING_COUNT
};

enum { FILES_MOST = 5, STORY_TEXT = 512 };

struct violence;

struct round {
	uint64_t seed, dice;
	bool fleet; /* through a coordinator and workers; else embedded */
	const struct violence *violence;
	char story[STORY_TEXT]; /* what was done, in words */

	struct project project;
	struct fleet house;
	struct fleet_worker *worker;
	const char *env[3];	  /* of commands */
	struct proxy *proxy;	  /* NULL: straight to the server */
	struct process command;	  /* the one that meets the violence */
	struct pg_session *block; /* holds up concurrent statements; NULL */
	char since[64];		  /* the server's time, by note_time() */
	char mount[160];	  /* of a small disk; "" */

	/* the mix: killer_mix.c */
	size_t files;
	size_t kinds[FILES_MOST];
	bool broken; /* a file of it fails and is not mended yet */

	bool gone_for_good; /* the first worker, behind a line that stays silent */
	bool armed;	    /* the worker stops itself at some point */
	bool struck, skipped;
	int runs; /* plain ones that it took */
	bool found[FINDING_COUNT];
};

/* splitmix64 */
static inline uint64_t
round_random(struct round *r)
{
	uint64_t z = r->dice += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static inline size_t
round_below(struct round *r, size_t n)
{
	return (size_t)(round_random(r) % n);
}

void round_say(struct round *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- killer_mix.c ---- */
/* Tables that the effects are counted in, and the files. */
void mix_make(struct round *r);
/* The file that fails is put right. */
void mix_mend(struct round *r);
/* Looks at the database and notes findings. */
void mix_check(struct round *r);

/* ---- killer_violence.c ---- */
enum setting {
	PLAIN,
	THROUGH_PROXY, /* so is the database reached */
	SMALL_DISK,    /* the journal lies on one of its own */
	OVER_A_LINE    /* who works on the database sits behind killer_line.c's cables */
};

struct violence {
	const char *name;
	void (*strike)(struct round *r);
	unsigned embedded, fleet; /* how often; 0 = never */
	enum setting setting;
};
const struct violence *violence_random(struct round *r);
extern const struct violence violences[];
extern const size_t violence_count;

/* Everything that was stopped, killed or cut is there again; for the plain runs. */
void violence_over(struct round *r);
/* Waits for it; kills it and notes FOUND_STUCK when it does not end. */
bool await_end(struct round *r, struct process *command);
/* Before a run, and after it was started: somebody may still hold up what an earlier one has begun,
 * until this one's session is there too. */
void note_time(struct round *r);
void release_block(struct round *r, struct process *command);
bool start_up(struct round *r, struct process *command, const char *const *more);
/* Starts it and waits until it has stopped itself at a point of its work by SIGSTOP: true; or has
 * ended before. */
bool stop_at_a_point(struct round *r);
/* Who works on the database. */
struct process *victim(struct round *r);
/* Somebody else, who has nothing to do with the victim's troubles, does the work. */
void let_a_rival_work(struct round *r);

/* ---- killer_line.c ---- */
enum line { LINE_TO_SERVER, LINE_TO_COORDINATOR, LINE_COUNT };

/* Once, before anything listens: from here on this process has a network of its own, with another
 * one behind two cables. False where that may not be had; then nothing has changed. */
bool line_begin(void);
/* What line_begin() said. */
bool line_there(void);
/* How the near ends are called from behind; they are addresses of this side too. */
const char *line_address(enum line line);
/* The database as it is reached over the line: given up when it is silent for some seconds. */
const char *line_url(struct round *r);
/* A program that runs `program` behind the line, with its arguments. */
const char *line_program(struct round *r, const char *name, const char *program);
/* Lost is whatever is sent over it, without a word to either side. */
void line_silence(enum line line, bool silent);

void silence_server_for_a_while(struct round *r);
void silence_server_for_good(struct round *r);
void silence_coordinator_for_a_while(struct round *r);
void silence_coordinator_for_good(struct round *r);

#endif
