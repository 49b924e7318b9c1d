/* What a person does to a sample: takes the "#" away from a setting, and from nothing else. */
#include "tests/support/sample.h"

#include <string.h>

#include "shared/base/banned.h"

static bool
is_key(const char *line, size_t len, const char *key)
{
	size_t n = strlen(key);

	while (len > 0 && (*line == '#' || *line == ' ')) {
		line++;
		len--;
	}
	return len > n && memcmp(line, key, n) == 0 && line[n] == ':';
}

static bool
stays_off(const char *line, size_t len, const char *const *but)
{
	for (; *but != NULL; but++) {
		if (is_key(line, len, *but))
			return true;
	}
	return len > 2 && line[0] == '#' && line[1] == ' ' && line[2] != ' ';
}

void
sample_switch_on(const char *sample, const char *const *but, struct text *out)
{
	for (const char *line = sample; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		size_t skip = line[0] == '#' && !stays_off(line, len, but);
		text_printf(out, "%.*s\n", (int)(len - skip), line + skip);
		line += len + (line[len] == '\n');
	}
}
