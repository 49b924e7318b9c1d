/* Several processes on one journal: each runs its own jobs, and sees what the others do. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/journal/journal.h"
#include "coordinator/journal/owners.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static const char key_a[] = "localhost:5432/a";

static struct scratch scratch;

/* ---- another process ---- */
struct neighbour {
	pid_t pid;
	int say, hear;
};

typedef void (*neighbour_fn)(struct house *h, const struct neighbour *parent);

static void
say(const struct neighbour *n, const char *line)
{
	char text[64] = "";

	snprintf(text, sizeof(text), "%s", line);
	(void)!write(n->say, text, sizeof(text));
}

static void
hear(const struct neighbour *n, char out[64])
{
	size_t got = 0;

	while (got < 64) {
		ssize_t part = read(n->hear, out + got, 64 - got);
		if (part <= 0) {
			snprintf(out, 64, "(gone)");
			return;
		}
		got += (size_t)part;
	}
}

/* Before this process has threads of its own. */
static struct neighbour
start_neighbour(neighbour_fn fn)
{
	int down[2], up[2];
	struct house h;

	REQUIRE(pipe(down) == 0 && pipe(up) == 0);
	pid_t pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		struct neighbour parent = {.say = up[1], .hear = down[0]};
		close(up[0]);
		close(down[1]);
		house_open(&h, &(struct house_plan){.journal = scratch.journal});
		fn(&h, &parent);
		house_close(&h);
		_exit(0);
	}
	close(up[1]);
	close(down[0]);
	return (struct neighbour){.pid = pid, .say = down[1], .hear = up[0]};
}

static void
end_neighbour(struct neighbour *n, int signal_number)
{
	int status;

	close(n->say);
	if (signal_number != 0)
		CHECK_INT(kill(n->pid, signal_number), 0);
	REQUIRE(waitpid(n->pid, &status, 0) == n->pid);
	CHECK(signal_number != 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	close(n->hear);
}

static size_t
owner_files(void)
{
	char path[128];
	size_t count = 0;

	snprintf(path, sizeof(path), "%s/state/owners", scratch.folder);
	DIR *dir = opendir(path);
	if (dir == NULL)
		return 0;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* ---- owners ---- */
static void
an_owner_is_alive_as_long_as_its_lock(void)
{
	struct runtime *rt = runtime_system();
	struct owner *owner;
	char id[ID_TEXT], folder[96];

	scratch_open(&scratch);
	snprintf(folder, sizeof(folder), "%s/state", scratch.folder);
	REQUIRE(mkdir(folder, 0700) == 0);
	REQUIRE(owner_open(rt, scratch.journal, &owner, NULL));
	snprintf(id, sizeof(id), "%s", owner_id(owner));
	CHECK_INT(owner_files(), 1);
	CHECK(owner_alive(scratch.journal, id));
	owners_sweep(scratch.journal);
	CHECK_INT(owner_files(), 1);
	owner_close(owner);
	CHECK_INT(owner_files(), 0);
	CHECK(!owner_alive(scratch.journal, id));
	CHECK(owner_alive(scratch.journal, "../journal.db"));
	scratch_close(&scratch);
}

static void
hold_until_told(struct house *h, const struct neighbour *parent)
{
	char line[64];

	struct job_spec spec = spec_of("apply", "db", key_a);
	say(parent, house_submit(h, &spec, NULL));
	hear(parent, line);
}

static void
a_job_is_offered_only_where_it_was_accepted(void)
{
	char job[64];
	struct house h;

	scratch_open(&scratch);
	struct neighbour n = start_neighbour(hold_until_told);
	hear(&n, job);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	CHECK_STR(house_state(&h, job), "queued/-1/");
	struct job_spec spec = spec_of("apply", "db", "elsewhere");
	const char *mine = house_submit(&h, &spec, NULL);
	struct worker_offer *offer = house_next(&h, "db");
	REQUIRE(offer->job != NULL);
	CHECK_STR(offer->job, mine);
	CHECK(house_next(&h, "db")->job == NULL);
	CHECK_INT(owner_files(), 2);
	end_neighbour(&n, 0);
	CHECK_STR(house_state(&h, job), "cancelled/10/interrupted before it began");
	house_close(&h);
	CHECK_INT(owner_files(), 0);
	scratch_close(&scratch);
}

/* ---- a process that dies ---- */
static void
run_until_killed(struct house *h, const struct neighbour *parent)
{
	char line[64];

	struct worker_offer *offer = house_run(h, key_a);
	(void)house_emit(h, offer, 1, 2);
	say(parent, offer->job);
	hear(parent, line);
}

static void
a_killed_process_leaves_an_unknown_job_that_the_next_one_settles(void)
{
	char job[64];
	struct house h;

	scratch_open(&scratch);
	struct neighbour n = start_neighbour(run_until_killed);
	hear(&n, job);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	CHECK_STR(house_state(&h, job), "running/-1/running");
	struct worker_offer *beside = house_run(&h, key_a);
	CHECK_INT(beside->unsettled.count, 0);
	end_neighbour(&n, SIGKILL);
	CHECK_STR(house_state(&h, job), "unknown/9/the process that ran it is gone");
	struct worker_offer *elsewhere = house_run(&h, "localhost:5432/b");
	CHECK_INT(elsewhere->unsettled.count, 0);
	struct worker_offer *next = house_run(&h, key_a);
	REQUIRE(next->unsettled.count == 1);
	CHECK_STR(next->unsettled.items[0].job, job);
	CHECK_INT(next->unsettled.items[0].attempt, 1);
	struct settled_attempt said = {.job = job, .attempt = 1, .steps = 0, .planned = 0};
	struct job_settled m = {.worker = "w1", .attempts = {&said, 1}};
	CHECK(house_ask(&h, h.worker, MESSAGE_job_settled, &m) != NULL);
	CHECK_STR(house_state(&h, job), "failed/3/interrupted before anything was done");
	CHECK_INT(house_run(&h, key_a)->unsettled.count, 0);
	house_close(&h);
	scratch_close(&scratch);
}

static void
an_unknown_job_is_offered_for_settling_without_anybody_looking_first(void)
{
	char job[64];
	struct house h;

	scratch_open(&scratch);
	struct neighbour n = start_neighbour(run_until_killed);
	hear(&n, job);
	end_neighbour(&n, SIGKILL);
	CHECK_INT(owner_files(), 1);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	struct worker_offer *next = house_run(&h, key_a);
	REQUIRE(next->unsettled.count == 1);
	CHECK_STR(next->unsettled.items[0].job, job);
	CHECK_INT(owner_files(), 1);
	house_close(&h);
	scratch_close(&scratch);
}

static void
a_watcher_hears_that_the_process_has_died(void)
{
	char job[64];
	struct house h;

	scratch_open(&scratch);
	struct neighbour n = start_neighbour(run_until_killed);
	hear(&n, job);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	struct job_watched *w = house_watch(&h, job, 0, 0, 1000);
	REQUIRE(w != NULL);
	CHECK_INT(w->events.count, 2);
	CHECK(w->outcome == NULL);
	end_neighbour(&n, SIGKILL);
	uint64_t before = runtime_boot_ms(h.rt);
	w = house_watch(&h, job, 1, 2, 20000);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK(w->outcome->unknown);
	CHECK_STR(w->outcome->error->code, "JOB_003");
	CHECK(runtime_boot_ms(h.rt) - before < 5000);
	house_close(&h);
	scratch_close(&scratch);
}

static void
run_until_cancelled(struct house *h, const struct neighbour *parent)
{
	struct worker_offer *offer = house_run(h, key_a);
	struct job_renew renew = {.job = offer->job, .attempt = 1, .worker = "w1"};
	struct job_lease *lease = NULL;
	char line[64];

	say(parent, offer->job);
	for (int i = 0; i < 500 && (lease == NULL || !lease->cancel); i++) {
		h->rt->ops->sleep_ns(h->rt, 20 * NS_PER_MS);
		lease = house_ask(h, h->worker, MESSAGE_job_renew, &renew);
		if (lease == NULL)
			break;
	}
	(void)house_emit(h, offer, 1, 1);
	(void)house_finish(h, offer, "JOB_004", false);
	say(parent, lease != NULL && lease->cancel ? "cancelled" : "never heard");
	hear(parent, line);
}

static void
p11_a_cancel_and_its_end_cross_between_processes(void)
{
	char job[64], line[64];
	struct house h;

	scratch_open(&scratch);
	struct neighbour n = start_neighbour(run_until_cancelled);
	hear(&n, job);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	struct job_info *info = house_cancel(&h, job);
	REQUIRE(info != NULL);
	CHECK_STR(info->state, "cancelling");
	uint64_t before = runtime_boot_ms(h.rt);
	struct job_watched *w = house_watch(&h, job, 0, 0, 20000);
	while (w != NULL && w->outcome == NULL) {
		int64_t seq = w->events.count > 0 ? w->events.items[0].seq : w->info->last_seq;
		w = house_watch(&h, job, 1, seq, 20000);
	}
	REQUIRE(w != NULL);
	CHECK_STR(w->info->state, "cancelled");
	CHECK_INT(w->outcome->exit_code, 10);
	/* Noticed by looking, not by the watcher's patience. */
	CHECK(runtime_boot_ms(h.rt) - before < 5000);
	hear(&n, line);
	CHECK_STR(line, "cancelled");
	end_neighbour(&n, 0);
	house_close(&h);
	scratch_close(&scratch);
}

/* ---- all at once ---- */
enum { MAKERS = 4, ROUNDS = 500 };

static const char *
round_journal(char path[128], int round)
{
	snprintf(path, 128, "%s/%d/journal.db", scratch.folder, round);
	return path;
}

/* One journal a round: opened as soon as the parent says so, named in the answer. */
static void
make_journals(const struct neighbour *parent)
{
	char line[64], path[128];

	for (int round = 0; round < ROUNDS; round++) {
		struct error err = {0};
		struct journal *j = NULL;

		hear(parent, line);
		if (!journal_open(runtime_system(), round_journal(path, round), true, &j, &err)) {
			say(parent, err.code->name);
			continue;
		}
		say(parent, journal_id(j));
		journal_close(j);
	}
}

static struct neighbour
start_maker(void)
{
	int down[2], up[2];

	REQUIRE(pipe(down) == 0 && pipe(up) == 0);
	pid_t pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		close(up[0]);
		close(down[1]);
		make_journals(&(struct neighbour){.say = up[1], .hear = down[0]});
		_exit(0);
	}
	close(up[1]);
	close(down[0]);
	return (struct neighbour){.pid = pid, .say = down[1], .hear = up[0]};
}

static void
processes_that_make_one_journal_at_once_all_get_it(void)
{
	struct neighbour n[MAKERS];
	char first[64], line[64];

	scratch_open(&scratch);
	for (int i = 0; i < MAKERS; i++)
		n[i] = start_maker();
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < MAKERS; i++)
			say(&n[i], "go");
		hear(&n[0], first);
		CHECK_INT(strlen(first), ID_TEXT - 1);
		for (int i = 1; i < MAKERS; i++) {
			hear(&n[i], line);
			CHECK_STR(line, first);
		}
	}
	for (int i = 0; i < MAKERS; i++)
		end_neighbour(&n[i], 0);
	scratch_close(&scratch);
}

enum { AT_ONCE = 4, JOBS_EACH = 8 };

static void
submit_many(struct house *h, const struct neighbour *parent)
{
	for (int i = 0; i < JOBS_EACH; i++) {
		struct worker_offer *offer = house_run(h, key_a);
		(void)house_emit(h, offer, 1, 3);
		(void)house_finish(h, offer, NULL, false);
	}
	say(parent, "done");
}

static void
processes_that_start_together_share_one_new_journal(void)
{
	struct neighbour n[AT_ONCE];
	char line[64];
	struct house h;

	scratch_open(&scratch);
	for (int i = 0; i < AT_ONCE; i++)
		n[i] = start_neighbour(submit_many);
	for (int i = 0; i < AT_ONCE; i++) {
		hear(&n[i], line);
		CHECK_STR(line, "done");
	}
	for (int i = 0; i < AT_ONCE; i++)
		end_neighbour(&n[i], 0);
	house_open(&h, &(struct house_plan){.journal = scratch.journal});
	struct job_list_request m = {.limit = 100};
	struct job_list *list = house_ask(&h, h.client, MESSAGE_job_list_request, &m);
	REQUIRE(list != NULL);
	CHECK_INT(list->total, AT_ONCE * JOBS_EACH);
	for (size_t i = 0; i < list->jobs.count; i++) {
		CHECK_STR(list->jobs.items[i].state, "succeeded");
		CHECK_INT(list->jobs.items[i].last_seq, 3);
		if (i > 0)
			CHECK(strcmp(list->jobs.items[i - 1].id, list->jobs.items[i].id) > 0);
	}
	struct audit_verify verify = {.full = true};
	struct audit_report *report = house_ask(&h, h.client, MESSAGE_audit_verify, &verify);
	REQUIRE(report != NULL);
	CHECK(report->ok);
	CHECK_INT(report->events, AT_ONCE * JOBS_EACH * 4);
	house_close(&h);
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(an_owner_is_alive_as_long_as_its_lock),
	CASE(a_job_is_offered_only_where_it_was_accepted),
	CASE(a_killed_process_leaves_an_unknown_job_that_the_next_one_settles),
	CASE(an_unknown_job_is_offered_for_settling_without_anybody_looking_first),
	CASE(a_watcher_hears_that_the_process_has_died),
	CASE(p11_a_cancel_and_its_end_cross_between_processes),
	CASE(processes_that_make_one_journal_at_once_all_get_it),
	CASE(processes_that_start_together_share_one_new_journal),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/processes", cases, ARRAY_LEN(cases), argc, argv);
}
