/*
 * One file, written beside and moved, so that it is whole or the one before. It is not synced:
 * after a power cut the worker knows an older event, which the chain contains as well.
 */
#include "worker/daemon/memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { FILE_MAX = 4096 };

struct memory {
	struct worker_memory base; /* first */
	char path[PATH_MAX], beside[PATH_MAX];
};

static struct chain_head *
load(struct worker_memory *base, struct arena *a)
{
	struct memory *m = (struct memory *)base;
	char text[FILE_MAX];
	struct error ignored = {0};
	void *head = NULL;
	int fd = open(m->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if (fd >= 0)
		close(fd);
	if (n <= 0 ||
	    !record_parse(a, &record_chain_head, span_of(text, (size_t)n), &head, &ignored))
		return NULL;
	return head;
}

static void
keep(struct worker_memory *base, const struct chain_head *head)
{
	struct memory *m = (struct memory *)base;
	struct text json;

	text_init(&json, 0);
	record_json_named(&json, &record_chain_head, head);
	int fd = open(m->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write(fd, json.ptr, json.len) == (ssize_t)json.len;
	if (fd >= 0)
		close(fd);
	if (ok)
		(void)rename(m->beside, m->path);
	text_fini(&json);
}

struct worker_memory *
memory_new(const char *dir)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->base = (struct worker_memory){load, keep};
	snprintf(m->path, sizeof(m->path), "%s/chain.json", dir);
	snprintf(m->beside, sizeof(m->beside), "%s/chain.json.new", dir);
	return &m->base;
}
