/* Whole environment files in, everything that was read out as one text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/base/text.h"
#include "shared/config/config.h"
#include "tests/support/unit.h"
#include "tests/unit/config/scratch_file.h"

#include "shared/base/banned.h"

struct load {
	struct arena arena;
	struct config_environment env;
	struct config_warnings warnings;
	struct error err;
	bool ok;
};

static void
load(struct load *l, const char *name, const char *yaml)
{
	*l = (struct load){0};
	arena_init(&l->arena);
	l->ok = config_environment_load(&l->arena, scratch_file(name, yaml), &l->env, &l->warnings,
					&l->err);
}

static void
print_environment(struct text *t, const struct load *l)
{
	text_printf(t, "%s%s%s\n", l->env.name, l->env.strict_mode ? " strict" : "",
		    l->env.protected_ ? " protected" : "");
	for (size_t i = 0; i < l->env.target_count; i++) {
		const struct config_target *target = &l->env.targets[i];
		text_printf(t, "%s %s %s\n", target->name, secret_reveal(target->url),
			    target->tracking_table);
	}
	for (size_t i = 0; i < l->warnings.count; i++) {
		const struct config_warning *w = &l->warnings.items[i];
		text_printf(t, "%s%u: %s\n", w->strict_error ? "!" : "", w->line, w->message);
	}
}

static const struct {
	const char *name, *yaml, *expect;
} good_files[] = {
	{"local.yaml", "database_url: postgresql://u@h/d\n",
	 "local\nlocal postgresql://u@h/d tb_confiture\n"},
	{"a.b.yml",
	 "database_url: postgres://h/d\nmigration:\n  tracking_table: ops.t\n"
	 "  strict_mode: yes\nprotected: true\n",
	 "a.b strict protected\na.b postgres://h/d ops.t\n"},
	/* parts, with the defaults of the Python confiture */
	{"p.yaml", "database: {}\n",
	 "p\np postgresql://postgres@localhost:5432/postgres tb_confiture\n"},
	{"p.yaml",
	 "database:\n  host: db.example\n  port: 5433\n  database: shop\n  user: app\n"
	 "  password: \"p@ss/word\"\n",
	 "p\np postgresql://app:p%40ss%2Fword@db.example:5433/shop tb_confiture\n"},
	{"p.yaml", "database:\n  host: ~\n  port: \"6000\"\n",
	 "p\np postgresql://postgres@localhost:6000/postgres tb_confiture\n"},
	{"p.yaml", "database_url: postgresql://u@h/d\ndatabase: {host: other}\n",
	 "p\np postgresql://u@h/d tb_confiture\n"},
	/* several databases */
	{"production.yaml",
	 "targets:\n  us: {database_url: \"postgresql://us/d\"}\n"
	 "  eu:\n    database_url: postgresql://eu/d\n    tracking_table: s.t\n"
	 "migration: {tracking_table: plain}\n",
	 "production\nproduction/eu postgresql://eu/d s.t\n"
	 "production/us postgresql://us/d plain\n"},
	{"one.yaml", "targets: {eu: {database_url: \"postgresql://eu/d\"}}\n",
	 "one\none/eu postgresql://eu/d tb_confiture\n"},
	{"none.yaml", "targets: {}\ndatabase_url: postgresql://h/d\n",
	 "none\nnone postgresql://h/d tb_confiture\n"},
	/* what other commands read is left alone, variables too */
	{"seed.yaml",
	 "name: other\ndatabase_url: postgresql://h/d\ninclude_dirs:\n  - db/schema\n"
	 "  - {path: x, order: 1}\nexclude_dirs: []\nbuild: {sort_mode: hex}\n"
	 "apply_as: {owner: {url: \"${NOT_SET_HERE}\"}}\nacls: [{schema: public}]\n"
	 "seed: {profiles: {small: {include: [a.sql]}}}\n",
	 "seed\nseed postgresql://h/d tb_confiture\n"},
	/* what never had an effect is said */
	{"i.yaml",
	 "database_url: postgresql://h/d\nauto_backup: true\n"
	 "migration:\n  locking:\n    enabled: false\n    timeout_ms: 5\n"
	 "pggit: {enabled: true, auto_init: false}\n",
	 "i\ni postgresql://h/d tb_confiture\n2: auto_backup does nothing: it never had an "
	 "effect\n4: migration.locking does nothing: it never had an effect\n"
	 "7: pggit does nothing: it never had an effect\n"},
	/* unknown keys */
	{"u.yaml",
	 "databse_url: x\ndatabase_url: postgresql://h/d\nmigration:\n  traking_table: y\n"
	 "  zzzzzzzz: 1\nwww: {a: b}\n\"migration.strict_mode\": true\n",
	 "u\nu postgresql://h/d tb_confiture\n"
	 "!1: unknown key \"databse_url\"; did you mean \"database_url\"?\n"
	 "!4: unknown key \"migration.traking_table\"; did you mean \"tracking_table\"?\n"
	 "!5: unknown key \"migration.zzzzzzzz\"\n!6: unknown key \"www\"\n"
	 "!7: unknown key \"migration.strict_mode\"\n"},
	{"u.yaml",
	 "database_url: postgresql://h/d\n\"postgresql://u:secret@h/d\": 1\n\"a\\eb\": 1\n",
	 "u\nu postgresql://h/d tb_confiture\n"
	 "!2: unknown key \"(looks like a URL; not shown)\"\n!3: unknown key \"a?b\"\n"},
	/* wrong values that this program does not read */
	{"w.yaml",
	 "database_url: postgresql://h/d\nbuild:\n  sort_mode: hexx\n  two_pass: maybe\n"
	 "migration: {rebuild_threshold: -1}\nseed: 5\nexclude_dirs: [{a: b}]\n",
	 "w\nw postgresql://h/d tb_confiture\n"
	 "!3: build.sort_mode must be one of alphabetical|hex\n"
	 "!4: build.two_pass must be true or false\n"
	 "!5: migration.rebuild_threshold must be a whole number from 0 to 1000000\n"
	 "!6: seed must be a map of keys\n!7: exclude_dirs must be a list of texts\n"},
	/* variables */
	{"v.yaml",
	 "database_url: postgresql://${CONFITURE_T_USER}:${CONFITURE_T_PW:?ask "
	 "ops}@h/$d$$\n"
	 "migration: {tracking_table: \"${CONFITURE_T_EMPTY}t\", strict_mode: "
	 "\"${CONFITURE_T_YES}\"}\n",
	 "v strict\nv postgresql://app:${X}@h/$d$$ t\n"},
	{"v.yaml", "database: {password: \"${CONFITURE_T_PW}\", port: \"${CONFITURE_T_PORT}\"}\n",
	 "v\nv postgresql://postgres:%24%7BX%7D@localhost:7000/postgres tb_confiture\n"},
};

static void
files_are_read_whole(void)
{
	setenv("CONFITURE_T_USER", "app", 1);
	setenv("CONFITURE_T_PW", "${X}", 1);
	setenv("CONFITURE_T_EMPTY", "", 1);
	setenv("CONFITURE_T_YES", "true", 1);
	setenv("CONFITURE_T_PORT", "7000", 1);
	for (size_t i = 0; i < ARRAY_LEN(good_files); i++) {
		struct load l;
		struct text t;

		load(&l, good_files[i].name, good_files[i].yaml);
		text_init(&t, 0);
		if (l.ok)
			print_environment(&t, &l);
		CHECK_STR(l.ok ? t.ptr : l.err.message, good_files[i].expect);
		text_fini(&t);
		arena_fini(&l.arena);
	}
	scratch_clean();
}

static const struct {
	const char *yaml;
	enum error_id id;
	unsigned line, column;
	const char *words;
} wrong_files[] = {
	{"", E_CONFIG_001, 1, 1, "database_url is missing"},
	{"database_url:\n", E_CONFIG_001, 1, 1, "database_url is missing"},
	{"targets: {}\n", E_CONFIG_001, 1, 1, "database_url is missing"},
	{"targets:\n  eu: {}\n", E_CONFIG_001, 2, 3, "targets.eu has no database_url"},
	{"- a\n", E_CONFIG_002, 1, 1, "map of settings"},
	{"postgresql://u:secret@h/d\n", E_CONFIG_002, 1, 1, "map of settings"},
	{"a: [\n", E_CONFIG_002, 2, 1, "did not find expected node content"},
	{"database_url: mysql://u:secret@h\n", E_CONFIG_003, 1, 15,
	 "database_url: the connection URL does not begin"},
	{"targets:\n  eu:\n    database_url: u:secret@h\n", E_CONFIG_003, 3, 19,
	 "targets.eu.database_url: the connection URL does not begin"},
	{"database_url: [secret]\n", E_CONFIG_005, 1, 15, "database_url must be one line of text"},
	{"database_url: |\n  secret\n  x\n", E_CONFIG_005, 1, 15, "must be one line of text"},
	{"database: postgresql://u:secret@h\n", E_CONFIG_005, 1, 11,
	 "database must be a map of keys"},
	{"database: {port: 0}\n", E_CONFIG_005, 1, 18,
	 "database.port must be a whole number from 1 to 65535"},
	{"database: {port: 5432x}\n", E_CONFIG_005, 1, 18, "from 1 to 65535"},
	{"migration: 5\n", E_CONFIG_005, 1, 12, "migration must be a map of keys"},
	{"migration: {strict_mode: perhaps}\n", E_CONFIG_005, 1, 26, "must be true or false"},
	{"database_url: postgresql://h\nmigration:\n  tracking_table: a-b\n", E_CONFIG_005, 3, 19,
	 "migration.tracking_table: the tracking table \"a-b\" must be a name"},
	{"targets:\n  eu:\n    database_url: postgresql://h\n    tracking_table: table\n",
	 E_CONFIG_005, 4, 21,
	 "targets.eu.tracking_table: the tracking table \"table\" is a reserved"},
	{"targets:\n  e/u: {database_url: postgresql://h}\n", E_CONFIG_005, 2, 3, "is no name"},
	{"migration_table: x\n", E_CONFIG_005, 1, 1, "migration_table is no setting any more"},
	{"migration_table:\n", E_CONFIG_005, 1, 1, "migration_table is no setting any more"},
	{"database_url: postgresql://${CONFITURE_T_UNSET}\n", E_CONFIG_005, 1, 15,
	 "database_url needs the environment variable CONFITURE_T_UNSET, which is not set"},
	{"database:\n  password: ${CONFITURE_T_UNSET:?run login first}\n", E_CONFIG_005, 2, 13,
	 "database.password needs the environment variable CONFITURE_T_UNSET: run login "
	 "first"},
	{"database_url: ${CONFITURE_T_EMPTY:?no}\n", E_CONFIG_005, 1, 15,
	 "needs the environment variable CONFITURE_T_EMPTY: no"},
	{"database_url: ${CONFITURE_T_EMPTY}\n", E_CONFIG_003, 1, 15, "does not begin"},
	{"database_url: ${A:-secret}\n", E_CONFIG_005, 1, 15, "neither ${NAME} nor"},
	{"database_url: ${A\n", E_CONFIG_005, 1, 15, "neither ${NAME} nor"},
	{"database_url: ${}\n", E_CONFIG_005, 1, 15, "neither ${NAME} nor"},
	{"database_url: ${1A}\n", E_CONFIG_005, 1, 15, "neither ${NAME} nor"},
	{"database_url: postgresql://h\ntargets: {eu: {database_url: postgresql://h}}\n",
	 E_CONFIG_007, 2, 10, "has both targets and"},
	{"database: {}\ntargets: {eu: {database_url: postgresql://h}}\n", E_CONFIG_007, 2, 10,
	 "has both targets and"},
	{"database_url: postgresql://u:secret@h\npassword_file: x\n", E_CONFIG_007, 2, 16,
	 "has a password already"},
	{"database: {password: secret}\npassword_file: x\n", E_CONFIG_007, 2, 16,
	 "has a password already"},
	{"database_url: postgresql://h\npassword_file: not-there\n", E_CONFIG_005, 2, 16,
	 "password_file cannot be read"},
};

static void
wrong_files_are_refused_with_code_and_place(void)
{
	setenv("CONFITURE_T_EMPTY", "", 1);
	for (size_t i = 0; i < ARRAY_LEN(wrong_files); i++) {
		struct load l;

		load(&l, "x.yaml", wrong_files[i].yaml);
		CHECK(!l.ok);
		CHECK_STR(l.err.code ? l.err.code->name : NULL,
			  error_code(wrong_files[i].id)->name);
		CHECK_HAS(l.err.message, wrong_files[i].words);
		CHECK_HAS(l.err.at.file, "/x.yaml");
		CHECK_INT(l.err.at.line, wrong_files[i].line);
		CHECK_INT(l.err.at.column, wrong_files[i].column);
		CHECK(strstr(l.err.message, "secret") == NULL &&
		      strstr(l.err.cause, "secret") == NULL);
		arena_fini(&l.arena);
	}
	scratch_clean();
}

static void
a_password_file_gives_its_first_line(void)
{
	static const struct {
		const char *content, *url; /* NULL: refused */
	} cases[] = {
		{"s3cret\n", "postgresql://u@h/d?password=s3cret"},
		{"s 3&\r\nsecond\n", "postgresql://u@h/d?password=s%203%26"},
		{"no end", "postgresql://u@h/d?password=no%20end"},
		{"\nsecond\n", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct load l;

		chmod(scratch_file("pw", cases[i].content), 0600);
		load(&l, "x.yaml", "database_url: postgresql://u@h/d\npassword_file: pw\n");
		CHECK_INT(l.ok, cases[i].url != NULL);
		CHECK_INT(l.warnings.count, 0);
		if (l.ok)
			CHECK_STR(secret_reveal(l.env.targets[0].url), cases[i].url);
		else
			CHECK_HAS(l.err.message, "has no password in its first line");
		arena_fini(&l.arena);
	}
	scratch_clean();
}

static void
a_password_file_that_everybody_can_read_is_a_warning(void)
{
	struct load l;

	chmod(scratch_file("pw", "s3cret\n"), 0644);
	load(&l, "x.yaml",
	     "targets:\n  eu:\n    database_url: postgresql://u@h/d\n"
	     "    password_file: pw\n");
	REQUIRE(l.ok && l.warnings.count == 1);
	CHECK_STR(secret_reveal(l.env.targets[0].url), "postgresql://u@h/d?password=s3cret");
	CHECK_INT(l.warnings.items[0].line, 4);
	CHECK_HAS(l.warnings.items[0].message, "targets.eu.password_file: ");
	CHECK_HAS(l.warnings.items[0].message, "can be read by everybody");
	CHECK(strstr(l.warnings.items[0].message, "s3cret") == NULL);
	arena_fini(&l.arena);
	scratch_clean();
}

static void
warnings_may_be_left_out_and_are_bounded(void)
{
	struct arena arena;
	struct config_environment env;
	struct config_warnings warnings = {0};
	struct error err = {0};
	struct text t;

	arena_init(&arena);
	text_init(&t, 0);
	text_put(&t, "database_url: postgresql://h\n");
	for (int i = 0; i < 1000; i++)
		text_printf(&t, "unknown%d: 1\n", i);
	const char *path = scratch_file("x.yaml", t.ptr);
	CHECK(config_environment_load(&arena, path, &env, NULL, &err));
	CHECK(config_environment_load(&arena, path, &env, &warnings, &err));
	CHECK_INT(warnings.count, 200);
	text_fini(&t);
	arena_fini(&arena);
	scratch_clean();
}

static void
rules_are_read_where_the_connection_is_somebody_elses(void)
{
	static const struct {
		const char *yaml, *wrong;
		bool strict, protected_, replicas;
	} rows[] = {
		{"", NULL, false, false, false},
		{"database_url: ${CONFITURE_NOT_SET:?no}\nprotected: true\n", NULL, false, true,
		 false},
		{"targets: 7\ndatabase: x\npassword_file: nosuch\n", NULL, false, false, false},
		{"migration: {strict_mode: true}\ninfrastructure: {replicas: [a]}\n", NULL, true,
		 false, true},
		{"migration: {strict_mode: maybe}\n", "strict_mode must be true or false", false,
		 false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena;
		struct config_environment env;
		struct error err = {0};

		arena_init(&arena);
		const char *path = scratch_file("eu.yaml", rows[i].yaml);
		CHECK_INT(config_environment_rules(&arena, path, &env, NULL, &err),
			  rows[i].wrong == NULL);
		CHECK_STR(env.name, "eu");
		if (rows[i].wrong != NULL)
			CHECK_HAS(err.message, rows[i].wrong);
		CHECK_INT(env.strict_mode, rows[i].strict);
		CHECK_INT(env.protected_, rows[i].protected_);
		CHECK_INT(env.replicas, rows[i].replicas);
		arena_fini(&arena);
	}
	scratch_clean();
}

static void
without_a_file_the_rules_are_the_defaults(void)
{
	struct arena arena;
	struct config_environment env;
	struct error err = {0};

	arena_init(&arena);
	CHECK(config_environment_rules(&arena, "/nowhere/eu.yaml", &env, NULL, &err));
	CHECK_STR(env.name, "eu");
	CHECK(env.file == NULL && !env.strict_mode && !env.replicas && !env.protected_);
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(rules_are_read_where_the_connection_is_somebody_elses),
	CASE(without_a_file_the_rules_are_the_defaults),
	CASE(files_are_read_whole),
	CASE(wrong_files_are_refused_with_code_and_place),
	CASE(a_password_file_gives_its_first_line),
	CASE(a_password_file_that_everybody_can_read_is_a_warning),
	CASE(warnings_may_be_left_out_and_are_bounded),
};

int
main(int argc, char **argv)
{
	return unit_main("config environment", cases, ARRAY_LEN(cases), argc, argv);
}
