/*
 * Writing JSON straight into a growing text: no tree is built first, so that a status of ten
 * thousand migrations costs what its text costs. Strings come from databases and files of strangers
 * and end on terminals and in front of agents: what would steer either is written as an escape,
 * which JSON readers undo.
 */
#include "shared/wire/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/wire/record.h"

#include "shared/base/banned.h"

/* Controls, separators that end lines in some readers, direction marks, invisible tag letters. */
static const struct {
	uint32_t first, last;
} escaped[] = {
	{0x00, 0x1f},	  {'"', '"'},	    {'\\', '\\'},	{0x7f, 0x9f},
	{0x61c, 0x61c},	  {0x200e, 0x200f}, {0x2028, 0x202e},	{0x2066, 0x2069},
	{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

static bool
must_escape(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(escaped); i++) {
		if (c >= escaped[i].first && c <= escaped[i].last)
			return true;
	}
	return false;
}

/*
 * One character of UTF-8 in its only legal form (RFC 3629): no overlong form, no surrogate, nothing
 * above U+10FFFF. Returns its length, 0 when the first byte begins none.
 */
static size_t
utf8_decode(const unsigned char *p, size_t len, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80	 ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n == 0 || n > len)
		return 0;
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return 0;
	*out = c;
	return n;
}

static void
put_escape(struct text *out, uint32_t c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *short_form = c != 0 && c < 0x80 ? strchr(from, (int)c) : NULL;

	if (short_form != NULL) {
		text_put_char(out, '\\');
		text_put_char(out, to[short_form - from]);
	} else if (c > 0xffff) {
		c -= 0x10000;
		text_printf(out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	} else {
		text_printf(out, "\\u%04x", c);
	}
}

/* Most characters: they are neither escaped nor looked at twice. */
static bool
is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void
json_put_string(struct text *out, struct span s)
{
	size_t plain = 0; /* start of what is still to be put as it is */

	text_put_char(out, '"');
	for (size_t i = 0; i < s.len;) {
		uint32_t c = 0;
		if (is_plain(s.ptr[i])) {
			i++;
			continue;
		}
		size_t n = utf8_decode((const unsigned char *)s.ptr + i, s.len - i, &c);
		if (n > 0 && !must_escape(c)) {
			i += n;
			continue;
		}
		text_put_span(out, span_of(s.ptr + plain, i - plain));
		if (n > 0)
			put_escape(out, c);
		else
			text_put(out, "\xef\xbf\xbd");
		i += n > 0 ? n : 1;
		plain = i;
	}
	if (s.len > plain)
		text_put_span(out, span_of(s.ptr + plain, s.len - plain));
	text_put_char(out, '"');
}

static void
new_line(struct json *j)
{
	if (j->indent == 0)
		return;
	text_put_char(j->out, '\n');
	text_repeat(j->out, ' ', (size_t)j->indent * (size_t)j->depth);
}

/* Before each key and each value that has none. */
static void
begin_member(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->depth > 0) {
		if (j->filled)
			text_put_char(j->out, ',');
		new_line(j);
	}
	j->filled = true;
}

void
json_put_open(struct json *j, char bracket)
{
	begin_member(j);
	text_put_char(j->out, bracket);
	j->depth++;
	j->filled = false;
}

void
json_put_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->filled)
		new_line(j);
	text_put_char(j->out, bracket);
	j->filled = true;
}

void
json_put_key_span(struct json *j, struct span key)
{
	begin_member(j);
	json_put_string(j->out, key);
	text_put(j->out, j->indent > 0 ? ": " : ":");
	j->after_key = true;
}

void
json_put_key(struct json *j, const char *key)
{
	json_put_key_span(j, span_str(key));
}

void
json_put_text(struct json *j, const char *s)
{
	if (s == NULL) {
		json_put_null(j);
		return;
	}
	json_put_text_span(j, span_str(s));
}

void
json_put_text_span(struct json *j, struct span s)
{
	begin_member(j);
	json_put_string(j->out, s);
}

void
json_put_int(struct json *j, int64_t v)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)v);

	begin_member(j);
	text_put_span(j->out, span_of(digits, (size_t)len));
}

void
json_put_real(struct json *j, double v)
{
	char digits[40];

	if (!isfinite(v)) {
		json_put_null(j);
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, v);
		if (strtod(digits, NULL) == v)
			break;
	}
	char *comma = strchr(digits, ','); /* some locales write one */
	if (comma != NULL)
		*comma = '.';
	begin_member(j);
	text_put(j->out, digits);
	if (strpbrk(digits, ".e") == NULL)
		text_put(j->out, ".0");
}

void
json_put_bool(struct json *j, bool v)
{
	begin_member(j);
	text_put(j->out, v ? "true" : "false");
}

void
json_put_null(struct json *j)
{
	begin_member(j);
	text_put(j->out, "null");
}
