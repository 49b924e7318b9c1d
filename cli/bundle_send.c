/*
 * Migration files on their way to the coordinator. It says which ones it lacks, and those go in
 * pieces that fit a message. Several files are under way at once: each piece is on the
 * coordinator's disk before it is acknowledged, and what arrives together is written together.
 */
#include "cli/bundle_send.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { PIECE = 256 * 1024, OFFER_MS = 60000, PIECE_MS = 60000, SENDERS = 8 };

struct sending {
	struct cli *cli;
	struct net_client *client;
	const char *dir;
	const struct bundle_file **files;
	size_t count;
	struct mutex *mutex; /* over what follows */
	size_t next;
	bool failed;
	struct error *err;
};

/* ---- one file ---- */

static bool
changed(const struct bundle_file *file, struct error *err)
{
	error_set(err, E_MIGR_011, "%s changed while it was in use", file->name);
	error_at(err, file->name, 0, 0);
	return false;
}

static bool
unreadable(const struct sending *s, const struct bundle_file *file, struct error *err)
{
	error_errno(err, E_MIGR_102, errno, "cannot read %s/%s", s->dir, file->name);
	error_at(err, file->name, 0, 0);
	return false;
}

/* As many bytes as there are, up to `size`. */
static ssize_t
read_piece(int fd, char *buf, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t got = read(fd, buf + have, size - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static bool
put(const struct sending *s, const struct bundle_file *file, int64_t offset, struct span data,
    struct error *err)
{
	struct bundle_put request = {
		.sha256 = file->sha256, .offset = offset, .total = file->size, .data = data};
	struct arena arena;
	void *reply;

	arena_init(&arena);
	bool ok = net_call(s->client, MESSAGE_bundle_put, &request,
			   runtime_deadline(s->cli->rt, PIECE_MS), &arena, &reply, err);
	arena_fini(&arena);
	return ok;
}

/* An empty file is one empty piece. */
static bool
put_pieces(const struct sending *s, const struct bundle_file *file, int fd, char *buf,
	   struct error *err)
{
	int64_t offset = 0;

	do {
		ssize_t got = read_piece(fd, buf, PIECE);
		if (got < 0)
			return unreadable(s, file, err);
		if (offset + got > file->size || (got < PIECE && offset + got != file->size))
			return changed(file, err);
		if (!put(s, file, offset, span_of(buf, (size_t)got), err))
			return error_wrap(err, "%s", file->name);
		offset += got;
	} while (offset < file->size);
	return true;
}

static bool
send_file(const struct sending *s, const struct bundle_file *file, char *buf, struct error *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%s%s", file->schema ? "" : s->dir, file->schema ? "" : "/",
		 file->name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return unreadable(s, file, err);
	bool ok = put_pieces(s, file, fd, buf, err);
	close(fd);
	return ok;
}

/* ---- all of them ---- */

static const struct bundle_file *
next_file(struct sending *s)
{
	const struct runtime_ops *ops = s->cli->rt->ops;

	ops->mutex_lock(s->cli->rt, s->mutex);
	const struct bundle_file *file =
		s->failed || s->next == s->count ? NULL : s->files[s->next++];
	ops->mutex_unlock(s->cli->rt, s->mutex);
	return file;
}

/* The first failure is the one that is told. */
static void
fail(struct sending *s, const struct error *err)
{
	const struct runtime_ops *ops = s->cli->rt->ops;

	ops->mutex_lock(s->cli->rt, s->mutex);
	if (!s->failed)
		*s->err = *err;
	s->failed = true;
	ops->mutex_unlock(s->cli->rt, s->mutex);
}

static void
send_files(void *arg)
{
	struct sending *s = arg;
	struct error err = {0};
	char *buf = malloc(PIECE);

	if (buf == NULL)
		abort();
	for (const struct bundle_file *f = next_file(s); f != NULL; f = next_file(s)) {
		if (!send_file(s, f, buf, &err))
			fail(s, &err);
	}
	free(buf);
}

static bool
send_all(struct sending *s, struct error *err)
{
	struct runtime *rt = s->cli->rt;
	struct thread *threads[SENDERS];
	size_t count = s->count < SENDERS ? s->count : SENDERS;
	struct error first = {0};

	s->err = &first;
	s->mutex = rt->ops->mutex_new(rt);
	for (size_t i = 0; i < count; i++)
		threads[i] = rt->ops->thread_start(rt, "bundle", send_files, s);
	for (size_t i = 0; i < count; i++)
		rt->ops->thread_join(rt, threads[i]);
	rt->ops->mutex_free(rt, s->mutex);
	if (s->failed)
		*err = first;
	return !s->failed;
}

static int
by_hash(const void *a, const void *b)
{
	const struct bundle_file *const *x = a, *const *y = b;

	return strcmp((*x)->sha256, (*y)->sha256);
}

static int
find_hash(const void *key, const void *item)
{
	const struct bundle_file *const *file = item;

	return strcmp(key, (*file)->sha256);
}

/* One file for each hash that is wanted; which of two equal ones does not matter. */
static void
choose(struct sending *s, const struct bundle_info *bundle, const struct bundle_wanted *wanted)
{
	struct arena *arena = &s->cli->arena;
	size_t all = bundle->files.count;
	const struct bundle_file **sorted = arena_array(arena, all + 1, sizeof(*sorted));

	for (size_t i = 0; i < all; i++)
		sorted[i] = &bundle->files.items[i];
	if (all > 0)
		qsort(sorted, all, sizeof(*sorted), by_hash);
	s->files = arena_array(arena, wanted->sha256.count + 1, sizeof(*s->files));
	for (size_t i = 0; i < wanted->sha256.count; i++) {
		const struct bundle_file **found =
			bsearch(wanted->sha256.items[i], sorted, all, sizeof(*sorted), find_hash);
		if (found != NULL)
			s->files[s->count++] = *found;
	}
}

bool
bundle_send(struct cli *cli, struct net_client *client, const char *dir,
	    const struct bundle_info *bundle, struct error *err)
{
	struct bundle_info copy;
	struct bundle_offer offer = {.bundle = &copy};
	struct sending s = {.cli = cli, .client = client, .dir = dir};
	void *reply;

	if (bundle == NULL || bundle->hash == NULL || bundle->files.count == 0)
		return true;
	copy = *bundle;
	if (!net_call(client, MESSAGE_bundle_offer, &offer, runtime_deadline(cli->rt, OFFER_MS),
		      &cli->arena, &reply, err))
		return false;
	choose(&s, bundle, reply);
	return s.count == 0 || send_all(&s, err);
}
