/*
 * Embedded mode: the same coordinator and worker that elsewhere are programs of their own, here as
 * threads of the CLI. Nothing is set up, nothing listens, and a local command pays for a few queues
 * instead of a network. The worker gets its credentials from a directory that never leaves this
 * process; messages only carry the names of targets.
 */
#include "cli/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/coordinator.h"
#include "shared/migration/migration.h"
#include "worker/worker.h"

#include "shared/base/banned.h"

struct directory {
	struct target_directory base; /* first: the worker hands it back */
	const struct embedded_target *items;
	size_t count;
};

struct embedded {
	struct runtime *rt;
	struct net_inproc *net;
	struct net_client *cli_client;
	struct coordinator *coordinator;
	struct thread *loop;
	struct bundle_source *directory_files;
	struct bundle_source *bundles;
	struct worker *worker;
	struct directory directory;
	const char **names;
};

struct target_spec
embedded_target_spec(const struct embedded_target *t)
{
	return (struct target_spec){
		.name = t->name,
		.url = t->url,
		.ledger = t->tracking_table,
		.application_name = "confiture",
	};
}

static bool
directory_find(struct target_directory *d, const char *name, struct target_spec *out,
	       struct error *err)
{
	const struct directory *dir = (const struct directory *)d;

	for (size_t i = 0; i < dir->count; i++) {
		const struct embedded_target *t = &dir->items[i];
		if (strcmp(t->name, name) != 0)
			continue;
		*out = embedded_target_spec(t);
		return true;
	}
	return error_set(err, E_CONFIG_011, "there is no target named %s", name);
}

static void
run_loop(void *arg)
{
	coordinator_run(arg);
}

static void *
need(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	return p;
}

static void
start_coordinator(struct embedded *e, const char *journal, const char *agent)
{
	struct coordinator_config config = {
		.journal = journal, .embedded = true, .parser = sql_parser_here()};

	e->net = net_inproc_new(e->rt);
	e->cli_client = net_inproc_client(e->net, NET_CLIENT, agent);
	e->coordinator = coordinator_new(e->rt, net_inproc_server(e->net), &config);
	e->loop = e->rt->ops->thread_start(e->rt, "coordinator", run_loop, e->coordinator);
}

static void
start_worker(struct embedded *e, const struct embedded_config *config)
{
	e->directory = (struct directory){
		.base = {.find = directory_find},
		.items = config->targets,
		.count = config->target_count,
	};
	e->names = need(config->target_count + 1, sizeof(*e->names));
	for (size_t i = 0; i < config->target_count; i++)
		e->names[i] = config->targets[i].name;
	e->directory_files = bundle_source_directory(config->migrations_dir);
	e->bundles = bundle_source_texts(e->directory_files, config->schema, config->schema_count);
	struct worker_config worker = {
		.name = "local",
		.targets = e->names,
		.target_count = config->target_count,
		.directory = &e->directory.base,
		.factory = config->factory,
		.bundles = e->bundles,
		.loader = config->loader,
	};
	e->worker = worker_start(e->rt, net_inproc_client(e->net, NET_WORKER, "local"), &worker);
}

struct embedded *
embedded_start(struct runtime *rt, const struct embedded_config *config)
{
	struct embedded *e = need(1, sizeof(*e));

	e->rt = rt;
	start_coordinator(e, config->journal, config->agent);
	/* Commands that only look into the journal name no target: nothing to work for. */
	if (config->target_count > 0)
		start_worker(e, config);
	return e;
}

struct net_client *
embedded_client(struct embedded *e)
{
	return e->cli_client;
}

/* The loop ends first and answers what is parked with it; then calls fail at once, so that the
 * worker has nothing to wait for. */
void
embedded_stop(struct embedded *e)
{
	coordinator_stop(e->coordinator);
	e->rt->ops->thread_join(e->rt, e->loop);
	net_inproc_stop(e->net);
	if (e->worker != NULL) {
		worker_stop(e->worker);
		bundle_source_free(e->bundles);
		bundle_source_free(e->directory_files);
	}
	coordinator_free(e->coordinator);
	net_inproc_free(e->net);
	free(e->names);
	free(e);
}
