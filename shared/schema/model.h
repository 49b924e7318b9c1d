#ifndef CONFITURE_SCHEMA_MODEL_H
#define CONFITURE_SCHEMA_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/schema/kinds.h"
#include "shared/schema/pool.h"

/*
 * The structure of a database as data: objects of the kinds in kinds.h, sorted, each with its
 * attributes and with what it needs. Expressions and bodies are as the server prints them under an
 * empty search_path, so that equal texts mean equal objects when one server printed both.
 *
 * All texts are a pool's: two models of one pool are compared by pointer.
 */
struct schema_object {
	enum schema_kind kind;
	const char *schema; /* bare names; NULL: the kind has none */
	const char *name;
	const char *parent; /* address of the table, type or server that it is a part of, or NULL */
	const char *address; /* as SQL names it: public.t, c ON public.t, public.f(integer) */
	const char **values; /* schema_kind_info(kind)->count of them; NULL: absent */
	uint32_t *needs;     /* places in the model's objects, sorted, each once */
	uint32_t needs_count;
};

struct schema_model {
	struct schema_object *objects; /* sorted by kind, then address, both unique together */
	size_t count;
	const char *server_version; /* "15.20"; NULL: not from a server */
	const char *role;	    /* who read it, as SQL names it; NULL: not known */
	const char **unmodelled;    /* what is there and has no kind, in words */
	size_t unmodelled_count;
};

/* The same model in another pool; the texts and all else are that one's then. */
struct schema_model *schema_model_copy(struct schema_pool *pool, const struct schema_model *m);

int schema_object_compare(const struct schema_object *a, const struct schema_object *b);
/* The place of the first object that is not before that kind and address; `count`: there is none.
 */
size_t schema_model_from(const struct schema_model *m, enum schema_kind kind, const char *address);
/* NULL when there is none. */
const struct schema_object *schema_model_find(const struct schema_model *m, enum schema_kind kind,
					      const char *address);

/* The object is a part of another (a column, a constraint, a trigger …) and goes with it. */
bool schema_kind_is_part(enum schema_kind kind);
/* Relations, types, functions …: what lies in a schema and shares its names with others there. */
bool schema_kind_has_schema(enum schema_kind kind);

#endif
