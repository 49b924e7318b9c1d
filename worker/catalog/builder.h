#ifndef CONFITURE_WORKER_CATALOG_BUILDER_H
#define CONFITURE_WORKER_CATALOG_BUILDER_H

#include "worker/catalog/catalog.h"
#include "worker/catalog/references.h"

/*
 * From rows to a model. Rows come in any order; what needs all of them (which extension has what,
 * what is a part of what, who needs whom) is settled at the end.
 */
struct edge {
	struct reference from, to;
	char type; /* pg_depend.deptype */
};

struct builder {
	struct schema_pool *pool;
	struct schema_object *objects;
	struct reference *names; /* of the objects */
	bool *dropped;
	size_t count, cap;
	struct reference_map places; /* name -> place in `objects` */
	struct edge *edges;
	size_t edge_count, edge_cap;
	const char *role;
	const char **unmodelled;
	size_t unmodelled_count, unmodelled_cap;
};

void builder_init(struct builder *b, struct schema_pool *pool);
void builder_fini(struct builder *b);

/* A row of a kind's query, and of the others. */
void builder_object(struct builder *b, enum schema_kind kind, char *const *fields, size_t count);
void builder_edge(struct builder *b, char *const *fields);
void builder_unmodelled(struct builder *b, char *const *fields);
/* Privileges, comments and labels: `place` is that of the common attribute. Before it the objects
 * must have come. */
void builder_common(struct builder *b, size_t place, char *const *fields);

/* links.c: all rows are there. */
struct schema_model *builder_finish(struct builder *b, const struct catalog_options *options);

#endif
