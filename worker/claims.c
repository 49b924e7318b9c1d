#include "worker/claims.h"

#include <string.h>

#include "shared/net/net.h"
#include "worker/control.h"

#include "shared/base/banned.h"

void
claims_init(struct claims *k)
{
	*k = (struct claims){.line = 1};
	text_init(&k->sql, 0);
}

void
claims_fini(struct claims *k)
{
	text_fini(&k->sql);
}

static uint32_t
lines_in(struct span text)
{
	uint32_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	return lines;
}

void
claims_add(struct claims *k, const struct body_statement *st)
{
	uint32_t gap = st->piece.line > k->line ? st->piece.line - k->line : 0;

	if (k->too_long || k->sql.len + gap + st->piece.text.len + 1 > CLAIMS_SQL_MAX) {
		k->too_long = true;
		return;
	}
	for (; gap > 0; gap--, k->line++)
		text_put(&k->sql, "\n");
	text_put_span(&k->sql, st->piece.text);
	text_put(&k->sql, ";");
	k->line += lines_in(st->piece.text);
}

bool
claims_ask(struct job_run *r, const struct claims *k, const struct planned_file *p,
	   struct text_list *warnings, struct error *err)
{
	struct job_check m = {.worker = r->control->worker,
			      .job = r->job,
			      .attempt = r->attempt,
			      .version = p->migration->version,
			      .file = p->file,
			      .sql = k->too_long ? "" : k->sql.ptr,
			      .too_long = k->too_long};
	const struct job_checked *reply;
	void *body;

	if (!control_call(r->control, MESSAGE_job_check, &m, r->arena, &body, err))
		return false;
	reply = body;
	for (size_t i = 0; i < reply->warnings.count; i++)
		planned_warn(r, warnings, reply->warnings.items[i]);
	return true;
}
