#include "tests/db/conflict/remembered.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

static void
mix(uint64_t *hash, const char *s)
{
	do {
		*hash = (*hash ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	} while (*s++ != '\0');
}

static bool
path_of(char *path, size_t size, const char *base, const char *a, const char *b)
{
	const char *folder = getenv("CONFITURE_TRUTHS");
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (folder == NULL)
		return false;
	mix(&hash, base);
	mix(&hash, a);
	mix(&hash, b);
	snprintf(path, size, "%s/%016" PRIx64, folder, hash);
	return true;
}

bool
verdict_recall(struct arena *arena, const char *base, const char *a, const char *b,
	       struct verdict *out)
{
	char path[512], why[4096];

	if (!path_of(path, sizeof(path), base, a, b))
		return false;
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return false;
	int truth = fgetc(f) - '0';
	size_t got = fread(why, 1, sizeof(why) - 1, f);
	fclose(f);
	why[got] = '\0';
	*out = (struct verdict){(enum truth)truth, arena_str(arena, why)};
	return truth >= TRUTH_COMMUTE && truth <= TRUTH_LEFT_OUT;
}

void
verdict_keep(const char *base, const char *a, const char *b, const struct verdict *v)
{
	char path[512];
	FILE *f = path_of(path, sizeof(path), base, a, b) ? fopen(path, "w") : NULL;

	if (f == NULL)
		return;
	fprintf(f, "%d%s", (int)v->truth, v->why);
	fclose(f);
}
