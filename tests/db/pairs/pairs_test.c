/*
 * Plans over pairs of schemas that others wrote, both ways (judge.h), in the folder that
 * CONFITURE_DIFF_CORPUS names or in corpora/diff beside the project.
 *
 *   db_pairs                 a fixed sample of the pairs; without the folder it is skipped
 *   db_pairs --all [N]       all pairs, by N processes with a server each: a line for each
 * direction that fails, then the rate; non-zero below RATE_WANTED db_pairs PART…           pairs
 * whose name holds a PART, each with its plan and what differs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/db/pairs/judge.h"
#include "tests/db/pairs/stage.h"
#include "tests/support/cluster.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { SKIPPED = 77, EVERY = 48, FIRST = 7, MOST_PROCESSES = 16 };
#define RATE_WANTED 99.0

static struct arena lasting, passing; /* for the run, and for one pair */
static struct corpus corpus;

struct tally {
	size_t passed, all;
};

static const char *const arrows[2] = {"old -> new", "new -> old"};

/* One write a line: several processes share the output. */
static void
tell(const struct corpus_pair *pair, int direction, const struct judgement *j)
{
	char line[600];

	snprintf(line, sizeof(line), "FAILED %s %s: %s: %.400s\n", pair->name, arrows[direction],
		 judge_step_words(j->step), j->why);
	fputs(line, stdout);
	fflush(stdout);
}

static void
judge_one(const struct corpus_pair *pair, bool in_full, struct tally *tally)
{
	struct judgement both[2];

	arena_reset(&passing);
	judge_pair(&passing, pair, both);
	for (int i = 0; i < 2; i++) {
		tally->all++;
		if (both[i].step == JUDGE_PASSED)
			tally->passed++;
		else
			tell(pair, i, &both[i]);
		if (in_full)
			printf("%s %s: %s\n%s\n", pair->name, arrows[i],
			       judge_step_words(both[i].step),
			       both[i].detail ? both[i].detail : "");
	}
}

/* ---- the sample ---- */

static void
plans_between_schemas_that_others_wrote(void)
{
	struct tally tally = {0};

	for (size_t i = FIRST; i < corpus.count; i += EVERY)
		judge_one(&corpus.pairs[i], false, &tally);
	stage_end(&passing);
	printf("%zu of %zu directions pass\n", tally.passed, tally.all);
	CHECK(tally.all > 0);
	CHECK_INT(tally.passed, tally.all);
}

/* ---- all of them ---- */

/* Which pairs are judged is its share's; what came of them goes through the pipe. */
static int
judge_share(size_t share, size_t of, int to)
{
	struct tally tally = {0};

	if (!cluster_start_private(NULL))
		return 2;
	for (size_t i = share; i < corpus.count; i += of)
		judge_one(&corpus.pairs[i], false, &tally);
	return write(to, &tally, sizeof(tally)) == (ssize_t)sizeof(tally) ? 0 : 2;
}

static int
judge_all(size_t processes)
{
	struct tally sum = {0}, one;
	int ends[2], status, broken = 0;

	REQUIRE(pipe(ends) == 0);
	fflush(stdout);
	for (size_t i = 0; i < processes; i++) {
		pid_t pid = fork();
		REQUIRE(pid >= 0);
		if (pid == 0)
			exit(judge_share(i, processes, ends[1]));
	}
	close(ends[1]);
	while (read(ends[0], &one, sizeof(one)) == (ssize_t)sizeof(one)) {
		sum.passed += one.passed;
		sum.all += one.all;
	}
	close(ends[0]);
	for (size_t i = 0; i < processes; i++)
		broken |= wait(&status) > 0 ? status : 1;
	double rate = sum.all > 0 ? 100.0 * (double)sum.passed / (double)sum.all : 0;
	printf("%zu of %zu directions pass: %.2f %%\n", sum.passed, sum.all, rate);
	return broken != 0 || sum.all != 2 * corpus.count || rate < RATE_WANTED ? 1 : 0;
}

/* ---- some of them ---- */

static int
judge_named(char **parts)
{
	struct tally tally = {0};

	if (!cluster_start())
		return 2;
	for (size_t i = 0; i < corpus.count; i++)
		for (char **part = parts; *part != NULL; part++)
			if (strstr(corpus.pairs[i].name, *part) != NULL) {
				judge_one(&corpus.pairs[i], true, &tally);
				break;
			}
	stage_end(&passing);
	printf("%zu of %zu directions pass\n", tally.passed, tally.all);
	return tally.all == 0 || tally.passed < tally.all ? 1 : 0;
}

static int
run(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(plans_between_schemas_that_others_wrote),
	};

	if (argc > 1 && strcmp(argv[1], "--all") == 0) {
		long n = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
		return judge_all(n < 1 ? 1 : n > MOST_PROCESSES ? MOST_PROCESSES : (size_t)n);
	}
	if (argc > 1)
		return judge_named(argv + 1);
	if (!cluster_start())
		return 2;
	return unit_main("db/pairs", cases, ARRAY_LEN(cases), argc, argv);
}

int
main(int argc, char **argv)
{
	int code = SKIPPED;

	arena_init(&lasting);
	arena_init(&passing);
	const char *folder = corpus_folder(&lasting);
	if (folder != NULL)
		corpus_read(&lasting, folder, &corpus);
	if (folder == NULL)
		printf("skipped: CONFITURE_DIFF_CORPUS names no folder of pairs of schemas\n");
	else if (corpus.count == 0)
		printf("skipped: %s holds no pairs of schemas\n", folder);
	else
		code = run(argc, argv);
	arena_fini(&passing);
	arena_fini(&lasting);
	return code;
}
