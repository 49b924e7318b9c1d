/*
 * The files of one attempt, fetched from the coordinator when they are first opened. Nothing that
 * came over the network is believed: sizes, order and hash are those that the job states, and names
 * are never paths. A file that lay in the spool already is hashed once more before its use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/faults.h"
#include "worker/control.h"
#include "worker/spool_files.h"

#include "shared/base/banned.h"

enum { READ_BYTES = 65536 };

struct spool_source {
	struct bundle_source base; /* first */
	struct spool *spool;
	struct job_control *control;
	const struct bundle_info *bundle;
	bool *checked; /* by index: it is there, and it is what the job states */
};

/* One transfer under way. */
struct fetch {
	struct spool_source *source;
	const struct bundle_file *file;
	char part[SPOOL_NAME];
	int fd;
	int64_t got;
	struct sha256 hash;
};

static bool
unusable(const struct bundle_file *f, struct error *err, const char *what)
{
	char shown[MIGRATION_SHOWN];

	migration_show_name(f->name, shown);
	return error_set(err, E_MIGR_102, "%s: %s", shown, what);
}

static bool
unwritable(struct fetch *t, struct error *err)
{
	int failed = errno;

	unusable(t->file, err, "cannot be kept in the worker's spool");
	error_cause(err, "%s: %s", spool_path(t->source->spool), strerrordesc_np(failed));
	error_hint(err, "make room on the worker's disk, then run the same command again");
	return false;
}

static bool
write_all(struct fetch *t, struct span data, struct error *err)
{
	for (size_t done = 0; done < data.len;) {
		ssize_t n = write(t->fd, data.ptr + done, data.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return unwritable(t, err);
		done += (size_t)n;
	}
	return true;
}

/* The next piece. An answer that was cut off is asked for again by control_call(). */
static bool
fetch_piece(struct fetch *t, struct arena *arena, struct error *err)
{
	struct job_control *c = t->source->control;
	struct bundle_get ask = {
		.job = c->job, .attempt = c->attempt, .name = t->file->name, .offset = t->got};
	void *reply;

	arena_reset(arena);
	if (!control_go_on(c, err) ||
	    !control_call(c, MESSAGE_bundle_get, &ask, arena, &reply, err))
		return false;
	const struct bundle_chunk *chunk = reply;
	int64_t len = (int64_t)chunk->data.len;
	if (chunk->total != t->file->size || len > t->file->size - t->got ||
	    (len == 0 && t->got < t->file->size))
		return unusable(t->file, err,
				"the coordinator sent more or fewer bytes than the job states");
	sha256_add(&t->hash, chunk->data.ptr, chunk->data.len);
	t->got += len;
	return write_all(t, chunk->data, err);
}

static bool
fetch_pieces(struct fetch *t, struct error *err)
{
	char hex[SHA256_HEX];
	struct arena arena;
	bool ok = true;

	sha256_init(&t->hash);
	arena_init(&arena);
	while (ok && t->got < t->file->size)
		ok = fetch_piece(t, &arena, err);
	arena_fini(&arena);
	if (!ok)
		return false;
	sha256_hex(&t->hash, hex);
	if (strcmp(hex, t->file->sha256) != 0 && !FAULT(bundle_not_checked))
		return unusable(t->file, err,
				"what the coordinator sent does not have the SHA-256 that the job "
				"states");
	return true;
}

static bool
fetch_into(struct fetch *t, struct error *err)
{
	struct spool *s = t->source->spool;

	t->fd = spool_create(s, t->part);
	if (t->fd < 0)
		return unwritable(t, err);
	bool ok = fetch_pieces(t, err);
	if (close(t->fd) != 0 && ok)
		ok = unwritable(t, err);
	if (ok && !spool_keep(s, t->part, t->file->sha256))
		ok = unwritable(t, err);
	if (!ok)
		spool_drop(s, t->part);
	return ok;
}

static bool
fetch(struct spool_source *src, const struct bundle_file *f, struct error *err)
{
	struct fetch t = {.source = src, .file = f, .fd = -1};

	if (!spool_reserve(src->spool, f->size)) {
		unusable(f, err, "does not fit into the worker's spool");
		error_hint(err, "raise spool_max_bytes in the worker's settings");
		return false;
	}
	bool ok = fetch_into(&t, err);
	spool_release(src->spool, f->size, ok);
	return ok;
}

/* ---- what is there already ---- */
static bool
same_bytes(int fd, const struct bundle_file *f)
{
	char *buf = malloc(READ_BYTES), hex[SHA256_HEX];
	struct sha256 hash;
	int64_t size = 0;
	ssize_t n;

	if (buf == NULL)
		abort();
	sha256_init(&hash);
	while ((n = read(fd, buf, READ_BYTES)) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0) {
			sha256_add(&hash, buf, (size_t)n);
			size += n;
		}
	}
	free(buf);
	sha256_hex(&hash, hex);
	return n == 0 && size == f->size && strcmp(hex, f->sha256) == 0;
}

/* Is it in the spool, and whole? What is not whole goes. */
static bool
have(struct spool_source *src, const struct bundle_file *f, bool checked)
{
	int fd = spool_find(src->spool, f->sha256);

	if (fd < 0)
		return false;
	bool good = checked || same_bytes(fd, f);
	close(fd);
	if (!good)
		spool_drop(src->spool, f->sha256);
	return good;
}

static int
by_name(const void *name, const void *file)
{
	return strcmp(name, ((const struct bundle_file *)file)->name);
}

static bool
find(struct spool_source *src, const char *name, size_t *at, struct error *err)
{
	const struct bundle_info *b = src->bundle;
	const struct bundle_file *f = NULL;
	char shown[MIGRATION_SHOWN];

	if (b->files.count > 0)
		f = bsearch(name, b->files.items, b->files.count, sizeof(*f), by_name);
	if (f == NULL) {
		migration_show_name(name, shown);
		return error_set(err, E_MIGR_102, "the job has no file %s", shown);
	}
	if (f->sha256 == NULL || strlen(f->sha256) != SHA256_HEX - 1 ||
	    strspn(f->sha256, "0123456789abcdef") != SHA256_HEX - 1 || f->size < 0)
		return unusable(f, err, "the job states no SHA-256 or size of it");
	*at = (size_t)(f - b->files.items);
	return true;
}

/* ---- bundle_source ---- */
static bool
source_open(struct bundle_source *b, const char *name, struct sql_source *out, struct error *err)
{
	struct spool_source *src = (struct spool_source *)b;
	struct bundle_source *files = spool_files(src->spool);
	size_t at;

	if (!find(src, name, &at, err))
		return false;
	const struct bundle_file *f = &src->bundle->files.items[at];
	if (!have(src, f, src->checked[at]) && !fetch(src, f, err)) {
		error_at(err, name, 0, 0);
		return false;
	}
	src->checked[at] = true;
	if (files->ops->open(files, f->sha256, out, err))
		return true;
	error_at(err, name, 0, 0);
	return false;
}

static void
source_close(struct bundle_source *b, struct sql_source *file)
{
	struct bundle_source *files = spool_files(((struct spool_source *)b)->spool);

	files->ops->close(files, file);
}

static const struct bundle_source_ops source_ops = {source_open, source_close};

struct bundle_source *
spool_source_new(struct spool *s, struct job_control *control, const struct bundle_info *bundle)
{
	struct spool_source *src = calloc(1, sizeof(*src));

	if (src == NULL || (src->checked = calloc(bundle->files.count + 1, sizeof(bool))) == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	src->base.ops = &source_ops;
	src->spool = s;
	src->control = control;
	src->bundle = bundle;
	return &src->base;
}

void
spool_source_free(struct bundle_source *b)
{
	struct spool_source *src = (struct spool_source *)b;

	if (src == NULL)
		return;
	free(src->checked);
	free(src);
}
