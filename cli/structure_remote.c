/*
 * Structures through a coordinator: a job reads the database where its worker is, and what it read
 * is fetched in pieces. Nothing that came over the network is believed: hash and size are those
 * that the job's outcome tells, and the objects have the fingerprint that they say.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/connection_remote.h"
#include "cli/session.h"
#include "cli/structure.h"
#include "shared/digest/digest.h"
#include "shared/snapshot/lines.h"

#include "shared/base/banned.h"

enum { STRUCTURE_BYTES = 256 * 1024 * 1024 };

/* ---- the job ---- */

/* An attempt that was lost is made again: it only reads. */
static bool
run(struct session *s, const char *target, struct job_outcome *out, char job[ID_TEXT],
    struct error *err)
{
	struct job_options options = {0};
	const struct job_spec spec = {.kind = "introspect", .target = target, .options = &options};

	if (!session_run_job(s, &spec, NULL, job, out, err))
		return false;
	if (out->error != NULL) {
		error_from_issue(out->error, err);
		return false;
	}
	return out->result.of == &record_structure_read ||
	       error_set(err, E_INTERNAL_ERROR, "job %s ended without a structure", job);
}

/* ---- what it read ---- */

static bool
fetch_piece(struct session *s, const char *job, const struct structure_read *read, struct text *out,
	    struct error *err)
{
	const struct structure_get ask = {.job = job, .offset = (int64_t)out->len};
	struct cli *cli = session_cli(s);
	struct arena arena;
	void *reply;

	arena_init(&arena);
	bool ok = net_call(session_client(s), MESSAGE_structure_get, &ask,
			   runtime_deadline(cli->rt, 30000), &arena, &reply, err);
	if (ok) {
		const struct structure_piece *piece = reply;
		if (piece->total != read->bytes || piece->data.len == 0 ||
		    (int64_t)piece->data.len > read->bytes - ask.offset)
			ok = error_set(err, E_INTERNAL_ERROR,
				       "the coordinator sent more or fewer bytes than job %s read",
				       job);
		else
			text_put_span(out, piece->data);
	}
	arena_fini(&arena);
	return ok;
}

static bool
fetch(struct session *s, const char *job, const struct structure_read *read, struct text *out,
      struct error *err)
{
	char hex[SHA256_HEX];

	if (read->bytes < 0 || read->bytes > STRUCTURE_BYTES)
		return error_set(err, E_DIFFER_400,
				 "the structure has %lld bytes, and at most %d are read",
				 (long long)read->bytes, STRUCTURE_BYTES);
	while ((int64_t)out->len < read->bytes) {
		if (!fetch_piece(s, job, read, out, err))
			return false;
	}
	sha256_of(text_span(out), hex);
	return strcmp(hex, read->sha256) == 0 ||
	       error_set(err, E_INTERNAL_ERROR, "what the coordinator sent is not what job %s read",
			 job);
}

bool
structure_of_remote(struct structures *s, struct structure_source *source, struct error *err)
{
	struct session *session = cli_session(s->cli);
	struct job_outcome out = {0};
	struct text lines;
	char job[ID_TEXT];

	if (!run(session, source->target, &out, job, err))
		return false;
	const struct structure_read *read = out.result.ptr;
	text_init(&lines, STRUCTURE_BYTES + 1);
	bool ok = fetch(session, job, read, &lines, err) &&
		  snapshot_lines_read(s->pool, text_span(&lines), &source->model, err);
	text_fini(&lines);
	if (!ok)
		return false;
	int major = (int)strtol(read->server_version, NULL, 10);
	s->major = major > s->major ? major : s->major;
	source->role = source->model->role;
	source->database = arena_str(&s->cli->arena, read->database);
	if (source->shown == NULL)
		source->shown = source->target;
	return true;
}

bool
structure_of_remote_environment(struct structures *s, struct structure_source *source,
				struct error *err)
{
	const struct target_list *found;

	if (!connection_remote_targets(s->cli, source->word, &found, err))
		return false;
	if (found->targets.count != 1) {
		struct connections several = {0};

		several.count = found->targets.count;
		several.items = arena_array(&s->cli->arena, several.count, sizeof(*several.items));
		for (size_t i = 0; i < several.count; i++)
			several.items[i].name = found->targets.items[i].name;
		return structure_several(s->cli, source->word, &several, err);
	}
	source->target = found->targets.items[0].name;
	source->shown = source->word;
	return structure_of_remote(s, source, err);
}
