/* What commands ask about their command line, and the command line as it may be written down. */
#include <string.h>

#include "cli/args.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

static const struct args_value *
find(const struct args *a, const char *name, const struct option **row)
{
	for (size_t i = 0; i < a->option_count; i++) {
		if (strcmp(a->options[i]->name, name) == 0) {
			*row = a->options[i];
			return &a->values[i];
		}
	}
	return NULL;
}

const char *
args_text(const struct args *a, const char *option)
{
	const struct option *row = NULL;
	const struct args_value *v = find(a, option, &row);
	if (v == NULL)
		return NULL;
	return v->given ? v->text : row->fallback;
}

int64_t
args_int(const struct args *a, const char *option)
{
	const struct option *row = NULL;
	const struct args_value *v = find(a, option, &row);
	if (v == NULL)
		return 0;
	if (v->given)
		return v->number;
	int64_t n = 0;
	bool known = row->fallback != NULL &&
		     (row->type == OPTION_DURATION ? parse_duration_ms(row->fallback, 1, &n)
						   : parse_int(row->fallback, &n));
	return known ? n : 0;
}

bool
args_flag(const struct args *a, const char *option)
{
	const struct option *row = NULL;
	const struct args_value *v = find(a, option, &row);
	if (v == NULL)
		return false;
	if (v->given)
		return v->flag;
	return row->fallback != NULL && strcmp(row->fallback, "true") == 0;
}

bool
args_given(const struct args *a, const char *option)
{
	const struct option *row = NULL;
	const struct args_value *v = find(a, option, &row);
	return v != NULL && v->given;
}

bool
args_known(const struct args *a, const char *option)
{
	const struct option *row = NULL;

	return find(a, option, &row) != NULL;
}

size_t
args_list(const struct args *a, const char *option, const char *const **out)
{
	const struct option *row = NULL;
	const struct args_value *v = find(a, option, &row);
	*out = v != NULL ? (const char *const *)v->items : NULL;
	return v != NULL ? v->count : 0;
}

const char *
args_argument(const struct args *a, size_t index)
{
	return index < a->argument_count ? a->arguments[index] : NULL;
}

size_t
args_argument_count(const struct args *a)
{
	return a->argument_count;
}

/* The value of a format option when `token` (and the word after it) is one; else NULL. */
static const char *
format_value(const char *token, const char *next)
{
	if (strncmp(token, "--format=", 9) == 0)
		return token + 9;
	if (strcmp(token, "--format") == 0 || strcmp(token, "-f") == 0)
		return next;
	if (strncmp(token, "-f", 2) == 0)
		return token[2] == '=' ? token + 3 : token + 2;
	return NULL;
}

void
args_sniff_format(int argc, char **argv, bool *json, bool *ndjson)
{
	*json = *ndjson = false;
	for (int i = 1; i < argc && argv[i] != NULL && strcmp(argv[i], "--") != 0; i++) {
		const char *value = format_value(argv[i], i + 1 < argc ? argv[i + 1] : NULL);
		if (value == NULL)
			continue;
		*ndjson = strcmp(value, "ndjson") == 0;
		*json = *ndjson || strcmp(value, "json") == 0;
	}
}

/* Where the value of "password = value" ends: at its closing quote, else at a space or "&". */
static const char *
value_end(const char *value)
{
	if (*value != '\'')
		return value + strcspn(value, "& ");
	for (value++; *value != '\0' && *value != '\''; value++)
		if (*value == '\\' && value[1] != '\0')
			value++;
	return value + (*value == '\'');
}

/* The value of the first "password=" from `word` on, with whatever spaces; NULL without one. */
static const char *
password_value(const char *word)
{
	const char *p = word;

	while ((p = strstr(p, "password")) != NULL) {
		p += strlen("password");
		const char *sign = p + strspn(p, " ");
		if (*sign == '=')
			return sign + 1 + strspn(sign + 1, " ");
	}
	return NULL;
}

/*
 * Replaces passwords: user:PASSWORD@ of an address, and every password=VALUE. A password that was
 * not encoded may hold anything: up to the last "@" of the word all is taken for it.
 */
static const char *
without_password(struct arena *arena, const char *word)
{
	const char *scheme = strstr(word, "://");
	if (scheme != NULL) {
		const char *start = scheme + 3, *at = strrchr(start, '@');
		const char *colon = at != NULL ? memchr(start, ':', (size_t)(at - start)) : NULL;
		if (colon != NULL)
			word = arena_printf(arena, "%.*s:***%s", (int)(colon - word), word, at);
	}
	const char *value = word;
	while ((value = password_value(value)) != NULL) {
		size_t head = (size_t)(value - word);
		word = arena_printf(arena, "%.*s***%s", (int)head, word, value_end(value));
		value = word + head;
	}
	return word;
}

/* Whether the word's option is a secret one; `*inside` = the value stands in the same word. */
static bool
is_secret(struct arena *arena, const char *token, size_t *inside)
{
	*inside = 0;
	for (size_t i = 0; i < command_count; i++) {
		const struct option **rows = NULL;
		size_t count = command_options(arena, &commands[i], &rows);
		for (size_t k = 0; k < count; k++) {
			if ((rows[k]->flags & OPTION_SECRET) == 0)
				continue;
			size_t n = strlen(rows[k]->name);
			if (strncmp(token, "--", 2) == 0 &&
			    strncmp(token + 2, rows[k]->name, n) == 0 &&
			    (token[2 + n] == '\0' || token[2 + n] == '=')) {
				*inside = token[2 + n] == '=' ? n + 3 : 0;
				return true;
			}
			if (rows[k]->letter != 0 && token[0] == '-' &&
			    token[1] == rows[k]->letter) {
				*inside = token[2] != '\0' ? 2 : 0;
				return true;
			}
		}
	}
	return false;
}

const char *
args_line(struct arena *arena, int argc, char **argv)
{
	struct text line;
	text_init(&line, 4096);
	bool hide = false;
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		size_t inside = 0;
		bool secret = is_secret(arena, word, &inside);
		if (i > 0)
			text_put_char(&line, ' ');
		if (hide)
			text_put(&line, "***");
		else if (inside > 0)
			text_printf(&line, "%.*s***", (int)inside, word);
		else
			text_put(&line, without_password(arena, word));
		hide = secret && inside == 0 && !hide;
	}
	char *copy = arena_span(arena, text_span(&line));
	text_fini(&line);
	return copy;
}
