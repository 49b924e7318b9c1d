/*
 * Whether bytes are UTF-8 that PostgreSQL takes. Migration files are checked while they stream by,
 * so that a file in another encoding is refused with its line before anything of it runs; most of
 * them are plain ASCII, which is checked eight bytes at a time.
 */
#include "shared/sql/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "shared/base/banned.h"

/* True when none of the eight bytes is NUL or above 0x7f. */
static bool
eight_are_ascii(const unsigned char *p)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((word | (word - ones)) & high) == 0;
}

/* First bytes, how many bytes follow, and which second bytes are allowed: the table of RFC 3629. */
static const struct {
	unsigned char from, to, follow, second_from, second_to;
} forms[] = {
	{0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf},
	{0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf}, {0xf0, 0xf0, 3, 0x90, 0xbf},
	{0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

/* One character of several bytes at `p`; *size = its length when it is good. */
static enum utf8_verdict
check_long(const unsigned char *p, size_t left, size_t *size)
{
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (p[0] < forms[f].from || p[0] > forms[f].to)
			continue;
		for (size_t i = 1; i <= forms[f].follow; i++) {
			unsigned char low = i == 1 ? forms[f].second_from : 0x80;
			unsigned char high = i == 1 ? forms[f].second_to : 0xbf;
			if (i >= left)
				return UTF8_CUT;
			if (p[i] < low || p[i] > high)
				return UTF8_BAD;
		}
		*size = (size_t)forms[f].follow + 1;
		return UTF8_GOOD;
	}
	return UTF8_BAD;
}

enum utf8_verdict
utf8_check(const char *bytes, size_t len, size_t *good)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t i = 0;

	while (i < len) {
		enum utf8_verdict verdict = UTF8_GOOD;
		size_t size = 1;
		if (len - i >= 8 && eight_are_ascii(p + i))
			size = 8;
		else if (p[i] == 0)
			verdict = UTF8_NUL;
		else if (p[i] >= 0x80)
			verdict = check_long(p + i, len - i, &size);
		if (verdict != UTF8_GOOD) {
			*good = i;
			return verdict;
		}
		i += size;
	}
	*good = i;
	return UTF8_GOOD;
}
