/* Files that are in memory already, beside those of another source. */
#include <stdlib.h>
#include <string.h>

#include "shared/migration/migration.h"

#include "shared/base/banned.h"

struct texts_source {
	struct bundle_source source; /* first: a bundle_source is cast back to this */
	struct bundle_source *others;
	const struct bundle_text *texts;
	size_t count;
};

struct open_text {
	struct span rest;
};

static bool
text_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct open_text *open = self;

	(void)err;
	*got = open->rest.len < size ? open->rest.len : size;
	if (*got > 0)
		memcpy(buf, open->rest.ptr, *got);
	open->rest = span_of(open->rest.ptr + *got, open->rest.len - *got);
	return true;
}

static const struct bundle_text *
find(const struct texts_source *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->texts[i].name, name) == 0)
			return &t->texts[i];
	}
	return NULL;
}

static bool
texts_open(struct bundle_source *b, const char *name, struct sql_source *out, struct error *err)
{
	struct texts_source *t = (struct texts_source *)b;
	const struct bundle_text *text = find(t, name);
	struct open_text *open;

	if (text == NULL)
		return t->others->ops->open(t->others, name, out, err);
	open = calloc(1, sizeof(*open));
	if (open == NULL)
		abort();
	open->rest = text->text;
	*out = (struct sql_source){.read = text_read, .self = open};
	return true;
}

static void
texts_close(struct bundle_source *b, struct sql_source *file)
{
	struct texts_source *t = (struct texts_source *)b;

	if (file->read != text_read) {
		t->others->ops->close(t->others, file);
		return;
	}
	free(file->self);
	file->self = NULL;
}

static const struct bundle_source_ops texts_ops = {texts_open, texts_close};

struct bundle_source *
bundle_source_texts(struct bundle_source *others, const struct bundle_text *texts, size_t count)
{
	struct texts_source *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	*t = (struct texts_source){{&texts_ops}, others, texts, count};
	return &t->source;
}
