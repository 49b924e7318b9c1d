/* Numbers, durations and near misses. One strict reader each, so that "12x" is an error everywhere.
 */
#include "shared/base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

enum { LONGEST_WORD = 63 };

bool
parse_int(const char *s, int64_t *out)
{
	char *end;

	if (s == NULL || *s == '\0' || isspace((unsigned char)*s))
		return false;
	errno = 0;
	long long v = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*out = v;
	return true;
}

bool
parse_duration_ms(const char *s, int64_t bare_unit_ms, int64_t *out)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	char *end;

	if (s == NULL || !isdigit((unsigned char)*s))
		return false;
	errno = 0;
	long long v = strtoll(s, &end, 10);
	int64_t unit = *end == '\0' ? bare_unit_ms : 0;

	for (size_t i = 0; i < ARRAY_LEN(units) && unit == 0; i++)
		unit = strcmp(end, units[i].unit) == 0 ? units[i].ms : 0;
	int64_t ms;
	if (errno != 0 || unit == 0 || __builtin_mul_overflow(v, unit, &ms))
		return false;
	*out = ms;
	return true;
}

bool
parse_bool(const char *s, bool *out)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		bool is_yes = strcasecmp(s, yes[i]) == 0;
		if (is_yes || strcasecmp(s, no[i]) == 0) {
			*out = is_yes;
			return true;
		}
	}
	return false;
}

/* Edit distance with transpositions over words of at most LONGEST_WORD characters. */
static size_t
distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	size_t d[3][LONGEST_WORD + 2];

	for (size_t j = 0; j <= lb; j++)
		d[1][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *before = d[(i + 2) % 3], *above = d[i % 3], *row = d[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
			best = above[j] + 1 < best ? above[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return d[(la + 1) % 3][lb];
}

const char *
nearest_word(const char *word, const char *const *candidates, size_t count)
{
	size_t len = strlen(word);
	size_t best = len / 3 + 2; /* one slip in a short word, more in a long one */
	const char *found = NULL;

	if (len > LONGEST_WORD)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (strlen(candidates[i]) > LONGEST_WORD)
			continue;
		size_t d = distance(word, candidates[i]);
		if (d < best) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}
