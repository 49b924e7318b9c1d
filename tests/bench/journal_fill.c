/*
 * Fills a journal for bench_journal: so many audit events in their chain, and as many events of
 * jobs.
 *
 *   bench_journal_fill JOURNAL EVENTS
 */
#include <stdio.h>

#include "coordinator/journal/journal.h"
#include "shared/base/parse.h"
#include "tests/bench/measure.h"

#include "shared/base/banned.h"

enum { GROUP = 10000, JOB_EVENTS = 50000 };

static struct job_options options;
static struct job_spec spec = {.kind = "apply", .target = "bench/stream", .options = &options};

static void
add_job(struct runtime *rt, struct journal *j, struct job *job, char id[ID_TEXT])
{
	struct job_store *store = journal_jobs(j);

	runtime_id(rt, id);
	*job = (struct job){.info = {.id = id,
				     .kind = "apply",
				     .state = job_state_name(JOB_SUCCEEDED),
				     .target = "bench/stream",
				     .submitted_at = "2026-01-01T00:00:00.000000Z",
				     .exit_code = 0},
			    .owner = ""};
	MEASURE_NEED(store->ops->add(store, job, &spec, "operator:bench", NULL));
}

static void
add_events(struct journal *j, struct job *job, int64_t first, int64_t count)
{
	static struct job_event events[GROUP];
	struct job_store *store = journal_jobs(j);

	for (int64_t i = 0; i < count; i++)
		events[i] = (struct job_event){.seq = first + i,
					       .time = "2026-01-01T00:00:00.000000Z",
					       .job = job->info.id,
					       .attempt = 1,
					       .target = "bench/stream",
					       .kind = "statement",
					       .version = "20260101120000",
					       .name = "create_orders",
					       .line = INT_NULL,
					       .statement = i + 1,
					       .tag = "CREATE TABLE",
					       .done = INT_NULL,
					       .total = INT_NULL,
					       .duration_ms = 3,
					       .rows = INT_NULL};
	job->info.attempt = 1;
	job->info.last_seq = first + count - 1;
	MEASURE_NEED(store->ops->append(store, job, events, (size_t)count, NULL));
}

static void
add_audit(struct journal *j, int64_t count)
{
	struct audit_entry entry = {
		.actor = "worker:bench",
		.kind = "job.begin",
		.subject = "01a216cb-91dc-7fc4-a1db-3027d0ed33a7",
		.detail = "{\"state\":\"running\",\"attempt\":1,\"worker\":\"bench\"}"};

	for (int64_t i = 0; i < count; i++)
		MEASURE_NEED(journal_audit_add(j, &entry, NULL));
}

int
main(int argc, char **argv)
{
	struct runtime *rt = runtime_system();
	struct journal *j = NULL;
	struct job job;
	char id[ID_TEXT];
	int64_t events;

	if (argc != 3 || !parse_int(argv[2], &events))
		return 2;
	MEASURE_NEED(journal_open(rt, argv[1], true, &j, NULL));
	for (int64_t i = 0; i < events; i += GROUP) {
		MEASURE_NEED(journal_begin(j, NULL));
		if (i % JOB_EVENTS == 0)
			add_job(rt, j, &job, id);
		add_events(j, &job, i % JOB_EVENTS + 1, GROUP);
		add_audit(j, GROUP);
		MEASURE_NEED(journal_commit(j, NULL));
	}
	journal_close(j);
	return 0;
}
