#ifndef CONFITURE_SCHEMA_RENAME_WORK_H
#define CONFITURE_SCHEMA_RENAME_WORK_H

#include "shared/schema/rename.h"

/*
 * How renames are made: what was said finds its objects (rename_names.c), texts are written anew
 * (rename_text.c, by tokens of rename_tokens.c, by attribute in rename_value.c), statements get
 * their order (rename_steps.c).
 */
struct name_change {
	const struct schema_rename *said;
	const struct schema_object *before;
	const struct schema_object *whole; /* what it is a part of, or NULL */
	const char *old, *new;		   /* bare; of a label, quoted */
	const char *word;		   /* new as SQL writes it */
	bool label;
	bool follows; /* nobody said it: the name came from the table's */
	bool implied; /* follows from another: the column of a partition */
};

struct renaming {
	struct schema_pool *pool;
	struct arena *arena; /* the pool's */
	const struct schema_model *from, *to;
	struct name_change *items;
	size_t count, cap;
	const struct schema_object **named; /* relations and routines of from, by name */
	size_t named_count;
};

/* ---- rename_tokens.c ---- */
enum token_type { TOKEN_WORD, TOKEN_STRING, TOKEN_OTHER, TOKEN_END };
struct token {
	enum token_type type;
	const char *at;
	size_t len;
	const char *bare; /* of a word: without quotes; of a string: what it holds; else "" */
};
/* SQL as the server prints it; the list ends with TOKEN_END, which is not counted. */
size_t tokens_of(struct arena *arena, const char *text, struct token **out);
/* 'text' with its quotes doubled */
const char *rename_literal(struct arena *arena, const char *text);
bool token_is(const struct token *t, const char *raw);
/* Which of an address's tokens is the object's own name. */
size_t rename_own_token(enum schema_kind kind);
/* The address with another name, as SQL writes it. */
const char *rename_address_as(struct arena *arena, const struct schema_object *o, const char *word);
/* The object's name as SQL writes it. */
const char *rename_own_word(struct arena *arena, const struct schema_object *o);

/* ---- rename_names.c ---- */
const struct schema_object *rename_whole(const struct schema_model *m,
					 const struct schema_object *o);
/* Tables, views, types …: what shares its names with others in a schema. */
bool rename_is_relation(enum schema_kind kind);
bool rename_is_routine(enum schema_kind kind);
MUST_USE bool rename_find(struct renaming *r, const struct schema_rename *said, struct error *err);
/* Whether what stands before the last part of NEW is where the object is, before or after. */
bool rename_fits(struct renaming *r, const struct name_change *c,
		 const struct schema_object *after);
bool rename_refuse(const struct schema_rename *said, struct error *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

void rename_index(struct renaming *r);
const struct schema_object *rename_relation(const struct renaming *r, const char *schema,
					    const char *name);
/* Of several the first; *count says how many. */
const struct schema_object *rename_routine(const struct renaming *r, const char *schema,
					   const char *name, size_t *count);

/* ---- rename.c ---- */
/* The table from which a part of another has it: a column, a check or a trigger of a partition or
 * heir, which only changes there. NULL: none. */
const struct schema_object *rename_from_above(const struct renaming *r,
					      const struct schema_object *part,
					      const struct schema_object *whole);

/* ---- rename_text.c ---- */
const struct name_change *rename_of(const struct renaming *r, const struct schema_object *o);
const struct name_change *rename_of_schema(const struct renaming *r, const char *schema);
const struct name_change *rename_of_part(const struct renaming *r, enum schema_kind kind,
					 const char *schema, const char *whole, const char *name);

struct rewrite {
	const struct renaming *r;
	const struct schema_object *object; /* whose text it is */
	const struct schema_object *own; /* the relation whose columns it may name bare, or NULL */
	const char *text;
	struct token *t;
	size_t n;
	const char **put;    /* in place of a token; "": nothing, and no space before it */
	const char **behind; /* after a token */
	struct mention *mentions;
	size_t mention_count, mention_cap;
};
void rewrite_start(struct rewrite *w, const struct renaming *r, const struct schema_object *object,
		   const char *text);
/* Names with a schema before them, and constants that hold a name. */
void rewrite_qualified(struct rewrite *w);
/* Names of tables, and their columns behind them, as queries have them. */
void rewrite_queries(struct rewrite *w);
/* Columns of a relation that stand alone, in the tokens from first to last. */
void rewrite_columns(struct rewrite *w, const struct schema_object *relation, size_t first,
		     size_t last);
/* old.c and new.c, and the relation's own name, are its rows. */
void rewrite_mention(struct rewrite *w, const struct schema_object *relation, const char *alias);
const char *rewrite_end(struct rewrite *w);

/* ---- rename_value.c ---- */
const char *rename_address(const struct renaming *r, const struct schema_object *o);
const char *rename_value(const struct renaming *r, const struct schema_object *o, size_t place);

/* ---- rename_follow.c ---- */
/* Adds what takes its name from what is renamed; `done` is the old structure with the items done so
 * far, and `place` where its objects are there. False when there is nothing more. */
bool rename_follow(struct renaming *r, const struct schema_model *done, const uint32_t *place);

/* ---- rename_steps.c ---- */
void rename_steps(struct renaming *r, struct schema_renames *out);

#endif
