#include "tests/db/pairs/corpus.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

const char *
corpus_folder(struct arena *arena)
{
	const char *named = getenv("CONFITURE_DIFF_CORPUS");
	const char *beside = CONFITURE_SOURCE_DIR "/../corpora/diff";

	if (named != NULL && named[0] != '\0')
		return arena_str(arena, named);
	return access(beside, R_OK | X_OK) == 0 ? beside : NULL;
}

void
corpus_read(struct arena *arena, const char *folder, struct corpus *out)
{
	glob_t found;

	*out = (struct corpus){0};
	if (glob(arena_printf(arena, "%s/*/*/new.sql", folder), 0, NULL, &found) != 0)
		return;
	out->pairs = arena_array(arena, found.gl_pathc, sizeof(*out->pairs));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		size_t n = strlen(path) - strlen("/new.sql");
		const char *whole = arena_span(arena, span_of(path, n));
		out->pairs[out->count++] = (struct corpus_pair){whole + strlen(folder) + 1, whole};
	}
	globfree(&found);
}

bool
corpus_has(const struct corpus_pair *pair, const char *file)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", pair->folder, file);
	return access(path, R_OK) == 0;
}

const char *
corpus_text(struct arena *arena, const struct corpus_pair *pair, const char *file)
{
	char buf[16384];
	struct text t;
	size_t got;
	FILE *f = fopen(arena_printf(arena, "%s/%s", pair->folder, file), "re");

	if (f == NULL)
		return NULL;
	text_init(&t, 0);
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put_span(&t, span_of(buf, got));
	fclose(f);
	const char *whole = arena_span(arena, text_span(&t));
	text_fini(&t);
	return whole;
}

/* Only this one list is wanted of the file, and names of roles have no escapes. */
size_t
corpus_roles(struct arena *arena, const struct corpus_pair *pair, const char ***out)
{
	static const char mark[] = "\"roles\": [";
	const char *meta = corpus_text(arena, pair, "meta.json");
	const char *at = meta != NULL ? strstr(meta, mark) : NULL;
	size_t count = 0, cap = 0;

	*out = NULL;
	if (at == NULL)
		return 0;
	for (at += strlen(mark); *at != ']' && *at != '\0';) {
		if (*at != '"') {
			at++;
			continue;
		}
		size_t n = strcspn(++at, "\"");
		*out = arena_grow(arena, (void *)*out, count, &cap, sizeof(**out));
		(*out)[count++] = arena_span(arena, span_of(at, n));
		at += n + (at[n] == '"' ? 1 : 0);
	}
	return count;
}
