#ifndef CONFITURE_WIRE_JSON_H
#define CONFITURE_WIRE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/text.h"

/*
 * A writer of JSON that puts commas, line ends and indentation where they belong:
 *
 *   struct json j = {.out = &text, .indent = 2};
 *   json_put_open(&j, '{');
 *   json_put_key(&j, "codes");
 *   json_put_open(&j, '[');  json_put_int(&j, 1);  json_put_close(&j, ']');
 *   json_put_close(&j, '}');
 *
 * Looks as Python's json.dumps(indent=2) does; with indent 0 all is on one line without spaces.
 * Zero-initialised but for `out` and `indent`.
 */
struct json {
	struct text *out;
	int indent;
	int depth;
	bool filled;	/* the open object or array has a member */
	bool after_key; /* the next value belongs to a key */
};

void json_put_open(struct json *j, char bracket);
void json_put_close(struct json *j, char bracket);
void json_put_key(struct json *j, const char *key);
void json_put_key_span(struct json *j, struct span key);
/* NULL is null. */
void json_put_text(struct json *j, const char *s);
void json_put_text_span(struct json *j, struct span s);
void json_put_int(struct json *j, int64_t v);
/* The shortest digits that read back as the same number, never without a point; not finite: null.
 */
void json_put_real(struct json *j, double v);
void json_put_bool(struct json *j, bool v);
void json_put_null(struct json *j);
/* A text that is a JSON object, as that object; anything else as a string. */
void json_put_free(struct json *j, struct span text);
/* One line of JSON for jansson's tree. */
const char *json_free_text(struct arena *a, const void *tree);

#endif
