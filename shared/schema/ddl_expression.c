/*
 * Most of what PostgreSQL prints of an expression it prints the same after reading it. A list of
 * texts that a varchar is looked for in is the exception: for x IN ('a', 'b') the array as a whole
 * becomes text[], and that is printed as a cast, (ARRAY['a'::character varying, …])::text[]. Read
 * back, the cast goes to each element, which is another tree with another text. Without the cast it
 * is put there again by itself, as it was at first.
 */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

static const char opening[] = " ((ARRAY[", element[] = "::character varying",
		  closing[] = ")::text[])";

/* Bytes of what is quoted from here on: '…', "…" or $tag$…$tag$; 0 when nothing is. */
static size_t
quoted(const char *s)
{
	if (*s == '\'' || *s == '"') {
		const char *end = strchr(s + 1, *s);
		return end != NULL ? (size_t)(end - s) + 1 : strlen(s);
	}
	if (*s != '$')
		return 0;
	size_t tag = 1;
	while ((s[tag] | 0x20) >= 'a' && (s[tag] | 0x20) <= 'z')
		tag++;
	if (s[tag++] != '$')
		return 0;
	for (const char *at = s + tag; (at = strchr(at, '$')) != NULL; at++)
		if (strncmp(at, s, tag) == 0)
			return (size_t)(at - s) + tag;
	return strlen(s);
}

static bool
ends_element(const char *list, size_t n)
{
	size_t m = strlen(element);

	return n >= m && strncmp(list + n - m, element, m) == 0;
}

/* Bytes of a list of constants of varchar up to its bracket; 0 when it is another. */
static size_t
list_length(const char *list)
{
	size_t n = 0;

	while (list[n] != '\0' && list[n] != ']') {
		size_t q = quoted(list + n);
		if (list[n] == '(' || list[n] == '[' || (list[n] == ',' && !ends_element(list, n)))
			return 0;
		n += q > 0 ? q : 1;
	}
	return list[n] == ']' && ends_element(list, n) ? n : 0;
}

/* ANY … or ALL … */
static bool
is_opening(const char *s)
{
	return (strncmp(s, "ANY", 3) == 0 || strncmp(s, "ALL", 3) == 0) &&
	       strncmp(s + 3, opening, strlen(opening)) == 0;
}

const char *
ddl_expression(struct arena *arena, const char *sql)
{
	struct text out;
	const char *at = sql;

	if (strstr(sql, opening) == NULL)
		return sql;
	text_init(&out, 0);
	while (*at != '\0') {
		size_t q = quoted(at), n = 0;
		const char *list = at + 3 + strlen(opening);
		if (is_opening(at))
			n = list_length(list);
		if (n > 0 && strncmp(list + n + 1, closing, strlen(closing)) == 0) {
			text_printf(&out, "%.3s (ARRAY[%.*s])", at, (int)n, list);
			at = list + n + 1 + strlen(closing);
		} else {
			q = q > 0 ? q : 1;
			text_put_span(&out, span_of(at, q));
			at += q;
		}
	}
	const char *said = arena_str(arena, out.ptr);
	text_fini(&out);
	return said;
}
