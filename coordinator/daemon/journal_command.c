/* `journal …`: what an operator does with the journal's file, on the machine where it lies. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/daemon/daemon.h"
#include "coordinator/journal/copy.h"
#include "coordinator/journal/journal.h"

#include "shared/base/banned.h"

struct request {
	struct runtime *rt;
	struct journal *journal;
	const char *path; /* of the journal */
	const char *word; /* what follows the verb; NULL: nothing */
};

static bool
usage(struct error *err)
{
	error_set(err, E_USAGE_001,
		  "usage: confiture-coordinator journal copy FILE|rebuild|accept [--journal FILE]");
	error_hint(err, "confiture-coordinator --help");
	return false;
}

static bool
accept(struct request *r, struct error *err)
{
	char hash[SHA256_HEX];
	int64_t seq;

	if (!journal_accept(r->journal, "operator:local", err) ||
	    !journal_audit_head(r->journal, &seq, hash, err))
		return false;
	printf("the journal %s is accepted as it is, with event %lld\n", r->path, (long long)seq);
	return true;
}

static bool
rebuild(struct request *r, struct error *err)
{
	int64_t steps;

	if (!journal_rebuild(r->journal, &steps, err))
		return false;
	printf("the journal %s: jobs, workers, targets, tokens, intents and claims are as its "
	       "events say (%lld "
	       "steps)\n",
	       r->path, (long long)steps);
	return true;
}

static bool
copy(struct request *r, struct error *err)
{
	if (!journal_copy(r->rt, r->path, r->word, err))
		return false;
	printf("%s is a copy of the journal %s\n", r->word, r->path);
	return true;
}

static const struct {
	const char *word;
	bool alone; /* no coordinator may run */
	bool needs_word;
	bool (*run)(struct request *r, struct error *err);
} verbs[] = {
	{"accept", false, false, accept},
	{"copy", false, true, copy},
	{"rebuild", true, false, rebuild},
};

/* --journal FILE is for journals that no coordinator has: those of a project. */
static bool
read_words(struct request *r, int argc, char **argv, struct error *err)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--journal") == 0 && i + 1 < argc)
			r->path = argv[++i];
		else if (strncmp(argv[i], "--journal=", 10) == 0)
			r->path = argv[i] + 10;
		else if (argv[i][0] != '-' && r->word == NULL)
			r->word = argv[i];
		else
			return usage(err);
	}
	return true;
}

static bool
run_verb(struct request *r, size_t verb, struct error *err)
{
	if ((r->word != NULL) != verbs[verb].needs_word)
		return usage(err);
	if (!journal_open(r->rt, r->path, false, &r->journal, err))
		return false;
	if (r->journal == NULL)
		return error_set(err, E_JRNL_001, "there is no journal %s", r->path);
	int lock = -1;
	bool ok = (!verbs[verb].alone || daemon_lock_journal(r->path, &lock, err)) &&
		  verbs[verb].run(r, err);
	if (lock >= 0)
		close(lock);
	journal_close(r->journal);
	return ok;
}

bool
journal_command(struct runtime *rt, const struct daemon_config *config, int argc, char **argv,
		struct error *err)
{
	struct request r = {.rt = rt, .path = config->journal};

	if (!read_words(&r, argc, argv, err))
		return false;
	for (size_t i = 0; argc > 0 && i < ARRAY_LEN(verbs); i++) {
		if (strcmp(argv[0], verbs[i].word) == 0)
			return run_verb(&r, i, err);
	}
	return usage(err);
}
