#ifndef CONFITURE_CONFIG_SETTINGS_H
#define CONFITURE_CONFIG_SETTINGS_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/config/config.h"
#include "shared/config/document.h"

/*
 * What may stand in a settings file: ONE table per kind of file. The checks, the reference page and
 * the sample file all walk it.
 *
 * A path is dotted; a segment "*" stands for any name.
 */
enum setting_type {
	SETTING_GROUP,	/* a map whose keys have rows of their own */
	SETTING_TEXT,	/* one line of text */
	SETTING_LINES,	/* text of one or more lines */
	SETTING_SECRET, /* as TEXT; its value is never shown */
	SETTING_CHOICE, /* one of `choices`, "a|b|c" */
	SETTING_BOOL,
	SETTING_INT,   /* min to max */
	SETTING_TEXTS, /* a list of texts, or one text */
	SETTING_OPEN   /* anything: judged by the command that reads it */
};

enum setting_status {
	SETTING_READ,	   /* checked, ${VAR} expanded; a wrong value is an error */
	SETTING_ELSEWHERE, /* for commands other than those of this file's loader: a wrong value
			      is a warning */
	SETTING_BUILD,	   /* READ by build, ELSEWHERE for all others */
	SETTING_INERT,	/* the Python confiture accepts it and never acts on it: said as a remark */
	SETTING_REFUSED /* an error with `remark` as its hint */
};

struct setting {
	const char *path;
	enum setting_type type;
	enum setting_status status;
	const char *fallback; /* what holds when it is absent; NULL = nothing */
	const char *choices;
	int64_t min, max;
	const char *meaning;
	const char *example; /* a value, or a name for "*", where there is no fallback to show */
	const char *remark;  /* INERT: why it does nothing; REFUSED: what to write instead */
};

struct settings_table {
	const char *title;
	const char *file;   /* for people: db/environments/<name>.yaml */
	const char *sample; /* the sample's first words, in lines; NULL: has a maker of its own */
	const struct setting *rows;
	size_t count;
	bool strict; /* unknown keys are errors (CONFIG_008), not warnings */
	/* A second table whose keys may stand here too, all of them ELSEWHERE; NULL = none. */
	const struct settings_table *also;
};

extern const struct settings_table settings_environment;
extern const struct settings_table settings_project;
extern const struct settings_table settings_worker;
extern const struct settings_table settings_coordinator;

/* One walk over a file for everything: unknown keys, types, ranges, ${VAR}. Values that are READ
 * are replaced by their expansion. */
struct settings_check {
	struct arena *arena;
	const char *file;
	struct config_warnings *warnings; /* may be NULL */
	struct error *err;
};
MUST_USE bool settings_check(struct settings_check *c, const struct settings_table *table,
			     struct node *root);
/* The same for the loader of build. */
MUST_USE bool settings_check_build(struct settings_check *c, const struct settings_table *table,
				   struct node *root);

/* CONFIG_005 "<path>: <what>" at a place of the file. Returns false. */
bool setting_wrong(const struct settings_check *c, uint32_t line, uint32_t column, const char *path,
		   const char *what);

/* Text of a checked setting, or the fallback of its row. */
const char *setting_text(const struct node *root, const struct settings_table *table,
			 const char *path);
bool setting_bool(const struct node *root, const struct settings_table *table, const char *path);

const struct setting *setting_find(const struct settings_table *table, const char *path);
const char *setting_type_name(enum setting_type type);

/* ---- parts of a loader ---- */

/* "db/environments/production.yaml" -> "production" */
const char *settings_stem(struct arena *arena, const char *path);
/* Forgets what says where the databases are, and may need variables that are not set here. */
void settings_drop_connection(struct node *root);

/* ---- parts of the walk ---- */

/*
 * ${VAR} and ${VAR:?message} in `value`, once; the result is not looked at again. A "$" before
 * anything else stands for itself. On false *why is what is wrong, in words that never hold the
 * value of a variable.
 */
MUST_USE bool settings_expand(struct arena *arena, const char *value, const char **out,
			      const char **why);

/*
 * The first line of the file that `node` names, which holds a secret (`what`: "password", in
 * words). A relative path starts at the settings file's folder; a bare name is looked for in
 * $CREDENTIALS_DIRECTORY first, where systemd puts credentials. Warns of a file that everybody can
 * read. CONFIG_005 at `path`.
 */
MUST_USE bool settings_secret_file(const struct settings_check *c, const struct node *node,
				   const char *path, const char *what, const char **out);

/* Letters, digits, "_", "-" and "." within 63 bytes: what may stand in --env and in a message
 * without quoting. */
bool settings_is_name(const char *s);

/* What holds, as a settings file: values of `root` (checked) and the table's defaults; secrets as
 * ***. */
void settings_print_effective(struct text *out, const struct settings_table *table,
			      const struct node *root);
/* A sample file: the table's first words, then every key that is read, commented out by a "#",
 * below its meaning. A line that begins with "# " and a word is no setting. */
void settings_print_sample(struct text *out, const struct settings_table *table);

/* `strict_error`: validate-config --strict makes it an error. */
void settings_warn(const struct settings_check *c, uint32_t line, bool strict_error,
		   const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A key as it may be shown: without control characters, short, and never a URL. */
const char *settings_show(struct arena *arena, const char *key);

/* A connection URL from the parts of a `database:` map; each part is percent-encoded. An empty
 * password is left out. */
const char *settings_url(struct arena *arena, const char *host, const char *port,
			 const char *database, const char *user, const char *password);
/* `url` with the password added as a parameter. */
const char *settings_url_with_password(struct arena *arena, const char *url, const char *password);
bool settings_url_has_password(const char *url);

#endif
