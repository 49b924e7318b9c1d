/*
 * The parser: reads a command line against the command table, with the manners of the Python
 * confiture's parser (options and arguments in any order, --opt=value, --opt value, -x value,
 * -xvalue, -- ends options). Options may also stand before the command's words, so the words are
 * found first and everything else is read against that command's own options.
 */
#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "cli/suggest.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

struct parser {
	struct arena *arena;
	int argc;
	char **argv;
	bool *word; /* argv[i] is part of the command's path */
	struct args *out;
	struct error *err;
};

const struct command *
command_find(const char *path)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].path, path) == 0)
			return &commands[i];
	return NULL;
}

static size_t
rows_count(const struct option *rows)
{
	size_t n = 0;
	while (rows != NULL && rows[n].name != NULL)
		n++;
	return n;
}

static size_t
rows_append(const struct option **out, size_t n, const struct option *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (rows->name[0] != '\0')
			out[n++] = rows;
	return n;
}

size_t
command_options(struct arena *arena, const struct command *c, const struct option ***out)
{
	size_t room = rows_count(c->options);
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		room += rows_count(c->option_sets[i]);
	*out = arena_array(arena, room + 1, sizeof(**out));
	size_t n = rows_append(*out, 0, c->options);
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		n = rows_append(*out, n, c->option_sets[i]);
	return n;
}

static bool
takes_value(const struct option *o)
{
	return o->type != OPTION_SWITCH && o->type != OPTION_PAIR;
}

/* `name` is what stands behind the dashes, up to an = sign. `off` is set for --no-x of a pair. */
static const struct option *
rows_find(const struct option *const *rows, size_t count, struct span name, bool *off)
{
	*off = false;
	for (size_t i = 0; i < count; i++)
		if (span_is(name, rows[i]->name))
			return rows[i];
	if (name.len < 4 || memcmp(name.ptr, "no-", 3) != 0)
		return NULL;
	struct span rest = span_of(name.ptr + 3, name.len - 3);
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->type == OPTION_PAIR && span_is(rest, rows[i]->name)) {
			*off = true;
			return rows[i];
		}
	}
	return NULL;
}

static struct span
long_name(const char *token)
{
	const char *name = token + 2;
	return span_of(name, strcspn(name, "="));
}

static const struct option *
letter_find(const struct option *const *rows, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i]->letter == letter)
			return rows[i];
	return NULL;
}

/* Whether the option that `token` ends with takes the next word, judged by the rows given. */
static bool
eats_next(const struct option *const *rows, size_t count, const char *token)
{
	bool off = false;
	if (token[1] == '-') {
		struct span name = long_name(token);
		const struct option *o = rows_find(rows, count, name, &off);
		return o != NULL && takes_value(o) && name.ptr[name.len] != '=';
	}
	for (const char *p = token + 1; *p != '\0'; p++) {
		const struct option *o = letter_find(rows, count, *p);
		if (o != NULL && takes_value(o))
			return p[1] == '\0';
	}
	return false;
}

/*
 * Before the command is known its options are not: any command that takes the option will do, the
 * program's own ones first (--version alone is theirs).
 */
static bool
eats_next_anywhere(struct arena *arena, const char *token)
{
	const struct option **own = NULL;
	size_t own_count = command_options(arena, &commands[0], &own);
	bool off = false;
	if (token[1] == '-' &&
	    rows_find((const struct option *const *)own, own_count, long_name(token), &off) != NULL)
		return eats_next((const struct option *const *)own, own_count, token);
	for (size_t i = 1; i < command_count; i++) {
		const struct option **rows = NULL;
		size_t count = command_options(arena, &commands[i], &rows);
		if (eats_next((const struct option *const *)rows, count, token))
			return true;
	}
	return false;
}

static bool
is_option(const char *token)
{
	return token[0] == '-' && token[1] != '\0';
}

static bool
unknown_command(struct parser *p, const char *word)
{
	const char *parent = p->out->command->path;
	const char *const *names = NULL;
	size_t count = suggest_subcommands(p->arena, parent, &names);
	const char *near = nearest_word(word, names, count);
	word = args_line(p->arena, 1, (char *[]){(char *)(uintptr_t)word});
	error_set(p->err, E_USAGE_001, "no such command: %s%s%s.%s%s%s", parent,
		  parent[0] != '\0' ? " " : "", word, near != NULL ? " Did you mean \"" : "",
		  near != NULL ? near : "", near != NULL ? "\"?" : "");
	if (near != NULL)
		error_detail(p->err, "did_you_mean", "%s%s%s", parent, parent[0] != '\0' ? " " : "",
			     near);
	return false;
}

/* Finds the words of the command and marks them. */
static bool
find_command(struct parser *p)
{
	const struct command *c = &commands[0];
	p->out->command = c;
	for (int i = 1; i < p->argc; i++) {
		char *token = p->argv[i];
		if (strcmp(token, "--") == 0)
			break;
		if (is_option(token)) {
			i += eats_next_anywhere(p->arena, token) ? 1 : 0;
			continue;
		}
		const char *path =
			c == &commands[0] ? token : arena_printf(p->arena, "%s %s", c->path, token);
		const struct command *next = command_find(path);
		if (next == NULL || path[0] == '\0')
			return unknown_command(p, token);
		p->word[i] = true;
		p->out->command = c = next;
		if (c->run != NULL)
			break;
	}
	return true;
}

static bool
bad_value(struct parser *p, const struct option *o, const char *value, const char *wanted)
{
	if ((o->flags & OPTION_SECRET) != 0)
		value = "***";
	return error_set(p->err, E_USAGE_001, "--%s: \"%s\" is not %s", o->name, value, wanted);
}

static bool
is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);
	for (const char *c = choices; len > 0; c++) {
		size_t n = strcspn(c, "|");
		if (n == len && memcmp(c, value, n) == 0)
			return true;
		c += n;
		if (*c == '\0')
			return false;
	}
	return false;
}

static bool
take_choice(struct parser *p, const struct option *o, const char *value)
{
	if (is_choice(o->choices, value))
		return true;
	const char *const *names = NULL;
	size_t count = suggest_choices(p->arena, o->choices, &names);
	const char *near = nearest_word(value, names, count);
	const char *list = suggest_join(p->arena, names, count);
	bad_value(p, o, value, arena_printf(p->arena, "one of %s", list));
	if (near != NULL)
		error_detail(p->err, "did_you_mean", "%s", near);
	return false;
}

static bool
take_int(struct parser *p, const struct option *o, struct args_value *v, const char *value)
{
	int64_t least = INT64_MIN;
	bool limited = o->choices != NULL && parse_int(o->choices, &least);
	if (!parse_int(value, &v->number))
		return bad_value(p, o, value, "a whole number");
	if (limited && v->number < least)
		return bad_value(p, o, value,
				 arena_printf(p->arena, "a number from %s on", o->choices));
	return true;
}

static void
take_items(struct arena *arena, struct args_value *v, const char *value)
{
	while (*value != '\0') {
		size_t n = strcspn(value, ",");
		struct span item = span_of(value, n);
		while (item.len > 0 && item.ptr[0] == ' ')
			item = span_of(item.ptr + 1, item.len - 1);
		while (item.len > 0 && item.ptr[item.len - 1] == ' ')
			item.len--;
		if (item.len > 0) {
			v->items =
				arena_grow(arena, v->items, v->count, &v->cap, sizeof(*v->items));
			v->items[v->count++] = arena_span(arena, item);
		}
		value += n;
		value += *value == ',' ? 1 : 0;
	}
}

static bool
take_value(struct parser *p, const struct option *o, struct args_value *v, const char *value)
{
	v->given = true;
	v->text = value;
	if (value[0] == '\0' && o->type != OPTION_TEXT)
		return error_set(p->err, E_USAGE_001, "--%s needs a value", o->name);
	switch (o->type) {
	case OPTION_CHOICE:
		return take_choice(p, o, value);
	case OPTION_INT:
		return take_int(p, o, v, value);
	case OPTION_DURATION:
		if (!parse_duration_ms(value, 1, &v->number))
			return bad_value(p, o, value, "a duration (500ms, 30s, 10m)");
		return true;
	case OPTION_LIST:
		take_items(p->arena, v, value);
		if (v->count == 0)
			return error_set(p->err, E_USAGE_001, "--%s needs a value", o->name);
		return true;
	case OPTION_EACH:
		v->items = arena_grow(p->arena, v->items, v->count, &v->cap, sizeof(*v->items));
		v->items[v->count++] = arena_str(p->arena, value);
		return true;
	default:
		return true;
	}
}

/* Compared without the dashes, which would make short words look alike. */
static const char *
near_option(struct arena *arena, const char *name, const char *const *options, size_t count)
{
	const char **words = arena_array(arena, count + 1, sizeof(*words));

	for (size_t i = 0; i < count; i++)
		words[i] = options[i] + 2;
	const char *near = nearest_word(name + 2, words, count);
	return near != NULL ? near - 2 : NULL;
}

static bool
unknown_option(struct parser *p, const char *token)
{
	const char *name = token[1] == '-' ? arena_printf(p->arena, "--%s",
							  arena_span(p->arena, long_name(token)))
					   : arena_printf(p->arena, "%.2s", token);
	const char *const *names = NULL;
	size_t count = suggest_options(p->arena, p->out->command, &names);
	const char *near = token[1] == '-' ? near_option(p->arena, name, names, count) : NULL;
	error_set(p->err, E_USAGE_001, "no such option: %s.%s%s%s", name,
		  near != NULL ? " Did you mean \"" : "", near != NULL ? near : "",
		  near != NULL ? "\"?" : "");
	if (near != NULL)
		error_detail(p->err, "did_you_mean", "%s", near);
	return false;
}

static struct args_value *
value_of(struct args *a, const struct option *o)
{
	for (size_t i = 0; i < a->option_count; i++)
		if (a->options[i] == o)
			return &a->values[i];
	abort();
}

static void
take_switch(struct args *a, const struct option *o, bool on)
{
	struct args_value *v = value_of(a, o);
	v->given = true;
	v->flag = on;
}

/* The value that stands in the next word. */
static bool
take_next(struct parser *p, const struct option *o, int *i)
{
	if (*i + 1 >= p->argc || p->word[*i + 1])
		return error_set(p->err, E_USAGE_001, "--%s needs a value", o->name);
	*i += 1;
	return take_value(p, o, value_of(p->out, o), p->argv[*i]);
}

static bool
parse_long(struct parser *p, int *i)
{
	char *token = p->argv[*i];
	struct span name = long_name(token);
	if (span_is(name, "help") && name.ptr[name.len] == '\0') {
		p->out->help = true;
		return true;
	}
	bool off = false;
	const struct option *o = rows_find((const struct option *const *)p->out->options,
					   p->out->option_count, name, &off);
	if (o == NULL)
		return unknown_option(p, token);
	const char *value = name.ptr[name.len] == '=' ? name.ptr + name.len + 1 : NULL;
	if (takes_value(o))
		return value != NULL ? take_value(p, o, value_of(p->out, o), value)
				     : take_next(p, o, i);
	if (value != NULL)
		return error_set(p->err, E_USAGE_001, "--%s takes no value", o->name);
	take_switch(p->out, o, !off);
	return true;
}

static bool
parse_letters(struct parser *p, int *i)
{
	char *token = p->argv[*i];
	for (const char *c = token + 1; *c != '\0'; c++) {
		const struct option *o = letter_find((const struct option *const *)p->out->options,
						     p->out->option_count, *c);
		if (o == NULL && *c == 'h') {
			p->out->help = true;
			continue;
		}
		if (o == NULL)
			return unknown_option(p, arena_printf(p->arena, "-%c", *c));
		if (!takes_value(o)) {
			take_switch(p->out, o, true);
			continue;
		}
		if (c[1] == '\0')
			return take_next(p, o, i);
		return take_value(p, o, value_of(p->out, o), c[1] == '=' ? c + 2 : c + 1);
	}
	return true;
}

static void
take_argument(struct parser *p, const char *value)
{
	struct args *a = p->out;
	a->arguments = arena_grow(p->arena, a->arguments, a->argument_count, &a->argument_cap,
				  sizeof(*a->arguments));
	a->arguments[a->argument_count++] = value;
}

static bool
parse_tokens(struct parser *p)
{
	for (int i = 1; i < p->argc; i++) {
		char *token = p->argv[i];
		if (p->word[i])
			continue;
		if (strcmp(token, "--") == 0) {
			while (++i < p->argc)
				take_argument(p, p->argv[i]);
			return true;
		}
		if (!is_option(token))
			take_argument(p, token);
		else if (!(token[1] == '-' ? parse_long(p, &i) : parse_letters(p, &i)))
			return false;
	}
	return true;
}

static bool
check_counts(struct parser *p)
{
	const struct args *a = p->out;
	const struct argument *wanted = a->command->arguments;
	size_t room = 0;
	bool repeats = false;
	for (; wanted != NULL && wanted[room].name != NULL; room++) {
		if (wanted[room].required && room >= a->argument_count)
			return error_set(p->err, E_USAGE_001, "missing argument %s",
					 wanted[room].name);
		repeats = wanted[room].repeats;
	}
	if (a->argument_count > room && !repeats)
		return error_set(
			p->err, E_USAGE_001, "unexpected argument: %s",
			args_line(p->arena, 1, (char *[]){(char *)(uintptr_t)a->arguments[room]}));
	for (size_t i = 0; i < a->option_count; i++)
		if ((a->options[i]->flags & OPTION_REQUIRED) != 0 && !a->values[i].given)
			return error_set(p->err, E_USAGE_001, "missing option --%s",
					 a->options[i]->name);
	return true;
}

bool
args_parse(struct arena *arena, int argc, char **argv, struct args *out, struct error *err)
{
	*out = (struct args){0};
	struct parser p = {.arena = arena, .argc = argc, .argv = argv, .out = out, .err = err};
	p.word = arena_array(arena, (size_t)argc + 1, sizeof(*p.word));
	if (!find_command(&p))
		return false;
	out->option_count = command_options(arena, out->command, &out->options);
	out->values = arena_array(arena, out->option_count + 1, sizeof(*out->values));
	if (!parse_tokens(&p))
		return false;
	return out->help || out->command->run == NULL || check_counts(&p);
}
