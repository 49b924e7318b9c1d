#ifndef CONFITURE_CONFIG_CONFIG_H
#define CONFITURE_CONFIG_CONFIG_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/base/text.h"

/*
 * Settings. Each kind of file has ONE table of keys (settings.h in this room): type, default,
 * range, meaning, and for keys that the Python confiture accepts and never reads, a remark that
 * says so. Values expand ${VAR} and
 * ${VAR:?message}. Errors and warnings carry file and line.
 */
struct config_warning {
	const char *file;
	unsigned line;
	const char *message; /* "unknown key \"databse_url\"; did you mean \"database_url\"?" */
	/* true: a fault that validate-config --strict makes an error, said by every command. false:
	 * a remark, "auto_backup does nothing: …", for validate-config alone. */
	bool strict_error;
};

struct config_warnings {
	struct config_warning *items;
	size_t count, cap;
};

/* One database of an environment. */
struct config_target {
	const char *name;	    /* "production", or "production/eu" with `targets:` */
	struct secret url;	    /* never NULL after a successful load */
	const char *tracking_table; /* "tb_confiture" or "schema.table" */
};

/* db/environments/<name>.yaml */
struct config_environment {
	const char *name; /* file stem */
	const char *file;
	struct config_target *targets; /* in name order; at least one */
	size_t target_count;
	bool strict_mode; /* migration.strict_mode */
	bool replicas;	  /* infrastructure.replicas is not empty, and
			     migration.allow_unsafe_under_replication is not set */
	bool protected_;  /* `protected: true` */
};

/* One entry of include_dirs, as it stands there. */
struct config_dir {
	const char *path; /* relative to the project */
	bool recursive;
	bool may_lack; /* auto_discover: no error when it is not there */
	const char *const *include;
	size_t include_count;
	const char *const *exclude;
	size_t exclude_count;
	int64_t order;
	uint32_t line, column;
};

/* What build reads of an environment's file. */
struct config_build {
	const char *name; /* file stem */
	const char *file;
	struct config_dir *dirs;
	size_t dir_count;
	const char *const *excluded; /* exclude_dirs */
	size_t excluded_count;
	bool hex; /* sort_mode */
	bool two_pass, check, fail_on_unclosed, fail_on_spillover;
	const char *separator; /* block_comment, line_comment, mysql, custom */
	const char *template_; /* NULL: none */
	bool seeds_apart;      /* seed.execution_mode: sequential */
};

/* confiture.yaml: optional, beside db/ */
struct config_group {
	const char *name;
	const char **members; /* environment or target names */
	size_t count;
};

struct config_project {
	const char *file; /* NULL when there is none */
	struct config_group *groups;
	size_t group_count;
	const char **coordinator; /* addresses, as they stand there */
	size_t coordinator_count;
};

/*
 * Reads an environment file. CONFIG_004 missing · CONFIG_002 not YAML (line, column) · CONFIG_001
 * no database_url and no `database:` map and no `targets:` · CONFIG_003 wrong URL · CONFIG_005
 * wrong value, unset ${VAR}, password file without a password · CONFIG_007 targets beside a single
 * connection, or two passwords. ${VAR} is expanded in the settings that are read here; those of
 * other commands are left to them. Names of targets are those of the map, also when it has one
 * only, so that a second database does not rename the first. No error or warning holds a URL or
 * password.
 */
MUST_USE bool config_environment_load(struct arena *arena, const char *path,
				      struct config_environment *out,
				      struct config_warnings *warnings, struct error *err);

/*
 * The rules of an environment for those who do not connect to its databases themselves: name,
 * strict_mode, replicas and protected_. The file needs no connection, and its connection is not
 * looked at; without a file, all rules are the defaults.
 */
MUST_USE bool config_environment_rules(struct arena *arena, const char *path,
				       struct config_environment *out,
				       struct config_warnings *warnings, struct error *err);

/*
 * What build needs. The connection is not looked at, and need not be there. CONFIG_001 without
 * include_dirs, otherwise as above.
 */
MUST_USE bool config_build_load(struct arena *arena, const char *path, struct config_build *out,
				struct config_warnings *warnings, struct error *err);

/* As above for confiture.yaml; a missing file is an empty project. Unknown keys are errors here
 * (CONFIG_008); an environment's keys may stand here, as the Python confiture has it, and are not
 * read. */
MUST_USE bool config_project_load(struct arena *arena, const char *path, struct config_project *out,
				  struct config_warnings *warnings, struct error *err);

/* ^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$ and no reserved word: CONFIG_005 otherwise. */
MUST_USE bool config_tracking_table_valid(const char *name, struct error *err);

/* The reference page of all settings, and a file for `init` to write; both from the table. */
void config_settings_markdown(struct text *out);
void config_sample_environment(struct text *out);

/* CONFIG_003 unless it begins postgresql:// or postgres://. The error never holds the URL. */
MUST_USE bool config_url_valid(struct secret url, struct error *err);

#endif
