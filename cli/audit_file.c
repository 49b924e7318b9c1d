/*
 * A chain that is kept elsewhere is worth something only when it can be proven there. Nothing of
 * the file is believed: each hash is computed anew, from the first event on.
 */
#include "cli/audit_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/digest/chain.h"

#include "shared/base/banned.h"

enum { FILE_MAX = 1024 * 1024 * 1024 };

struct proof {
	struct audit_report *report;
	const char *head; /* of what was proven so far */
};

static void
bad(struct proof *p, const char *problem)
{
	p->report->ok = false;
	p->report->first_bad = p->report->events + 1;
	p->report->problem = problem;
}

static void
prove_event(struct arena *arena, struct proof *p, const struct audit_event *e)
{
	const struct chain_event event = {.seq = e->seq,
					  .time = e->time,
					  .actor = e->actor,
					  .kind = e->kind,
					  .subject = e->subject,
					  .detail = e->detail,
					  .body = e->body};
	char hash[SHA256_HEX];

	if (!p->report->ok)
		return;
	if (e->seq != p->report->events + 1) {
		bad(p, "an event before it was removed");
		return;
	}
	chain_event_hash(p->head, &event, hash);
	if (strcmp(hash, e->hash) != 0) {
		bad(p, "it was changed after it was written, or the one before it was");
		return;
	}
	p->report->events = e->seq;
	p->head = p->report->head = arena_str(arena, hash);
}

static void
prove_end(struct proof *p, const struct audit_export *x)
{
	bool same = x->count == p->report->events &&
		    (x->head == NULL
			     ? p->report->events == 0
			     : p->report->head != NULL && strcmp(x->head, p->report->head) == 0);

	if (p->report->ok && !same)
		bad(p, "events at the end were removed");
}

static bool
read_whole(const char *path, struct text *out, struct error *err)
{
	char chunk[65536];
	size_t got;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return error_errno(err, E_USAGE_001, errno, "%s cannot be read", path);
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0 && out->len < FILE_MAX)
		text_put_span(out, span_of(chunk, got));
	bool ok = ferror(f) == 0 && feof(f) != 0;
	fclose(f);
	return ok || error_set(err, E_USAGE_001, "%s cannot be read whole", path);
}

/* Lines: an event each, and the last one says how many there were. */
static bool
prove_lines(struct arena *arena, struct proof *p, struct span rest, struct error *err)
{
	bool ended = false;
	void *record;

	while (rest.len > 0) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
		struct span line = span_of(rest.ptr, len);
		struct arena one;
		arena_init(&one);
		bool event = !ended && record_parse(&one, &record_audit_event, line, &record, NULL);
		if (event)
			prove_event(arena, p, record);
		bool ok = event ||
			  (!ended && record_parse(&one, &record_audit_export, line, &record, err));
		if (ok && !event) {
			prove_end(p, record);
			ended = true;
		}
		arena_fini(&one);
		if (!ok)
			return false;
		rest.ptr += len + (end != NULL);
		rest.len -= len + (end != NULL);
	}
	if (!ended && p->report->ok)
		bad(p, "lines at the end were removed");
	return true;
}

static bool
prove(struct arena *arena, struct proof *p, struct span all, struct error *err)
{
	void *record;

	if (!record_parse(arena, &record_audit_export, all, &record, NULL))
		return prove_lines(arena, p, all, err);
	const struct audit_export *x = record;
	for (size_t i = 0; i < x->events.count; i++)
		prove_event(arena, p, &x->events.items[i]);
	prove_end(p, x);
	return true;
}

bool
audit_file_verify(struct arena *arena, const char *path, struct audit_report *out,
		  struct error *err)
{
	struct proof p = {.report = out, .head = chain_before_all};
	struct error why = {0};
	struct text all;

	*out = (struct audit_report){.ok = true, .first_bad = INT_NULL};
	text_init(&all, 0);
	bool ok = read_whole(path, &all, err);
	if (ok && !prove(arena, &p, text_span(&all), &why)) {
		error_set(err, E_USAGE_001, "%s is no file of `audit export`", path);
		error_cause(err, "%s", why.message);
		ok = false;
	}
	text_fini(&all);
	return ok;
}
