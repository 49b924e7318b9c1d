/*
 * JSON is YAML already, in a form that people do not like to read: so libyaml reads it, and writes
 * it again in blocks. All that is decided here is which texts may stand without quotes: few, since
 * readers of YAML 1.1 take "no" for false, "1_0" for a number and "12:30" for another.
 */
#include "shared/config/yaml.h"

#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "shared/base/banned.h"

enum { LINE = 1000000 }; /* texts are not broken */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A text that begins with a letter and holds nothing that means anything to YAML. */
static bool
is_plain(const char *s, size_t len)
{
	static const char *const taken[] = {"true", "false", "yes", "no", "on",
					    "off",  "null",  "y",   "n"};
	size_t end = 0;

	while (end < len && (is_letter(s[end]) ||
			     (end > 0 && s[end] != '\0' && strchr("0123456789._-(), ", s[end]))))
		end++;
	if (len == 0 || end < len || s[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		if (strlen(taken[i]) == len && strncasecmp(taken[i], s, len) == 0)
			return false;
	}
	return true;
}

/* What libyaml writes, once it has read it. */
static void
restyle(yaml_event_t *e)
{
	bool text;

	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		e->data.document_start.implicit = 1;
		break;
	case YAML_DOCUMENT_END_EVENT:
		e->data.document_end.implicit = 1;
		break;
	case YAML_MAPPING_START_EVENT:
		e->data.mapping_start.style = YAML_BLOCK_MAPPING_STYLE;
		break;
	case YAML_SEQUENCE_START_EVENT:
		e->data.sequence_start.style = YAML_BLOCK_SEQUENCE_STYLE;
		break;
	case YAML_SCALAR_EVENT:
		/* In JSON a text has its quotes, and nothing else has. */
		text = e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
		e->data.scalar.style =
			!text || is_plain((const char *)e->data.scalar.value, e->data.scalar.length)
				? YAML_PLAIN_SCALAR_STYLE
				: YAML_DOUBLE_QUOTED_SCALAR_STYLE;
		e->data.scalar.plain_implicit = e->data.scalar.quoted_implicit = 1;
		break;
	default:
		break;
	}
}

static int
put(void *self, unsigned char *bytes, size_t len)
{
	struct text *out = self;

	text_put_span(out, span_of((const char *)bytes, len));
	return !out->truncated;
}

static bool
copy(yaml_parser_t *parser, yaml_emitter_t *emitter)
{
	bool end = false;

	while (!end) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event))
			return false;
		end = event.type == YAML_STREAM_END_EVENT;
		restyle(&event);
		/* The event is the emitter's from here on. */
		if (!yaml_emitter_emit(emitter, &event))
			return false;
	}
	return true;
}

bool
yaml_of_json(struct span json, struct text *out)
{
	yaml_parser_t parser;
	yaml_emitter_t emitter;

	if (!yaml_parser_initialize(&parser))
		return false;
	if (!yaml_emitter_initialize(&emitter)) {
		yaml_parser_delete(&parser);
		return false;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)json.ptr, json.len);
	yaml_emitter_set_output(&emitter, put, out);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, LINE);
	bool ok = copy(&parser, &emitter);
	yaml_emitter_delete(&emitter);
	yaml_parser_delete(&parser);
	return ok;
}
