#ifndef CONFITURE_CONFIG_YAML_H
#define CONFITURE_CONFIG_YAML_H

#include "shared/base/compiler.h"
#include "shared/base/span.h"
#include "shared/base/text.h"

/*
 * A JSON document as YAML, in blocks, with the same keys in the same order. Whoever reads it gets
 * the same values: a text that would be read as something else stands in quotes. Appends to `out`.
 * False: it is no JSON of ours, and what was appended means nothing.
 */
MUST_USE bool yaml_of_json(struct span json, struct text *out);

#endif
