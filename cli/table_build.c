/* Options and examples of `confiture build`. */
#include "cli/tables.h"

#include "shared/base/banned.h"

const struct option build_options[] = {
	{.name = "env",
	 .letter = 'e',
	 .type = OPTION_TEXT,
	 .value = "NAME",
	 .fallback = "local",
	 .help = "environment: db/environments/NAME.yaml"},
	{.name = "output",
	 .letter = 'o',
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .help = "where the schema goes (default: db/generated/schema_<env>.sql)"},
	{.name = "project-dir",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .fallback = ".",
	 .help = "folder of the project"},
	{.name = "show-hash",
	 .type = OPTION_SWITCH,
	 .help = "print the hash over paths and bytes of the files"},
	{.name = "schema-only",
	 .type = OPTION_SWITCH,
	 .help = "leave seeds out: what lies in a folder, or is a file, with the word seed or "
		 "seeds "
		 "in its name"},
	{.name = "two-pass",
	 .type = OPTION_PAIR,
	 .help = "write foreign keys after all files, so that tables need no order (default: "
		 "build.two_pass)"},
	{.name = "validate-comments",
	 .type = OPTION_PAIR,
	 .help = "check that no file ends inside a comment, string or parenthesis (default: "
		 "build.validate_comments.enabled)"},
	{.name = "fail-on-unclosed",
	 .type = OPTION_PAIR,
	 .help = "such a file is an error, not a warning (default: from the settings)"},
	{.name = "fail-on-spillover",
	 .type = OPTION_PAIR,
	 .help = "the same where another file follows (default: from the settings)"},
	{.name = "separator-style",
	 .type = OPTION_TEXT,
	 .value = "STYLE",
	 .help = "lines between the files: block_comment, line_comment or custom (default: "
		 "build.separators.style)"},
	{.name = "separator-template",
	 .type = OPTION_TEXT,
	 .value = "TEXT",
	 .help = "the custom style, with {file_path}"},
	OPTION_FORMAT("text|json|csv", "text"),
	{.name = "report",
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .help = "write the result, as JSON or with --format csv as CSV, to this file"},
	OPTION_END,
};
const char *const build_examples[] = {
	"confiture build|write db/generated/schema_local.sql",
	"confiture build --env production --show-hash -f json|what a pipeline reads",
	"confiture build --two-pass --schema-only -o schema.sql|no seeds, foreign keys last",
	NULL,
};
