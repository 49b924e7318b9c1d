#include "shared/schema/kinds.h"

#include <string.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

#define ROW(kind, name, type, use, what) {#name, SCHEMA_##type, SCHEMA_##use, what},
#define ATTRIBUTES(kind, keyword, what)                                                            \
	static const struct schema_attribute attributes_##kind[] = {                               \
		SCHEMA_ATTRIBUTES_common(ROW, common) SCHEMA_ATTRIBUTES_##kind(ROW, kind)};
SCHEMA_KINDS(ATTRIBUTES)
#undef ATTRIBUTES
#undef ROW

#define KIND(kind, keyword, what)                                                                  \
	{#kind, keyword, what, attributes_##kind, ARRAY_LEN(attributes_##kind)},
static const struct schema_kind_info kinds[] = {SCHEMA_KINDS(KIND)};
#undef KIND

const struct schema_kind_info *
schema_kind_info(enum schema_kind kind)
{
	return &kinds[kind];
}

enum schema_kind
schema_kind_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return (enum schema_kind)i;
	return SCHEMA_KIND_COUNT;
}
