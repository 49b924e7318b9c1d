/*
 * The one place that talks to libpg_query. It is asked for one statement at a time, behind caps:
 * a text of a few kilobytes can otherwise end the process, because neither the parser nor the
 * reader of its answer looks at the stack.
 */
#include "shared/sql/tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pg_query.h>

#include "shared/base/compiler.h"
#include "shared/sql/scan.h"
#include "shared/sql/utf8.h"

#include "shared/base/banned.h"

/* ---- caps ---- */

enum { LEVELS = 256 };

/*
 * An upper bound for the depth of the tree, without parsing: a chain (1 + 1 + …) goes one level
 * down with each token, a comma or semicolon ends a chain, and parentheses put one chain on top of
 * another. What chains across commas (UNION, JOIN) is counted on its own.
 */
struct depth {
	size_t chains[LEVELS];
	size_t level;
	size_t sum;   /* of all chains that are open */
	size_t links; /* set operations and joins in the whole statement */
};

static void
chain_restart(struct depth *d)
{
	d->sum -= d->chains[d->level];
	d->chains[d->level] = 0;
}

static bool
links_queries(struct span word)
{
	static const char *const links[] = {"union", "intersect", "except", "join"};

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		if (scan_word_is(word, links[i]))
			return true;
	}
	return false;
}

/* False when the statement may be too deep. */
static bool
depth_take(struct depth *d, const struct scan_token *token, char first)
{
	if (token->kind == SCAN_SEMICOLON || first == ',') {
		chain_restart(d);
	} else if (token->kind == SCAN_OPEN || first == '[') {
		if (++d->level == LEVELS)
			return false;
		d->chains[d->level] = 0;
	} else if (token->kind == SCAN_CLOSE || first == ']') {
		chain_restart(d);
		d->level -= d->level > 0;
	}
	if (token->kind == SCAN_WORD && links_queries(token->word)) {
		chain_restart(d);
		d->links++;
	}
	d->chains[d->level]++;
	d->sum++;
	return d->sum + d->links < TREE_DEPTH_LIMIT;
}

static bool
is_shallow(struct span statement)
{
	struct sql_window w;
	struct scan_token token;
	struct depth d = {0};

	window_over(&w, statement);
	while (scan_trivia(&w, &token) == SCAN_OTHER) {
		char first = w.buf[w.pos];
		scan_token(&w, &token);
		if (token.kind == SCAN_BACKSLASH)
			w.pos++;
		if (!depth_take(&d, &token, first))
			return false;
	}
	return true;
}

static bool
is_parsable(struct span statement)
{
	size_t good;

	return statement.len <= TREE_SIZE_LIMIT &&
	       utf8_check(statement.ptr, statement.len, &good) == UTF8_GOOD &&
	       is_shallow(statement);
}

/* ---- parsing ---- */

static void *
from_arena(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void
to_arena(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

bool
sql_tree_parse(struct sql_tree *tree, struct span statement)
{
	if (!is_parsable(statement))
		return false;
	arena_init(&tree->arena);
	PgQueryProtobufParseResult raw =
		pg_query_parse_protobuf(arena_span(&tree->arena, statement));
	PgQuery__ParseResult *result = NULL;
	if (raw.error == NULL) {
		ProtobufCAllocator allocator = {from_arena, to_arena, &tree->arena};
		result = pg_query__parse_result__unpack(&allocator, raw.parse_tree.len,
							(const uint8_t *)raw.parse_tree.data);
	}
	pg_query_free_protobuf_parse_result(raw);
	if (result != NULL && result->n_stmts == 1 && result->stmts[0]->stmt != NULL) {
		tree->statement = result->stmts[0]->stmt;
		return true;
	}
	arena_fini(&tree->arena);
	return false;
}

void
sql_tree_free(struct sql_tree *tree)
{
	arena_fini(&tree->arena);
	tree->statement = NULL;
}

/* ---- walking ---- */

/* How many messages a field holds, and where they are. */
static size_t
field_messages(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field,
	       ProtobufCMessage *const **items)
{
	const char *at = (const char *)m;
	const void *value = at + field->offset;
	const void *quantifier = at + field->quantifier_offset;

	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return 0;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		*items = *(ProtobufCMessage *const *const *)value;
		return *(const size_t *)quantifier;
	}
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
	    *(const uint32_t *)quantifier != field->id)
		return 0;
	*items = value;
	return 1;
}

void
sql_tree_walk_through(const ProtobufCMessage *top, tree_visit enter, tree_visit leave, void *self)
{
	enter(self, top);
	for (unsigned f = 0; f < top->descriptor->n_fields; f++) {
		ProtobufCMessage *const *items = NULL;
		size_t count = field_messages(top, &top->descriptor->fields[f], &items);
		for (size_t i = 0; i < count; i++) {
			if (items[i] != NULL)
				sql_tree_walk_through(items[i], enter, leave, self);
		}
	}
	if (leave != NULL)
		leave(self, top);
}

void
sql_tree_walk(const ProtobufCMessage *top, tree_visit visit, void *self)
{
	sql_tree_walk_through(top, visit, NULL, self);
}

/* ---- hashing ---- */

/* FNV-1a */
static void
mix(uint64_t *hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ at[i]) * UINT64_C(0x100000001b3);
}

static void
mix_text(uint64_t *hash, const char *text)
{
	if (text != NULL)
		mix(hash, text, strlen(text) + 1);
}

/* A field that holds a plain value. Where it stands in the text says nothing. */
static void
mix_scalar(uint64_t *hash, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
	const char *value = (const char *)m + field->offset;

	if (strstr(field->name, "location") != NULL || field->label == PROTOBUF_C_LABEL_REPEATED)
		return;
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
		uint32_t chosen;
		memcpy(&chosen, (const char *)m + field->quantifier_offset, sizeof(chosen));
		if (chosen != field->id)
			return;
	}
	mix(hash, &field->id, sizeof(field->id));
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		mix_text(hash, *(char *const *)(const void *)value);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		mix(hash, value, sizeof(protobuf_c_boolean));
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_DOUBLE:
		mix(hash, value, sizeof(uint64_t));
		break;
	default:
		mix(hash, value, sizeof(uint32_t));
		break;
	}
}

static void
mix_message(uint64_t *hash, const ProtobufCMessage *m)
{
	mix_text(hash, m->descriptor->name);
	for (unsigned f = 0; f < m->descriptor->n_fields; f++) {
		const ProtobufCFieldDescriptor *field = &m->descriptor->fields[f];
		ProtobufCMessage *const *items = NULL;
		size_t count = field_messages(m, field, &items);
		if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
			mix_scalar(hash, m, field);
			continue;
		}
		mix(hash, &field->id, sizeof(field->id));
		for (size_t i = 0; i < count; i++) {
			if (items[i] != NULL)
				mix_message(hash, items[i]);
		}
		mix(hash, &count, sizeof(count));
	}
}

uint64_t
sql_tree_hash(const ProtobufCMessage *top)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	mix_message(&hash, top);
	return hash;
}

/* ---- reading ---- */

const char *
tree_string(const PgQuery__Node *node)
{
	return node != NULL && node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval
									      : NULL;
}

struct tree_name
tree_name_of(PgQuery__Node *const *names, size_t count)
{
	struct tree_name n = {0};

	if (count > 0)
		n.name = tree_string(names[count - 1]);
	if (count > 1)
		n.schema = tree_string(names[count - 2]);
	return n;
}

struct tree_name
tree_name_of_table(const PgQuery__RangeVar *table)
{
	if (table == NULL)
		return (struct tree_name){0};
	return (struct tree_name){tree_text(table->schemaname), tree_text(table->relname)};
}

struct tree_name
tree_name_of_node(const PgQuery__Node *node)
{
	if (node == NULL)
		return (struct tree_name){0};
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_LIST:
		return tree_name_of(node->list->items, node->list->n_items);
	case PG_QUERY__NODE__NODE_TYPE_NAME:
		return tree_name_of(node->type_name->names, node->type_name->n_names);
	case PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS:
		return tree_name_of(node->object_with_args->objname,
				    node->object_with_args->n_objname);
	case PG_QUERY__NODE__NODE_RANGE_VAR:
		return tree_name_of_table(node->range_var);
	default:
		return (struct tree_name){NULL, tree_string(node)};
	}
}

const PgQuery__DefElem *
tree_option(PgQuery__Node *const *options, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM &&
		    strcasecmp(options[i]->def_elem->defname, name) == 0)
			return options[i]->def_elem;
	}
	return NULL;
}

bool
tree_option_bool(PgQuery__Node *const *options, size_t count, const char *name, bool absent)
{
	const PgQuery__DefElem *option = tree_option(options, count, name);
	const char *word;

	if (option == NULL)
		return absent;
	if (option->arg == NULL)
		return true;
	if (option->arg->node_case == PG_QUERY__NODE__NODE_INTEGER)
		return option->arg->integer->ival != 0;
	if (option->arg->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
		word = tree_name_of_node(option->arg).name;
	else
		word = tree_string(option->arg);
	return word == NULL || (strcasecmp(word, "false") != 0 && strcasecmp(word, "off") != 0 &&
				strcmp(word, "0") != 0);
}
