#ifndef CONFITURE_SQL_UTF8_H
#define CONFITURE_SQL_UTF8_H

#include <stddef.h>

enum utf8_verdict {
	UTF8_GOOD,
	UTF8_CUT, /* good, but the last character is not complete yet */
	UTF8_BAD,
	UTF8_NUL
};

/* Checks `len` bytes as RFC 3629 has it (no overlong forms, no surrogates, nothing above U+10FFFF)
 * and as PostgreSQL has it (no NUL). *good = length of the valid prefix, always at a character's
 * end. */
enum utf8_verdict utf8_check(const char *bytes, size_t len, size_t *good);

#endif
