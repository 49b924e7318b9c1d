#ifndef CONFITURE_SQL_FOREIGN_KEY_PLACE_H
#define CONFITURE_SQL_FOREIGN_KEY_PLACE_H

#include "shared/sql/scan.h"

/* The tokens of a CREATE TABLE, and which of them are a foreign key. */
struct key_token {
	enum scan_kind kind;
	char first;
	size_t start, end;
};

struct key_tokens {
	struct span text;
	struct key_token *items;
	size_t count, cap;
	size_t open;	/* the parenthesis of the elements: its index; 0 = there is none */
	size_t close;	/* the one that ends them */
	size_t *commas; /* between elements: indices */
	size_t comma_count, comma_cap;
};

void key_tokens_read(struct arena *arena, struct span statement, struct key_tokens *out);

/* The token that begins there. */
bool key_token_at(const struct key_tokens *k, size_t offset, size_t *index);
/* Name or schema.name, as plain words or in quotes: moves *i behind it. */
bool key_pass_name(const struct key_tokens *k, size_t *i);
/* A name as it was written where that is plain, else `name` in quotes. */
const char *key_name_text(struct arena *arena, const struct key_tokens *k, size_t i,
			  const char *name);

/* Indices of tokens. */
struct key_place {
	size_t first, last;
	size_t name;		 /* after CONSTRAINT; 0 without it */
	size_t foreign;		 /* FOREIGN; 0 for a key of a column */
	size_t references;	 /* REFERENCES */
	size_t valid, valid_end; /* NOT VALID and what follows; both 0 without it */
};

/* False when something stands in it that PostgreSQL 15 does not have there. */
bool key_place_find(const struct key_tokens *k, size_t first, bool of_column,
		    struct key_place *place);

/* ---- looking at a statement before it is parsed ---- */
bool key_begins_with(struct span statement, const char *lower);
bool key_mentions(struct span text, const char *word);

#endif
