#ifndef CONFITURE_CONFIG_DOCUMENT_H
#define CONFITURE_CONFIG_DOCUMENT_H

#include "shared/base/arena.h"
#include "shared/base/error.h"

/*
 * A YAML file as a small tree with positions. Only what a settings file needs: one document of
 * maps, lists and scalars. Anchors, aliases and tags of other kinds are refused, so a tree is never
 * larger than its file; size, nesting and number of nodes are limited before anything is kept.
 */
enum {
	DOCUMENT_BYTES = 1024 * 1024,
	DOCUMENT_DEPTH = 16, /* maps and lists inside each other */
	DOCUMENT_NODES = 10000
};

enum node_kind { NODE_NULL, NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	const char *text; /* NODE_TEXT: as written, whatever its quotes */
	uint32_t line, column;
	struct entry *entries; /* NODE_MAP, NODE_LIST */
	size_t count;
};

struct entry {
	const char *key; /* NULL in a list */
	uint32_t line, column;
	struct node value;
};

/*
 * CONFIG_004 when the file cannot be read, CONFIG_002 with line, column and the parser's words when
 * it is not YAML or holds what is refused (a key written twice names both lines). An empty file is
 * a NODE_NULL.
 */
MUST_USE bool document_read(struct arena *arena, const char *path, struct node *root,
			    struct error *err);
/* The same for bytes in memory; `name` stands in errors. */
MUST_USE bool document_parse(struct arena *arena, const char *name, struct span bytes,
			     struct node *root, struct error *err);

/* The node under a dotted path, or NULL when it is absent or null. Keys with dots are not found. */
const struct node *document_get(const struct node *root, const char *path);

#endif
