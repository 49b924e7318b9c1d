/*
 * YAML events to a tree. The event interface is used, not libyaml's own documents, because it
 * expands nothing: every limit is checked before memory is spent on what the file asks for.
 */
#include "shared/config/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "shared/base/banned.h"

struct reader {
	struct arena *arena;
	const char *name;
	struct span bytes;
	yaml_parser_t parser;
	yaml_event_t event;
	bool holds_event;
	size_t nodes;
	struct error *err;
};

static bool
refuse(struct reader *r, uint32_t line, uint32_t column, const char *what)
{
	error_set(r->err, E_CONFIG_002, "%s is not a valid settings file: %s", r->name, what);
	error_at(r->err, r->name, line, column);
	return false;
}

/* libyaml gives an offset only for bytes that are no text at all. */
static void
place_of(struct span bytes, size_t offset, uint32_t *line, uint32_t *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < offset && i < bytes.len; i++) {
		bool new_line = bytes.ptr[i] == '\n';
		*line += new_line;
		*column = new_line ? 1 : *column + 1;
	}
}

static bool
parser_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	uint32_t line = (uint32_t)p->problem_mark.line + 1;
	uint32_t column = (uint32_t)p->problem_mark.column + 1;

	if (p->error == YAML_READER_ERROR)
		place_of(r->bytes, p->problem_offset, &line, &column);
	refuse(r, line, column, p->problem ? p->problem : "it cannot be read");
	if (p->context != NULL)
		error_cause(r->err, "%s, line %zu", p->context, p->context_mark.line + 1);
	return false;
}

static bool
next(struct reader *r)
{
	if (r->holds_event)
		yaml_event_delete(&r->event);
	r->holds_event = yaml_parser_parse(&r->parser, &r->event) != 0;
	return r->holds_event || parser_failed(r);
}

static uint32_t
event_line(const struct reader *r)
{
	return (uint32_t)r->event.start_mark.line + 1;
}

static uint32_t
event_column(const struct reader *r)
{
	return (uint32_t)r->event.start_mark.column + 1;
}

static bool
refuse_here(struct reader *r, const char *what)
{
	return refuse(r, event_line(r), event_column(r), what);
}

static bool
is_null(const yaml_event_t *e)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp((const char *)e->data.scalar.value, words[i]) == 0)
			return true;
	}
	return false;
}

/* Tags of YAML itself say nothing that the settings table does not know better. */
static bool
plain_event(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	static const char core[] = "tag:yaml.org,2002:";

	if (anchor != NULL)
		return refuse_here(r, "anchors are not accepted; write the value out");
	if (tag != NULL && strncmp((const char *)tag, core, sizeof(core) - 1) != 0)
		return refuse_here(r, "tags are not accepted");
	if (++r->nodes > DOCUMENT_NODES)
		return refuse_here(r, "it has too many entries");
	return true;
}

static bool
scalar(struct reader *r, const char **out)
{
	const yaml_event_t *e = &r->event;

	if (!plain_event(r, e->data.scalar.anchor, e->data.scalar.tag))
		return false;
	struct span s = span_of((const char *)e->data.scalar.value, e->data.scalar.length);
	if (memchr(s.ptr, '\0', s.len) != NULL)
		return refuse_here(r, "a value holds a NUL character");
	*out = arena_span(r->arena, s);
	return true;
}

static bool
not_written_before(struct reader *r, const struct node *map, const char *key)
{
	char what[96];

	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->entries[i].key, key) != 0)
			continue;
		snprintf(what, sizeof(what), "the same key stands in line %u already",
			 map->entries[i].line);
		return refuse_here(r, what);
	}
	return true;
}

static bool
read_key(struct reader *r, const struct node *map, struct entry *out)
{
	out->line = event_line(r);
	out->column = event_column(r);
	if (r->event.type == YAML_ALIAS_EVENT)
		return refuse_here(r, "aliases are not accepted; write the value out");
	if (r->event.type != YAML_SCALAR_EVENT)
		return refuse_here(r, "a key must be a plain word");
	return scalar(r, &out->key) && not_written_before(r, map, out->key) && next(r);
}

static bool read_node(struct reader *r, struct node *out, int depth);

static bool
read_entries(struct reader *r, struct node *out, yaml_event_type_t end, int depth)
{
	size_t cap = 0;

	if (depth == DOCUMENT_DEPTH)
		return refuse_here(r, "it is nested too deeply");
	if (!next(r))
		return false;
	while (r->event.type != end) {
		struct entry e = {0};
		if (out->kind == NODE_MAP && !read_key(r, out, &e))
			return false;
		if (out->kind == NODE_LIST) {
			e.line = event_line(r);
			e.column = event_column(r);
		}
		if (!read_node(r, &e.value, depth + 1) || !next(r))
			return false;
		out->entries =
			arena_grow(r->arena, out->entries, out->count, &cap, sizeof(*out->entries));
		out->entries[out->count++] = e;
	}
	return true;
}

/* The event at hand begins the node; afterwards it is the one that ended it. */
static bool
read_node(struct reader *r, struct node *out, int depth)
{
	const yaml_event_t *e = &r->event;

	*out = (struct node){.line = event_line(r), .column = event_column(r)};
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		out->kind = is_null(e) ? NODE_NULL : NODE_TEXT;
		return scalar(r, &out->text);
	case YAML_SEQUENCE_START_EVENT:
		out->kind = NODE_LIST;
		return plain_event(r, e->data.sequence_start.anchor, e->data.sequence_start.tag) &&
		       read_entries(r, out, YAML_SEQUENCE_END_EVENT, depth);
	case YAML_MAPPING_START_EVENT:
		out->kind = NODE_MAP;
		return plain_event(r, e->data.mapping_start.anchor, e->data.mapping_start.tag) &&
		       read_entries(r, out, YAML_MAPPING_END_EVENT, depth);
	case YAML_ALIAS_EVENT:
		return refuse_here(r, "aliases are not accepted; write the value out");
	default:
		return refuse_here(r, "a value was expected");
	}
}

static bool
next_but_one(struct reader *r)
{
	if (!next(r))
		return false;
	return next(r);
}

static bool
read_stream(struct reader *r, struct node *root)
{
	if (!next_but_one(r)) /* start of the stream, then of the document */
		return false;
	if (r->event.type == YAML_STREAM_END_EVENT) {
		*root = (struct node){.kind = NODE_NULL, .line = 1, .column = 1};
		return true;
	}
	if (!next(r) || !read_node(r, root, 0))
		return false;
	if (!next_but_one(r)) /* end of the document, then of the stream */
		return false;
	if (r->event.type != YAML_STREAM_END_EVENT)
		return refuse_here(r, "it holds more than one document");
	return true;
}

bool
document_parse(struct arena *arena, const char *name, struct span bytes, struct node *root,
	       struct error *err)
{
	struct reader r = {.arena = arena, .name = name, .bytes = bytes, .err = err};

	if (bytes.len > DOCUMENT_BYTES)
		return refuse(&r, 0, 0, "it is larger than 1 MiB");
	if (yaml_parser_initialize(&r.parser) == 0)
		return error_set(err, E_INTERNAL_ERROR, "out of memory reading %s", name);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes.ptr, bytes.len);
	bool ok = read_stream(&r, root);
	if (r.holds_event)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return ok;
}

/* Up to one byte more than allowed, so that too much is seen. A pipe is as good as a file. */
static bool
read_all(struct arena *arena, int fd, struct span *out)
{
	char *buf = NULL;
	size_t cap = 0, len = 0;
	ssize_t got = 1;

	while (got != 0 && len <= DOCUMENT_BYTES) {
		buf = arena_grow(arena, buf, len, &cap, 1);
		got = read(fd, buf + len, cap - len);
		if (got < 0 && errno != EINTR)
			return false;
		len += got > 0 ? (size_t)got : 0;
	}
	*out = span_of(buf, len);
	return true;
}

bool
document_read(struct arena *arena, const char *path, struct node *root, struct error *err)
{
	struct span bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_errno(err, E_CONFIG_004, errno, "cannot read %s", path);
	bool ok = read_all(arena, fd, &bytes);
	int failed = errno;
	close(fd);
	if (!ok)
		return error_errno(err, E_CONFIG_004, failed, "cannot read %s", path);
	return document_parse(arena, path, bytes, root, err);
}

static const struct node *
child(const struct node *map, struct span key)
{
	for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++) {
		if (span_equal(span_str(map->entries[i].key), key))
			return &map->entries[i].value;
	}
	return NULL;
}

const struct node *
document_get(const struct node *root, const char *path)
{
	const struct node *node = root;

	while (node != NULL && *path != '\0') {
		size_t len = strcspn(path, ".");
		node = child(node, span_of(path, len));
		path += len + (path[len] == '.');
	}
	return node == NULL || node->kind == NODE_NULL ? NULL : node;
}
