/* How tokens come into being and end. The bytes are seen once, by whoever asked for the token. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/daemon/identity.h"
#include "coordinator/daemon/tokens.h"
#include "shared/digest/digest.h"
#include "shared/wire/json.h"

#include "shared/base/banned.h"

enum { TOKEN_BYTES = 32 };

static const char prefix[] = "confiture_", local_identity[] = "operator:local";

static void
make_text(struct runtime *rt, char text[TOKEN_TEXT])
{
	unsigned char bytes[TOKEN_BYTES];
	size_t at = (size_t)snprintf(text, TOKEN_TEXT, "%s", prefix);

	rt->ops->random(rt, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		at += (size_t)snprintf(text + at, TOKEN_TEXT - at, "%02x", bytes[i]);
	explicit_bzero(bytes, sizeof(bytes));
}

/* Both in one transaction: there is no token without a trace. */
static bool
record(struct journal *j, const struct journal_token *token, const char *kind, const char *time,
       struct error *err)
{
	struct text detail;

	text_init(&detail, 0);
	text_put(&detail, "{\"identity\":");
	json_put_string(&detail, span_str(token->identity));
	text_put(&detail, "}");
	const struct audit_image image = {IMAGE_TOKEN, token->id};
	struct audit_entry entry = {.actor = local_identity,
				    .kind = kind,
				    .subject = token->id,
				    .detail = detail.ptr,
				    .images = &image,
				    .image_count = 1};
	bool ok = journal_begin(j, err);
	if (ok) {
		ok = (time == NULL ? journal_token_add(j, token, err)
				   : journal_token_revoke(j, token->id, time, err)) &&
		     journal_audit_add(j, &entry, err) && journal_commit(j, err);
		if (!ok)
			journal_rollback(j);
	}
	text_fini(&detail);
	return ok;
}

bool
token_create(struct journal *j, struct runtime *rt, const char *identity, int64_t expires_us,
	     char text[TOKEN_TEXT], char id[ID_TEXT], struct error *err)
{
	char sha256[SHA256_HEX], now[TIME_TEXT];
	struct net_peer peer;
	struct arena arena;

	arena_init(&arena);
	bool ok = identity_parse(&arena, identity, &peer, err);
	arena_fini(&arena);
	if (!ok)
		return false;
	make_text(rt, text);
	sha256_of(span_str(text), sha256);
	runtime_id(rt, id);
	time_print(rt->ops->wall_us(rt), now);
	struct journal_token token = {.id = id,
				      .identity = identity,
				      .sha256 = sha256,
				      .created_at = now,
				      .expires_us = expires_us};
	return record(j, &token, "token.create", NULL, err);
}

bool
token_revoke(struct journal *j, struct runtime *rt, const char *id, struct error *err)
{
	const struct journal_token *found = NULL;
	struct journal_tokens list;
	struct arena arena;
	char now[TIME_TEXT];

	arena_init(&arena);
	bool ok = journal_token_list(j, &arena, &list, err);
	for (size_t i = 0; ok && i < list.count; i++) {
		if (strcmp(list.items[i].id, id) == 0)
			found = &list.items[i];
	}
	if (ok && found == NULL) {
		ok = error_set(err, E_USAGE_001, "there is no token %s", id);
		error_hint(err, "confiture-coordinator token list");
	}
	time_print(rt->ops->wall_us(rt), now);
	if (ok && found->revoked_at == NULL)
		ok = record(j, found, "token.revoke", now, err);
	arena_fini(&arena);
	return ok;
}

/* ---- the local operator ---- */
static bool
known(struct journal *j, struct arena *arena, const char *path, bool *out, struct error *err)
{
	char text[TOKEN_TEXT + 2] = "", sha256[SHA256_HEX];
	struct journal_tokens list;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	*out = false;
	if (n <= 0)
		return true;
	sha256_of(span_of(text, strcspn(text, "\r\n")), sha256);
	explicit_bzero(text, sizeof(text));
	if (!journal_token_list(j, arena, &list, err))
		return false;
	for (size_t i = 0; i < list.count; i++)
		*out |= strcmp(list.items[i].sha256, sha256) == 0;
	return true;
}

/* Whole or not at all: written beside and moved. */
static bool
write_file(const char *path, const char *text, struct error *err)
{
	char beside[PATH_MAX];
	size_t len = strlen(text);

	snprintf(beside, sizeof(beside), "%s.new", path);
	(void)unlink(beside);
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len && write(fd, "\n", 1) == 1 &&
		  fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (ok && rename(beside, path) == 0)
		return true;
	return error_errno(err, E_JRNL_001, ok ? errno : why, "%s cannot be written", path);
}

bool
token_local(struct journal *j, struct runtime *rt, const char **path, bool *made,
	    struct arena *arena, struct error *err)
{
	const char *journal = journal_path(j), *slash = strrchr(journal, '/');
	char text[TOKEN_TEXT], id[ID_TEXT];
	bool there;

	*made = false;
	*path = arena_printf(arena, "%.*s/operator.token", (int)(slash - journal), journal);
	if (!known(j, arena, *path, &there, err))
		return false;
	if (there)
		return true;
	*made = token_create(j, rt, local_identity, INT_NULL, text, id, err) &&
		write_file(*path, text, err);
	explicit_bzero(text, sizeof(text));
	return *made;
}
