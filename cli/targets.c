/*
 * Fan-out of a command over its databases: one after another in name order. What changes something
 * stops at the first failure, so that a mistake meets one database and not all; what only reads
 * goes on. One database gives its plain document, several give one document with a result for each.
 */
#include "cli/targets.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/documents.h"
#include "cli/journal_place.h"
#include "cli/live.h"
#include "cli/render.h"
#include "cli/session.h"

#include "shared/base/banned.h"

const char *
agent_name(struct cli *cli)
{
	const char *agent = getenv("CONFITURE_AGENT_ID");
	char host[256] = "";
	struct passwd entry, *found = NULL;
	char buf[4096];

	if (agent != NULL && agent[0] != '\0')
		return agent;
	if (gethostname(host, sizeof(host) - 1) != 0)
		memcpy(host, "localhost", sizeof("localhost"));
	if (getpwuid_r(geteuid(), &entry, buf, sizeof(buf), &found) != 0 || found == NULL)
		return arena_printf(&cli->arena, "%u@%s", (unsigned)geteuid(), host);
	return arena_printf(&cli->arena, "%s@%s", entry.pw_name, host);
}

/* Who is not named is whoever the token belongs to, where there is one: as for intents. */
static const char *
agent_said(struct cli *cli)
{
	const char *agent = getenv("CONFITURE_AGENT_ID");
	bool named = agent != NULL && agent[0] != '\0';

	return named || session_remote(cli_session(cli)) == NULL ? agent_name(cli) : NULL;
}

void
request_init(struct cli *cli, const struct args *args, const char *kind, struct job_request *out)
{
	const char *const *claims;

	*out = (struct job_request){.kind = kind};
	out->options.lock_timeout_ms =
		args_text(args, "lock-timeout") ? args_int(args, "lock-timeout") : 30000;
	out->options.no_lock = args_flag(args, "no-lock");
	out->options.dry_run = args_flag(args, "dry-run");
	out->options.command = cli->command_line;
	out->reason = args_text(args, "reason");
	out->foreign_journal = args_flag(args, "foreign-journal");
	if (out->foreign_journal)
		out->options.foreign_journal = out->reason;
	out->options.override_claims.count = args_list(args, "override-claim", &claims);
	out->options.override_claims.items = arena_bytes(
		&cli->arena, claims, out->options.override_claims.count * sizeof(*claims));
	if (out->options.override_claims.count > 0)
		out->options.override_reason = out->reason;
	out->verbose = args_flag(args, "verbose");
	out->detach = args_flag(args, "detach");
	session_set_limits(cli_session(cli), args_text(args, "idempotency-key"),
			   args_given(args, "timeout") ? args_int(args, "timeout") : 0);
}

static void
leave_out_unspeakable(struct cli *cli, struct bundle_info *bundle)
{
	const char **names;
	size_t count = bundle_drop_unspeakable(&cli->arena, bundle, &names);

	for (size_t i = 0; i < count; i++)
		cli_warn(cli, "%s is left out: its name is not UTF-8, so it is no migration",
			 names[i]);
}

bool
request_bundle(struct cli *cli, const struct args *args, bool hash, struct job_request *out,
	       struct error *err)
{
	out->migrations_dir = args_text(args, "migrations-dir");
	out->bundle = arena_new(&cli->arena, struct bundle_info);
	session_set_bundles(cli_session(cli), out->migrations_dir);
	if (!bundle_scan(&cli->arena, out->migrations_dir, hash, out->bundle, err))
		return false;
	if (session_remote(cli_session(cli)) != NULL)
		leave_out_unspeakable(cli, out->bundle);
	return true;
}

/* ---- one target ---- */

/* The worker does not know its job's id in every kind; the document always has it. */
static void
note_job(struct cli *cli, struct any *result, const char *job)
{
	for (size_t i = 0; result->ptr != NULL && i < result->of->count; i++) {
		const struct field *f = &result->of->fields[i];
		if (f->type != FIELD_TEXT || strcmp(f->name, "job") != 0)
			continue;
		const char **at = (const char **)((char *)result->ptr + f->offset);
		if (*at == NULL)
			*at = arena_str(&cli->arena, job);
	}
}

static void
failed_before(struct cli *cli, const struct error *err, struct job_outcome *out)
{
	*out = (struct job_outcome){.exit_code = err->code->exit_code};
	out->error = arena_new(&cli->arena, struct issue);
	error_to_issue(&cli->arena, err, out->error);
}

static struct job_spec
spec_of(struct cli *cli, const struct connection_target *t, const struct job_request *request,
	struct job_options *options)
{
	struct git_place place;

	git_place_here(&cli->arena, &place);
	*options = request->options;
	options->verbose = request->verbose;
	return (struct job_spec){
		.kind = request->kind,
		.target = t->name,
		.environment = t->environment,
		.options = options,
		.bundle = request->bundle,
		.agent = agent_said(cli),
		.target_key = session_target_key(cli_session(cli), t->name),
		.worktree = place.worktree,
	};
}

static void
say_how_to_attach(struct cli *cli, const char *job)
{
	cli_note(cli, "look at it later:  confiture job attach %s", job);
}

static void
run_one(struct cli *cli, const struct connection_target *t, const struct job_request *request,
	struct job_outcome *out)
{
	struct session *s = cli_session(cli);
	struct job_options options;
	struct job_spec spec = spec_of(cli, t, request, &options);
	struct error err = {0};
	char job[ID_TEXT];
	struct live live;

	live_init(&live, cli, request->migrations_dir, request->lines, request->verbose);
	bool ok = session_run_job(s, &spec, live_view(&live), job, out, &err);
	live_fini(&live);
	if (!ok) {
		failed_before(cli, &err, out);
		return;
	}
	if (session_detached(s)) {
		say_how_to_attach(cli, job);
		return;
	}
	note_job(cli, &out->result, job);
	if (request->complete != NULL)
		request->complete(cli, request, out);
}

static bool
is_fine(const struct job_request *request, const struct job_outcome *out)
{
	return out->error == NULL &&
	       (out->exit_code == 0 || (out->exit_code == 1 && request->pending_is_fine));
}

/* ---- printing ---- */

/* The Python tool prints its result document when a migration failed, and an envelope when nothing
 * could be begun: so does this, by whether the result tells of the error. */
static bool
tells_error(const struct any *result)
{
	if (result->ptr == NULL)
		return false;
	if (result->of == &record_up_result)
		return ((struct up_result *)result->ptr)->errors.count > 0;
	if (result->of == &record_down_to_result)
		return ((struct down_to_result *)result->ptr)->errors.count > 0;
	if (result->of == &record_down_result)
		return ((struct down_result *)result->ptr)->error != NULL;
	return false;
}

/* The worker knows files by name; people find them by path. */
static void
point_into_project(struct cli *cli, struct error *err)
{
	char path[sizeof(err->at.file)];
	int n = snprintf(path, sizeof(path), "%s/%s", session_bundles(cli_session(cli)),
			 err->at.file);

	if (err->at.file[0] != '\0' && strchr(err->at.file, '/') == NULL && n > 0 &&
	    (size_t)n < sizeof(path) && access(path, R_OK) == 0)
		memcpy(err->at.file, path, (size_t)n + 1);
}

static void
show_error(struct cli *cli, const char *target, const struct issue *issue)
{
	struct error err = {0};

	error_from_issue(issue, &err);
	point_into_project(cli, &err);
	if (target != NULL)
		error_wrap(&err, "target %s", target);
	cli_fail(cli, &err);
}

int
outcome_show(struct cli *cli, const char *target, const struct job_outcome *out)
{
	bool document =
		out->result.ptr != NULL && (out->error == NULL || tells_error(&out->result));

	if (document)
		cli_document(cli, out->result.of, out->result.ptr);
	if (document && !cli->json)
		render_result(cli, &out->result);
	if (out->error != NULL && !(document && cli->json))
		show_error(cli, target, out->error);
	return (int)out->exit_code;
}

static void
show_target(struct cli *cli, const struct connection_target *t, const struct job_outcome *out)
{
	if (cli->json)
		return;
	if (out->result.ptr != NULL && (out->error == NULL || tells_error(&out->result)))
		render_result(cli, &out->result);
	if (out->error != NULL)
		show_error(cli, t->name, out->error);
}

static void
show_summary(struct cli *cli, const struct targets_result *all)
{
	const struct targets_summary *s = all->summary;

	cli_document(cli, &record_targets_result, all);
	if (cli->json || cli->csv)
		return;
	cli_say(cli, "%s%lld of %lld targets succeeded%s", s->failed > 0 ? "✗ " : "✓ ",
		(long long)s->succeeded, (long long)s->total,
		s->not_run > 0 ? arena_printf(&cli->arena, ", %lld not run", (long long)s->not_run)
			       : "");
}

/* ---- all targets ---- */

static void
record_target(struct target_result *to, const struct connection_target *t,
	      const struct job_outcome *out, bool fine)
{
	*to = (struct target_result){
		.target = t->name,
		.environment = t->environment,
		.ok = fine,
		.exit_code = out->exit_code,
		.result = out->result,
		.error = out->error,
	};
}

static int
run_several(struct cli *cli, const struct connections *c, const struct job_request *request)
{
	struct targets_summary summary = {.total = (int64_t)c->count};
	struct targets_result all = {.summary = &summary};
	bool stop = false;

	all.targets.items = arena_array(&cli->arena, c->count, sizeof(*all.targets.items));
	all.targets.count = c->count;
	for (size_t i = 0; i < c->count; i++) {
		const struct connection_target *t = &c->items[i];
		struct job_outcome out = {.exit_code = INT_NULL};
		if (stop) {
			record_target(&all.targets.items[i], t, &out, false);
			summary.not_run++;
			continue;
		}
		if (!cli->csv)
			cli_say(cli, "%s▸ %s%s", cli_style(cli, cli->out, STYLE_BOLD), t->name,
				cli_style(cli, cli->out, STYLE_PLAIN));
		session_next_target(cli_session(cli));
		run_one(cli, t, request, &out);
		bool fine = is_fine(request, &out);
		record_target(&all.targets.items[i], t, &out, fine);
		show_target(cli, t, &out);
		summary.succeeded += fine;
		summary.failed += !fine;
		summary.exit_code = exit_code_worst((int)summary.exit_code, (int)out.exit_code);
		/* Somebody who cancels means all of it. */
		stop = !fine &&
		       (!request->reads || out.exit_code == error_code(E_JOB_004)->exit_code);
	}
	show_summary(cli, &all);
	return (int)summary.exit_code;
}

/* ---- a job that is left to itself ---- */

static bool
submit_only(struct cli *cli, const struct connections *c, const struct job_request *request,
	    struct job_info **out, struct error *err)
{
	struct session *s = cli_session(cli);
	struct job_options options;
	char job[ID_TEXT];
	void *reply;

	if (session_remote(s) == NULL) {
		error_set(err, E_USAGE_001,
			  "--detach needs a coordinator elsewhere: without one the run ends with "
			  "this command");
		error_hint(err, "confiture --help");
		return false;
	}
	if (c->several)
		return error_set(err, E_USAGE_001,
				 "--detach takes one database; of several, the next begins only "
				 "when the one before has succeeded");
	struct job_spec spec = spec_of(cli, &c->items[0], request, &options);
	if (!session_submit_job(s, &spec, job, err))
		return false;
	struct job_show look = {.job = job};
	if (!session_call(s, MESSAGE_job_show, &look, &reply, err))
		return false;
	*out = ((struct job_shown *)reply)->info;
	return true;
}

static int
detach(struct cli *cli, const struct connections *c, const struct job_request *request)
{
	struct job_info *info;
	struct error err = {0};

	if (!submit_only(cli, c, request, &info, &err))
		return cli_fail(cli, &err);
	cli_document(cli, &record_job_info, info);
	cli_say(cli, "%s", info->id);
	say_how_to_attach(cli, info->id);
	return 0;
}

/* Nobody overrides without saying why, or gives reasons for nothing. */
static bool
check_override(const struct job_request *request, struct error *err)
{
	bool given = request->reason != NULL && request->reason[0] != '\0';
	bool claims = request->options.override_claims.count > 0;

	if (request->foreign_journal && !given)
		return error_set(err, E_USAGE_001,
				 "--foreign-journal needs --reason: say why this database is "
				 "changed past its coordinator");
	if (claims && !given)
		return error_set(err, E_USAGE_001,
				 "--override-claim needs --reason: its agent will read it");
	return request->foreign_journal || claims || request->reason == NULL ||
	       error_set(err, E_USAGE_001,
			 "--reason says nothing by itself: it goes with an option "
			 "that overrides something");
}

int
targets_run(struct cli *cli, const struct connections *connections,
	    const struct job_request *request)
{
	struct job_outcome out;
	struct error err = {0};

	if (!check_override(request, &err))
		return cli_fail(cli, &err);

	if (request->detach)
		return detach(cli, connections, request);
	if (connections->several)
		return run_several(cli, connections, request);
	session_allow_detach(cli_session(cli));
	run_one(cli, &connections->items[0], request, &out);
	return session_detached(cli_session(cli)) ? 0 : outcome_show(cli, NULL, &out);
}
