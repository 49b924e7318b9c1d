/* What a build is to do: the environment's settings, and options that say otherwise. */
#include "cli/build_rules.h"

#include <string.h>
#include <unistd.h>

#include "cli/connection.h"
#include "shared/base/parse.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

static const struct {
	const char *word;
	enum build_separator style;
} styles[] = {
	{"block_comment", BUILD_BLOCK_COMMENT},
	{"line_comment", BUILD_LINE_COMMENT},
	{"custom", BUILD_CUSTOM},
};

/* ---- the environment ---- */

static bool
find_environment(struct cli *cli, const struct args *args, const char **file, struct error *err)
{
	const char *name = args_text(args, "env"), *project = args_text(args, "project-dir");
	bool here = strcmp(project, ".") == 0;
	const char **known;

	*file = arena_printf(&cli->arena, "%s%sdb/environments/%s.yaml", here ? "" : project,
			     here ? "" : "/", name);
	bool named = settings_is_name(name) && name[0] != '.';
	if (named && (access(*file, F_OK) == 0 || !here))
		return true;
	size_t count = environment_names(cli, &known);
	if (named && count == 0)
		return true; /* loading it says CONFIG_004, and what to do */
	return connection_unknown(cli, "environment", name, known, count, err);
}

static void
tell_warnings(struct cli *cli, const struct config_warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		const struct config_warning *w = &warnings->items[i];
		if (w->strict_error)
			cli_warn(cli, "%s:%u: %s", w->file, w->line, w->message);
	}
}

/* ---- separators ---- */

static bool
no_mysql(struct error *err)
{
	error_set(err, E_CONFIG_005,
		  "separators in mysql style begin with \"#\", which PostgreSQL does not know");
	error_hint(err, "--separator-style line_comment");
	return false;
}

static bool
read_style(const char *word, bool typed, struct build_rules *rules, struct error *err)
{
	const char *words[ARRAY_LEN(styles)];

	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		words[i] = styles[i].word;
		if (strcmp(styles[i].word, word) == 0) {
			rules->separator = styles[i].style;
			return true;
		}
	}
	if (strcmp(word, "mysql") == 0)
		return no_mysql(err);
	const char *near = nearest_word(word, words, ARRAY_LEN(styles));
	error_set(err, typed ? E_USAGE_001 : E_CONFIG_005,
		  "\"%s\" is no style of separators: block_comment, line_comment or "
		  "custom%s%s%s",
		  word, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	error_hint(err, "confiture build --help");
	return false;
}

static bool
read_separator(const struct args *args, const struct config_build *settings,
	       struct build_rules *rules, struct error *err)
{
	const char *style = args_text(args, "separator-style");
	const char *given = args_text(args, "separator-template");

	if (!read_style(style != NULL ? style : settings->separator, style != NULL, rules, err))
		return false;
	rules->template_ = given != NULL ? given : settings->template_;
	if (rules->separator != BUILD_CUSTOM)
		return true;
	if (rules->template_ != NULL)
		return build_template_valid(rules->template_, err);
	error_set(err, E_CONFIG_005, "custom separators need a template");
	error_hint(err, "--separator-template '-- {file_path}'\n"
			"or set build.separators.custom_template");
	return false;
}

/* ---- all of them ---- */

static bool
chosen(const struct args *args, const char *option, bool setting)
{
	return args_given(args, option) ? args_flag(args, option) : setting;
}

bool
build_rules_read(struct cli *cli, const struct args *args, struct config_build *settings,
		 struct build_rules *rules, struct error *err)
{
	struct config_warnings warnings = {0};
	const char *file;

	if (!find_environment(cli, args, &file, err) ||
	    !config_build_load(&cli->arena, file, settings, &warnings, err))
		return false;
	tell_warnings(cli, &warnings);
	*rules = (struct build_rules){
		.hex = settings->hex,
		.schema_only = args_flag(args, "schema-only") || settings->seeds_apart,
		.two_pass = chosen(args, "two-pass", settings->two_pass),
		.check = chosen(args, "validate-comments", settings->check),
		.fail_on_unclosed = chosen(args, "fail-on-unclosed", settings->fail_on_unclosed),
		.fail_on_spillover = chosen(args, "fail-on-spillover", settings->fail_on_spillover),
	};
	return read_separator(args, settings, rules, err);
}
