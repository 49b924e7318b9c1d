#include "shared/schema/fingerprint.h"

#include <string.h>

#include "shared/base/banned.h"

/* With its end mark, so that no two sequences of texts give the same bytes. */
static void
add(struct sha256 *h, const char *s)
{
	sha256_add(h, s, strlen(s) + 1);
}

static void
add_object(struct sha256 *h, const struct schema_object *o)
{
	const struct schema_kind_info *info = schema_kind_info(o->kind);

	add(h, info->name);
	add(h, o->address);
	for (size_t i = 0; i < info->count; i++) {
		if (o->values[i] == NULL || info->attributes[i].use == SCHEMA_TOLD)
			continue;
		add(h, info->attributes[i].name);
		add(h, o->values[i]);
	}
	add(h, "");
}

void
schema_fingerprint_object(const struct schema_object *o, char out[SHA256_HEX])
{
	struct sha256 h;

	sha256_init(&h);
	add_object(&h, o);
	sha256_hex(&h, out);
}

void
schema_fingerprint(const struct schema_model *m, char out[SHA256_HEX])
{
	struct sha256 h;

	sha256_init(&h);
	for (size_t i = 0; i < m->count; i++)
		add_object(&h, &m->objects[i]);
	sha256_hex(&h, out);
}
