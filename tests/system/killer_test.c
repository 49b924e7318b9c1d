/*
 * P1, P2, P4, P12 with real processes: rounds of violence over mixed migrations, embedded and
 * through a fleet; afterwards plain runs, and nothing is doubled, lost, stuck or in need of a hand.
 *
 *   system_killer                 one round of every kind, for the test command
 *   system_killer ROUNDS [SEED]   a long target: tests/run.sh --long killer
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/db/proxy.h"
#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "tests/system/killer.h"

#include "shared/base/banned.h"

enum { RUNS_MOST = 3, TRIES = 4 };

static long rounds; /* 0 = until every kind of violence has been */
static uint64_t first = 1;

static struct {
	long done, struck, skipped, again;
	long found[FINDING_COUNT];
} tally[64];

static const char *const finding_words[] = {
#define X(name, words) words,
	FINDINGS(X)
#undef X
};

void
round_say(struct round *r, const char *fmt, ...)
{
	size_t n = strlen(r->story);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->story + n, sizeof(r->story) - n, fmt, ap);
	va_end(ap);
}

/* ---- setting up ---- */

static bool
over_a_line(const struct round *r)
{
	return r->violence->setting == OVER_A_LINE && line_there();
}

/* A disk of its own for whatever is below the folder; "" where nobody may mount. */
static void
mount_small_disk(struct round *r, const char *folder)
{
	if (mount("tmpfs", folder, "tmpfs", 0, "size=2m") == 0)
		snprintf(r->mount, sizeof(r->mount), "%s", folder);
}

static void
open_fleet(struct round *r, const char *url)
{
	static char folder[160];
	const char *before = getenv("TMPDIR");
	char *kept = before != NULL ? strdup(before) : NULL, targets[400];

	if (r->violence->setting == SMALL_DISK) {
		snprintf(folder, sizeof(folder), "%s", project_path(&r->project, "disk"));
		REQUIRE(mkdir(folder, 0755) == 0);
		mount_small_disk(r, folder);
		setenv("TMPDIR", folder, 1);
	}
	if (over_a_line(r))
		fleet_open_at(&r->house, line_address(LINE_TO_COORDINATOR),
			      "lease: 2s\ninsecure_bind: true\n");
	else
		fleet_open(&r->house, "lease: 2s\n");
	if (kept != NULL)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
	snprintf(targets, sizeof(targets), "  local:\n    database_url: \"%s\"\n", url);
	r->worker = fleet_worker(&r->house, "first", "local", targets);
	r->env[0] = r->house.coordinator;
	r->env[1] = r->house.token_file;
}

static void
open_round(struct round *r)
{
	project_open(&r->project);
	if (r->violence->setting == THROUGH_PROXY)
		r->proxy = proxy_start(PROXY_PASS);
	const char *url = r->proxy != NULL ? proxy_url(r->proxy, r->project.database)
			  : over_a_line(r) ? line_url(r)
					   : project_url(&r->project);
	project_file(&r->project, "db/environments/local.yaml", "database_url: \"%s\"\n", url);
	if (r->fleet) {
		open_fleet(r, url);
	} else if (r->violence->setting == SMALL_DISK) {
		REQUIRE(mkdir(project_path(&r->project, ".confiture"), 0755) == 0);
		mount_small_disk(r, project_path(&r->project, ".confiture"));
	}
	mix_make(r);
}

static void
close_round(struct round *r)
{
	process_free(&r->command);
	pg_session_close(r->block);
	if (r->gone_for_good) {
		fleet_worker_kill(r->worker, SIGKILL);
		process_free(&r->worker->process);
	}
	line_silence(LINE_TO_COORDINATOR, false);
	if (r->fleet)
		fleet_close(&r->house);
	if (r->proxy != NULL)
		proxy_stop(r->proxy);
	if (r->mount[0] != '\0')
		CHECK(umount2(r->mount, MNT_DETACH) == 0);
	project_close(&r->project);
}

/* ---- plain runs ---- */

static int
run_plain(struct round *r)
{
	struct process p = {.out_fd = -1, .err_fd = -1};

	r->runs++;
	note_time(r);
	REQUIRE(start_up(r, &p, NULL));
	release_block(r, &p);
	(void)await_end(r, &p);
	int code = p.exit_code;
	if (code != 0)
		round_say(r, "\n    run %d: exit %d, %.200s", r->runs, code, p.err ? p.err : "");
	process_free(&p);
	return code;
}

static void
run_to_the_end(struct round *r)
{
	if (r->broken) {
		(void)run_plain(r); /* up to the file that fails */
		mix_mend(r);
		r->runs = 0;
	}
	while (r->runs < RUNS_MOST && !r->found[FOUND_STUCK]) {
		if (run_plain(r) == 0)
			return;
	}
	r->found[FOUND_HAND] = true;
}

static bool
audit_holds(struct round *r)
{
	return project_run_env(&r->project, "audit verify", r->env) == 0;
}

/* ---- rounds ---- */

static bool
judge(struct round *r)
{
	bool good = true;
	size_t kind = (size_t)(r->violence - violences);

	tally[kind].done++;
	tally[kind].struck += r->struck;
	tally[kind].skipped += r->skipped;
	tally[kind].again += r->runs > 1;
	for (int i = 0; i < FINDING_COUNT; i++) {
		tally[kind].found[i] += r->found[i];
		if (r->found[i])
			round_say(r, "\n    FOUND: %s", finding_words[i]);
		good = good && !r->found[i];
	}
	if (!good)
		round_say(r, "\n    first: exit %d, %.200s", r->command.exit_code,
			  r->command.err ? r->command.err : "");
	return good;
}

static void
draw(struct round *r, uint64_t seed)
{
	*r = (struct round){.seed = seed, .dice = seed, .fleet = seed % 2 == 0};
	r->command.out_fd = r->command.err_fd = -1;
	r->violence = violence_random(r);
}

static bool
run_round(uint64_t seed)
{
	struct round *r = calloc(1, sizeof(*r));

	REQUIRE(r != NULL);
	draw(r, seed);
	round_say(r, "%s: ", r->fleet ? "fleet" : "embedded");
	open_round(r);
	round_say(r, "; %s", r->violence->name);
	r->violence->strike(r);
	violence_over(r);
	(void)await_end(r, &r->command);
	run_to_the_end(r);
	mix_check(r);
	r->found[FOUND_UNTIDY] |= !audit_holds(r);
	bool good = judge(r);
	if (!good || rounds == 1 || r->runs > 1)
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, r->story);
	if (!good)
		fprintf(stderr, "again: tests/run.sh --long killer 1 %llu\n",
			(unsigned long long)seed);
	close_round(r);
	free(r);
	return good;
}

static void
print_tally(void)
{
	printf("\n%-40s %6s %6s %6s", "", "rounds", "struck", "again");
	for (int i = 0; i < FINDING_COUNT; i++)
		printf(" %s", finding_words[i]);
	printf("\n");
	for (size_t k = 0; k < violence_count; k++) {
		if (tally[k].done == 0)
			continue;
		printf("%-40s %6ld %6ld %6ld", violences[k].name, tally[k].done, tally[k].struck,
		       tally[k].again);
		for (int i = 0; i < FINDING_COUNT; i++)
			printf(" %*ld", (int)strlen(finding_words[i]), tally[k].found[i]);
		printf("%s\n", tally[k].skipped == 0 ? ""
			       : violences[k].setting == SMALL_DISK
				       ? "  skipped: mounting is not allowed"
				       : "  skipped: network namespaces are not allowed");
	}
	fflush(stdout);
}

/* It struck, or cannot. */
static bool
has_been(size_t kind)
{
	return tally[kind].struck > 0 || tally[kind].skipped > 0 || tally[kind].done >= TRIES;
}

/* The next seed of a kind that has not been yet; 0 = all have been. */
static uint64_t
next_new(uint64_t seed)
{
	size_t seen = 0;
	struct round r;

	for (size_t k = 0; k < violence_count; k++)
		seen += has_been(k);
	if (seen == violence_count)
		return 0;
	do
		draw(&r, ++seed);
	while (has_been((size_t)(r.violence - violences)));
	return seed;
}

static void
p01_whatever_dies_plain_runs_bring_it_to_its_end(void)
{
	for (long i = 0; i < rounds; i++)
		CHECK(run_round(first + (uint64_t)i));
	for (uint64_t seed = 0; rounds == 0 && (seed = next_new(seed)) != 0;)
		CHECK(run_round(seed));
	print_tally();
}

/* Over the line it is reached by TCP, in a network that nobody else is in. */
static bool
start_cluster(bool line)
{
	static const char settings[] = "wal_level = minimal\nmax_wal_senders = 0\n";
	char text[256], path[256];

	snprintf(text, sizeof(text), "%slisten_addresses = '%s'\n", settings, line ? "*" : "");
	if (!cluster_start_private(text))
		return false;
	if (!line)
		return true;
	snprintf(path, sizeof(path), "%s/data/pg_hba.conf", cluster_socket_dir());
	FILE *file = fopen(path, "a");
	if (file == NULL)
		return false;
	fprintf(file, "host all all samenet trust\n");
	return fclose(file) == 0 && cluster_restart(false);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(p01_whatever_dies_plain_runs_bring_it_to_its_end),
	};

	if (argc > 1)
		rounds = strtol(argv[1], NULL, 10);
	if (argc > 2)
		first = strtoull(argv[2], NULL, 10);
	if (!start_cluster(line_begin()))
		return 2;
	return unit_main("killer", cases, ARRAY_LEN(cases), 1, argv);
}
