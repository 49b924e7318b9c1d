#include "shared/snapshot/lines.h"

#include <string.h>

#include "shared/schema/fingerprint.h"
#include "shared/snapshot/inside.h"
#include "shared/snapshot/snapshot.h"

#include "shared/base/banned.h"

/* ---- out ---- */

void
snapshot_lines_open(struct snapshot_lines *l, const struct schema_model *m, const char *source)
{
	*l = (struct snapshot_lines){.model = m, .source = source};
	arena_init(&l->arena);
}

void
snapshot_lines_close(struct snapshot_lines *l)
{
	arena_fini(&l->arena);
}

bool
snapshot_lines_next(struct snapshot_lines *l, struct text *out)
{
	const struct record *of = &record_structure_object;
	struct structure_object object;
	void *line = &object;

	if (l->next > l->model->count)
		return false;
	arena_reset(&l->arena);
	if (l->next == 0) {
		of = &record_structure;
		line = snapshot_head(&l->arena, l->model, l->source);
	} else {
		snapshot_object(&l->arena, l->model, &l->model->objects[l->next - 1], &object);
	}
	record_json(out, of, line, 0);
	text_put_char(out, '\n');
	l->next++;
	return true;
}

/* ---- in ---- */

struct reading {
	struct arena arena;
	struct structure *head;
	size_t cap;
};

static bool
take_line(struct reading *r, struct span line, struct error *err)
{
	void *parsed;

	if (!record_parse(&r->arena, r->head == NULL ? &record_structure : &record_structure_object,
			  line, &parsed, err))
		return false;
	if (r->head == NULL) {
		r->head = parsed;
		r->head->objects.count = 0;
		return true;
	}
	r->head->objects.items =
		arena_grow(&r->arena, r->head->objects.items, r->head->objects.count, &r->cap,
			   sizeof(*r->head->objects.items));
	r->head->objects.items[r->head->objects.count++] = *(struct structure_object *)parsed;
	return true;
}

static bool
take_lines(struct reading *r, struct span lines, struct error *err)
{
	while (lines.len > 0) {
		const char *end = memchr(lines.ptr, '\n', lines.len);
		size_t len = end != NULL ? (size_t)(end - lines.ptr) : lines.len;

		if (!take_line(r, span_of(lines.ptr, len), err))
			return false;
		len += end != NULL;
		lines = span_of(lines.ptr + len, lines.len - len);
	}
	return r->head != NULL || error_set(err, E_DIFFER_400, "there is no line");
}

bool
snapshot_lines_read(struct schema_pool *pool, struct span lines, struct schema_model **out,
		    struct error *err)
{
	struct reading r = {0};
	char hash[SHA256_HEX];

	arena_init(&r.arena);
	bool ok = take_lines(&r, lines, err) && snapshot_model(pool, r.head, out, err);
	if (ok) {
		schema_fingerprint(*out, hash);
		if (strcmp(hash, r.head->fingerprint) != 0)
			ok = error_set(err, E_DIFFER_400,
				       "the objects do not have the fingerprint that is told");
	}
	arena_fini(&r.arena);
	return ok;
}
