/*
 * Names, comments and messages come from files and databases. A terminal obeys what is printed on
 * it, so nothing of theirs goes there as it is.
 */
#include "cli/safe.h"

#include <stdint.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

/* Decodes one character; the number of its bytes, or 0 when they are no UTF-8. */
static size_t
decode(const unsigned char *p, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80		   ? 1
		   : (p[0] & 0xe0) == 0xc0 ? 2
		   : (p[0] & 0xf0) == 0xe0 ? 3
		   : (p[0] & 0xf8) == 0xf0 ? 4
					   : 0;
	if (n == 0)
		return 0;
	*c = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n;
}

static bool
dangerous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static const char *
make_safe(struct arena *arena, const char *text, bool lines)
{
	struct text out;
	text_init(&out, 0);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
		uint32_t c = 0;
		size_t n = decode(p, &c);
		if (n == 0) {
			text_printf(&out, "\\x%02x", *p++);
			continue;
		}
		if (!dangerous(c) || (lines && c == '\n'))
			text_put_span(&out, span_of((const char *)p, n));
		else if (lines && c == '\t')
			text_put(&out, "    ");
		else if (c == '\n')
			text_put(&out, "\\n");
		else if (c == '\t')
			text_put(&out, "\\t");
		else if (c < 0x100)
			text_printf(&out, "\\x%02x", c);
		else
			text_printf(&out, "\\u%04x", c);
		p += n;
	}
	const char *copy = arena_span(arena, text_span(&out));
	text_fini(&out);
	return copy;
}

const char *
safe_text(struct arena *arena, const char *text)
{
	return text == NULL ? "" : make_safe(arena, text, false);
}

const char *
safe_lines(struct arena *arena, const char *text)
{
	return text == NULL ? "" : make_safe(arena, text, true);
}
