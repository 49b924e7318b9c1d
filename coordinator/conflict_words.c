/*
 * The words of conflicts: types, severities, and what is suggested to the agents.
 */
#include <string.h>

#include "coordinator/conflict.h"
#include "coordinator/conflict_rules.h"
#include "shared/base/compiler.h"

#include "shared/base/banned.h"

#define ROW(id, word, first, second, third) {word, {first, second, third}},
static const struct {
	const char *word;
	const char *sentences[3];
} types[] = {CONFLICT_TYPES(ROW)};

static const char *const severities[] = {"none", "info", "warning", "error"};

const char *
conflict_type_word(enum conflict_type type)
{
	return types[type].word;
}

const char *
conflict_severity_word(enum conflict_severity severity)
{
	return severities[severity];
}

bool
conflict_type_from_word(const char *word, enum conflict_type *out)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].word, word) == 0) {
			*out = (enum conflict_type)i;
			return true;
		}
	}
	return false;
}

bool
conflict_severity_from_word(const char *word, enum conflict_severity *out)
{
	for (size_t i = 0; i < ARRAY_LEN(severities); i++) {
		if (strcmp(severities[i], word) == 0) {
			*out = (enum conflict_severity)i;
			return true;
		}
	}
	return false;
}

void
conflict_fill(struct text *out, const char *pattern, const char *const words[CONFLICT_WORDS])
{
	for (const char *c = pattern; *c != '\0'; c++) {
		if (c[0] == '%' && c[1] >= '1' && c[1] <= '4' && c[2] == '$' && c[3] == 's') {
			text_put(out, words[c[1] - '1']);
			c += 3;
		} else {
			text_put_char(out, *c);
		}
	}
}

void
conflict_suggestions(struct arena *arena, const struct conflict *c, const char *other_agent,
		     const char *other_feature, const char *out[CONFLICT_SUGGESTIONS])
{
	const char *words[CONFLICT_WORDS] = {
		c->object, other_agent != NULL ? other_agent : "the other agent",
		other_feature != NULL ? other_feature : "its feature", ""};
	struct text line;

	text_init(&line, 0);
	for (size_t i = 0; i < ARRAY_LEN(types[c->type].sentences); i++) {
		text_clear(&line);
		conflict_fill(&line, types[c->type].sentences[i], words);
		out[i] = arena_str(arena, line.ptr);
	}
	text_fini(&line);
	out[3] = arena_printf(arena, "Severity: %s - %s", severities[c->severity],
			      c->severity == CONFLICT_ERROR ? "Proceed with caution"
							    : "Can proceed with coordination");
}
