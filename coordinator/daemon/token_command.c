/* `token create|list|revoke`: works on the journal's file, whether a coordinator runs or not. */
#include <stdio.h>
#include <string.h>

#include "coordinator/daemon/daemon.h"
#include "coordinator/daemon/tokens.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

struct request {
	struct runtime *rt;
	struct journal *journal;
	struct arena arena;
	int argc; /* words after the verb */
	char **argv;
};

static bool
usage(struct error *err, const char *words)
{
	return error_set(err, E_USAGE_001, "usage: confiture-coordinator token %s", words);
}

/* ---- create ---- */
static bool
read_create(struct request *r, const char **identity, int64_t *expires_us, struct error *err)
{
	static const char form[] = "create IDENTITY [--expires DURATION]";
	const char *expires = NULL;
	int64_t ms = 0;

	*identity = NULL;
	*expires_us = INT_NULL;
	for (int i = 0; i < r->argc; i++) {
		if (strcmp(r->argv[i], "--expires") == 0 && i + 1 < r->argc)
			expires = r->argv[++i];
		else if (strncmp(r->argv[i], "--expires=", 10) == 0)
			expires = r->argv[i] + 10;
		else if (r->argv[i][0] != '-' && *identity == NULL)
			*identity = r->argv[i];
		else
			return usage(err, form);
	}
	if (*identity == NULL)
		return usage(err, form);
	if (expires == NULL)
		return true;
	if (!parse_duration_ms(expires, 24 * INT64_C(3600000), &ms) || ms <= 0)
		return error_set(err, E_USAGE_001, "--expires %s is no duration, such as 90d",
				 expires);
	*expires_us = r->rt->ops->wall_us(r->rt) + ms * 1000;
	return true;
}

static bool
create(struct request *r, struct error *err)
{
	char text[TOKEN_TEXT], id[ID_TEXT], until[TIME_TEXT] = "it is revoked";
	const char *identity;
	int64_t expires_us;

	if (!read_create(r, &identity, &expires_us, err) ||
	    !token_create(r->journal, r->rt, identity, expires_us, text, id, err))
		return false;
	if (expires_us != INT_NULL)
		time_print(expires_us, until);
	printf("%s\n", text);
	fflush(stdout);
	explicit_bzero(text, sizeof(text));
	fprintf(stderr, "token %s of %s, good until %s; it is not shown again\n", id, identity,
		until);
	return true;
}

/* ---- list ---- */
static const char *
state_of(const struct request *r, const struct journal_token *t)
{
	if (t->revoked_at != NULL)
		return "revoked";
	return t->expires_us != INT_NULL && r->rt->ops->wall_us(r->rt) >= t->expires_us ? "expired"
											: "good";
}

static bool
list(struct request *r, struct error *err)
{
	struct journal_tokens all;

	if (r->argc > 0)
		return usage(err, "list");
	if (!journal_token_list(r->journal, &r->arena, &all, err))
		return false;
	printf("%-36s  %-7s  %-27s  %-27s  %s\n", "ID", "STATE", "CREATED", "EXPIRES", "IDENTITY");
	for (size_t i = 0; i < all.count; i++) {
		const struct journal_token *t = &all.items[i];
		char expires[TIME_TEXT] = "never";
		if (t->expires_us != INT_NULL)
			time_print(t->expires_us, expires);
		printf("%-36s  %-7s  %-27s  %-27s  %s\n", t->id, state_of(r, t), t->created_at,
		       expires, t->identity);
	}
	return true;
}

/* ---- revoke ---- */
static bool
revoke(struct request *r, struct error *err)
{
	if (r->argc != 1)
		return usage(err, "revoke ID");
	if (!token_revoke(r->journal, r->rt, r->argv[0], err))
		return false;
	printf("token %s is revoked\n", r->argv[0]);
	return true;
}

static const struct {
	const char *word;
	bool makes_journal;
	bool (*run)(struct request *r, struct error *err);
} verbs[] = {
	{"create", true, create},
	{"list", false, list},
	{"revoke", false, revoke},
};

static bool
run_verb(struct request *r, const char *path, size_t verb, struct error *err)
{
	if (!journal_open(r->rt, path, verbs[verb].makes_journal, &r->journal, err))
		return false;
	if (r->journal == NULL)
		return error_set(err, E_JRNL_001, "there is no journal %s", path);
	bool ok = verbs[verb].run(r, err);
	journal_close(r->journal);
	return ok;
}

bool
token_command(struct runtime *rt, const struct daemon_config *config, int argc, char **argv,
	      struct error *err)
{
	struct request r = {.rt = rt, .argc = argc - 1, .argv = argv + 1};

	for (size_t i = 0; argc > 0 && i < ARRAY_LEN(verbs); i++) {
		if (strcmp(argv[0], verbs[i].word) != 0)
			continue;
		arena_init(&r.arena);
		bool ok = run_verb(&r, config->journal, i, err);
		arena_fini(&r.arena);
		return ok;
	}
	return usage(err, "create|list|revoke …");
}
