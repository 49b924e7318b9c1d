/*
 * Options that many commands share. They stand here once, so that a connection is named in the same
 * way everywhere and help can show it as a group of its own.
 */
#include "cli/tables.h"

#include "shared/base/banned.h"

#define CONNECTION_ROWS                                                                            \
	{.name = "database-url",                                                                   \
	 .letter = 'd',                                                                            \
	 .type = OPTION_TEXT,                                                                      \
	 .value = "URL",                                                                           \
	 .flags = OPTION_SECRET,                                                                   \
	 .help = "postgresql:// address of the database; beats every file and variable"},          \
		{.name = "no-config",                                                              \
		 .type = OPTION_SWITCH,                                                            \
		 .help = "read no file; take CONFITURE_DATABASE_URL, else DATABASE_URL"},          \
		{.name = "env",                                                                    \
		 .type = OPTION_LIST,                                                              \
		 .value = "NAME[,NAME…]",                                                          \
		 .help = "environments: db/environments/NAME.yaml"},                               \
	{                                                                                          \
		.name = "group", .type = OPTION_LIST, .value = "NAME",                             \
		.help = "group of confiture.yaml"                                                  \
	}

const struct option options_everywhere[] = {
	{.name = "", .help = "Everywhere"},
	{.name = "quiet", .type = OPTION_SWITCH, .help = "only what was asked for and errors"},
	{.name = "no-color",
	 .type = OPTION_SWITCH,
	 .help = "no colours (the variable NO_COLOR does the same)"},
	{.name = "no-input", .type = OPTION_SWITCH, .help = "never ask; fail instead"},
	OPTION_END,
};

const struct option options_connection[] = {
	{.name = "", .help = "Connection"},
	{.name = "config",
	 .letter = 'c',
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .fallback = "db/environments/local.yaml",
	 .help = "environment file"},
	CONNECTION_ROWS,
	OPTION_END,
};

const struct option options_connection_asked[] = {
	{.name = "", .help = "Connection"},
	{.name = "config",
	 .letter = 'c',
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .help = "environment file"},
	CONNECTION_ROWS,
	OPTION_END,
};

const struct option options_coordinator[] = {
	{.name = "coordinator",
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .help = "let this coordinator's workers run it: wss://HOST, ws://HOST:PORT; several with "
		 "commas (CONFITURE_COORDINATOR and confiture.yaml do the same)"},
	{.name = "embedded",
	 .type = OPTION_SWITCH,
	 .help = "run it from this machine, whatever coordinator is configured"},
	OPTION_END,
};

const struct option *const sets_everywhere[] = {options_everywhere, NULL};
const struct option *const sets_coordinator[] = {options_coordinator, options_everywhere, NULL};
const struct option *const sets_connection[] = {options_connection, options_coordinator,
						options_everywhere, NULL};
const struct option *const sets_connection_asked[] = {options_connection_asked, options_coordinator,
						      options_everywhere, NULL};
