/*
 * The way to a coordinator elsewhere. What says where it is and who asks is looked at before
 * anything else happens, so that a command never falls back to this machine by a slip: a variable
 * that is set, or a file that cannot be read, decides or stops.
 */
#include "cli/remote.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/token.h"
#include "shared/config/config.h"
#include "shared/net/address.h"
#include "shared/net/nng.h"

#include "shared/base/banned.h"

enum { PROTOCOL = 1, FIRST_CONTACT_MS = 10000, SILENCE_MS = 1000 };

static struct net_client *dialled;

#ifdef __SANITIZE_ADDRESS__
void __lsan_do_leak_check(void);
#endif

void
remote_leave(int exit_code)
{
	if (dialled == NULL)
		return;
#ifdef __SANITIZE_ADDRESS__
	__lsan_do_leak_check();
#endif
	_exit(exit_code);
}

/* ---- which one ---- */

struct chosen {
	const char **items;
	size_t count, cap;
};

/* "ws://a,ws://b": commas and blanks separate. */
static bool
add_urls(struct cli *cli, struct chosen *to, const char *text, struct error *err)
{
	for (const char *p = text + strspn(text, ", \t"); *p != '\0'; p += strspn(p, ", \t")) {
		size_t len = strcspn(p, ", \t");
		struct net_address address;
		if (!net_address_parse(&cli->arena, arena_span(&cli->arena, span_of(p, len)),
				       &address, err))
			return false;
		to->items =
			arena_grow(&cli->arena, to->items, to->count, &to->cap, sizeof(*to->items));
		to->items[to->count++] = address.url;
		p += len;
	}
	return true;
}

static bool
take(struct cli *cli, const char *const *texts, size_t count, const char *from, struct remote *out,
     struct error *err)
{
	struct chosen chosen = {0};
	struct text shown;

	for (size_t i = 0; i < count; i++) {
		if (!add_urls(cli, &chosen, texts[i], err))
			return error_wrap(err, "%s", from);
	}
	if (chosen.count == 0)
		return error_set(err, E_CONFIG_005, "%s holds no address", from);
	text_init(&shown, 4096);
	for (size_t i = 0; i < chosen.count; i++)
		text_printf(&shown, "%s%s", i > 0 ? ", " : "", chosen.items[i]);
	*out = (struct remote){
		.urls = chosen.items,
		.url_count = chosen.count,
		.shown = arena_span(&cli->arena, span_of(shown.ptr, shown.len)),
		.from = from,
	};
	text_fini(&shown);
	return true;
}

static bool
take_file(struct cli *cli, struct remote *out, struct error *err)
{
	struct config_project project = {0};

	if (!config_project_load(&cli->arena, "confiture.yaml", &project, NULL, err))
		return false;
	if (project.coordinator_count == 0)
		return true;
	return take(cli, project.coordinator, project.coordinator_count, "confiture.yaml", out,
		    err);
}

bool
remote_choose(struct cli *cli, const struct args *args, struct remote *out, struct error *err)
{
	const char *typed = args_text(args, "coordinator");
	const char *variable = getenv("CONFITURE_COORDINATOR");

	*out = (struct remote){0};
	if (typed != NULL && args_flag(args, "embedded"))
		return error_set(err, E_USAGE_001,
				 "--coordinator and --embedded exclude each other");
	if (args_flag(args, "embedded"))
		return true;
	if (typed != NULL)
		return take(cli, &typed, 1, "--coordinator", out, err);
	if (variable != NULL && variable[0] != '\0')
		return take(cli, &variable, 1, "CONFITURE_COORDINATOR", out, err);
	return take_file(cli, out, err);
}

/* ---- the way there ---- */

static const char *
given(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool
crosses_a_network_in_the_clear(struct cli *cli, const struct remote *r)
{
	for (size_t i = 0; i < r->url_count; i++) {
		struct net_address address;
		if (net_address_parse(&cli->arena, r->urls[i], &address, NULL) && !address.tls &&
		    !address.loopback)
			return true;
	}
	return false;
}

static bool
prepare(struct cli *cli, const struct remote *r, struct net_nng_dial *out, struct error *err)
{
	*out = (struct net_nng_dial){
		.urls = r->urls,
		.url_count = r->url_count,
		.ca_file = given("CONFITURE_CA_FILE"),
		.cert_file = given("CONFITURE_CERT_FILE"),
		.key_file = given("CONFITURE_KEY_FILE"),
		.server_name = given("CONFITURE_SERVER_NAME"),
		.first_contact_ms = FIRST_CONTACT_MS,
	};
	if (!token_find(&cli->arena, &out->token, err))
		return false;
	if (!secret_given(out->token) && out->cert_file == NULL) {
		error_set(err, E_AUTH_001, "there is no token for the coordinator %s", r->shown);
		error_hint(err, "on the coordinator's machine: confiture-coordinator token create "
				"agent:NAME\n"
				"here: put it into ~/.config/confiture/token, with mode 0600");
		return false;
	}
	if (secret_given(out->token) && crosses_a_network_in_the_clear(cli, r))
		cli_warn(cli, "ws:// sends the token over the network in the clear; use wss://");
	return true;
}

static bool
say_hello(struct cli *cli, struct net_client *client, uint64_t ms, const struct hello_reply **out,
	  struct error *err)
{
	struct hello request = {.protocol_min = PROTOCOL,
				.protocol_max = PROTOCOL,
				.program = "confiture",
				.version = CONFITURE_VERSION};
	void *reply;

	if (!net_call(client, MESSAGE_hello, &request, runtime_deadline(cli->rt, ms), &cli->arena,
		      &reply, err))
		return false;
	*out = reply;
	return true;
}

/* The library's threads must leave the signals to the thread that waits for them. */
static struct net_client *
dial_without_signals(struct cli *cli, const struct net_nng_dial *config, struct error *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	struct net_client *client = net_nng_dial(cli->rt, config, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return client;
}

/* Whoever waits is told for what. */
static bool
first_contact(struct cli *cli, const struct remote *r, const struct hello_reply **hello,
	      struct error *err)
{
	if (say_hello(cli, dialled, SILENCE_MS, hello, err))
		return true;
	if (!err->retryable)
		return false;
	cli_note(cli, "%s does not answer; trying for %d s", r->shown, FIRST_CONTACT_MS / 1000);
	return say_hello(cli, dialled, FIRST_CONTACT_MS, hello, err);
}

bool
remote_dial(struct cli *cli, const struct remote *r, struct net_client **client,
	    const struct hello_reply **hello, struct error *err)
{
	struct net_nng_dial config;

	if (dialled == NULL) {
		if (!prepare(cli, r, &config, err))
			return false;
		dialled = dial_without_signals(cli, &config, err);
		if (dialled == NULL)
			return error_wrap(err, "%s", r->from);
	}
	if (!first_contact(cli, r, hello, err)) {
		if (error_is(err, E_COORD_001) && err->hint[0] == '\0')
			error_hint(err,
				   "is it running, and is %s its address?\n"
				   "without a coordinator: --embedded",
				   r->shown);
		return false;
	}
	*client = dialled;
	return true;
}
