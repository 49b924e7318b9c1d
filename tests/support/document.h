#ifndef CONFITURE_TESTS_DOCUMENT_H
#define CONFITURE_TESTS_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A JSON document that a command printed. Paths: "applied.0.version". The whole text must be ONE
 * document and nothing else.
 */
struct document;

/* Fails the running test and gives NULL when the text is not one JSON document. */
struct document *document_parse(const char *text);
void document_free(struct document *d);

/* NULL, INT64_MIN, -1 where there is no such value. Strings are valid until document_free. */
const char *document_text(const struct document *d, const char *path);
int64_t document_int(const struct document *d, const char *path);
int document_bool(const struct document *d, const char *path);	    /* 1, 0; -1 when it is none */
int64_t document_count(const struct document *d, const char *path); /* items of a list or keys */
bool document_null(const struct document *d, const char *path);	    /* there, and null */
bool document_has(const struct document *d, const char *path);

/* Checks the document against docs/reference/json-schemas/<schema>.json; the first breach in words
 * to stderr. Knows what our schemas use: type, properties, required, additionalProperties, items,
 * enum, $ref to #/$defs. */
bool document_valid(const struct document *d, const char *schema);

#endif
