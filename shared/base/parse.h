#ifndef CONFITURE_BASE_PARSE_H
#define CONFITURE_BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/compiler.h"

/* Strict readers: the whole string must match, nothing is skipped, `out` is untouched on false. */
MUST_USE bool parse_int(const char *s, int64_t *out);
/* "500ms", "30s", "10m", "2h", "1d"; a bare number counts in `bare_unit_ms`. Result in
 * milliseconds, >= 0. */
MUST_USE bool parse_duration_ms(const char *s, int64_t bare_unit_ms, int64_t *out);
/* true/false, yes/no, on/off, 1/0 in any case */
MUST_USE bool parse_bool(const char *s, bool *out);

/*
 * The candidate nearest to `word` by edit distance, or NULL when none is near enough to be what was
 * meant. Serves every "did you mean".
 */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);

#endif
