/* confiture.yaml: groups, the keys that may stand beside them, and what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/config/config.h"
#include "tests/support/unit.h"
#include "tests/unit/config/scratch_file.h"

#include "shared/base/banned.h"

static void
print_project(struct text *t, const struct config_project *p, const struct config_warnings *w)
{
	for (size_t i = 0; i < p->group_count; i++) {
		text_printf(t, "%s:", p->groups[i].name);
		for (size_t k = 0; k < p->groups[i].count; k++)
			text_printf(t, " %s", p->groups[i].members[k]);
		text_put(t, "\n");
	}
	for (size_t i = 0; i < p->coordinator_count; i++)
		text_printf(t, "coordinator %s\n", p->coordinator[i]);
	for (size_t i = 0; i < w->count; i++)
		text_printf(t, "%s%u: %s\n", w->items[i].strict_error ? "!" : "", w->items[i].line,
			    w->items[i].message);
}

static void
projects_are_read_or_refused(void)
{
	static const struct {
		const char *yaml, *expect;
		enum error_id id;
		unsigned line;
	} cases[] = {
		{"", "", ERROR_CODE_COUNT, 0},
		{"groups:\n", "", ERROR_CODE_COUNT, 0},
		{"groups:\n  all: [staging, production]\n  eu:\n    - production/eu\n  one: "
		 "local\n",
		 "all: staging production\neu: production/eu\none: local\n", ERROR_CODE_COUNT, 0},
		{"coordinator: wss://a/rpc\n", "coordinator wss://a/rpc\n", ERROR_CODE_COUNT, 0},
		{"coordinator: [ws://a, 'ws://b']\n", "coordinator ws://a\ncoordinator ws://b\n",
		 ERROR_CODE_COUNT, 0},
		{"coordinator: ''\n", "coordinator \n", ERROR_CODE_COUNT, 0},
		{"coordinator: {url: x}\n", "coordinator must be a list of texts", E_CONFIG_005, 1},
		{"cordinator: x\n", "did you mean \"coordinator\"?", E_CONFIG_008, 1},
		/* as the Python confiture uses the file */
		{"name: x\ndatabase_url: ${NOT_SET_HERE}\nmigration: {tracking_table: \"a b\", "
		 "strict_mode: 7}\n"
		 "acls: []\n",
		 "!3: migration.strict_mode must be true or false\n", ERROR_CODE_COUNT, 0},
		{"migration: {traking_table: x}\n",
		 "!1: unknown key \"migration.traking_table\"; did you mean \"tracking_table\"?\n",
		 ERROR_CODE_COUNT, 0},
		{"auto_backup: true\n", "1: auto_backup does nothing: it never had an effect\n",
		 ERROR_CODE_COUNT, 0},
		{"grups: {}\n", "unknown key \"grups\"; did you mean \"groups\"?", E_CONFIG_008, 1},
		{"a: 1\n", "unknown key \"a\"", E_CONFIG_008, 1},
		{"migration_table: x\n", "migration_table is no setting any more", E_CONFIG_005, 1},
		{"groups: [a]\n", "groups must be a map of keys", E_CONFIG_005, 1},
		{"groups:\n  a: {b: c}\n", "groups.a must be a list of texts", E_CONFIG_005, 2},
		{"groups:\n  a: [[b]]\n", "groups.a must be a list of texts", E_CONFIG_005, 2},
		{"groups:\n  a: []\n", "groups.a has no members", E_CONFIG_005, 2},
		{"groups:\n  a:\n", "groups.a has no members", E_CONFIG_005, 2},
		{"groups:\n  a: [b, c, b]\n", "groups.a names b twice", E_CONFIG_005, 2},
		{"groups:\n  a: [\"b,c\"]\n", "groups.a holds a name that is empty or has a comma",
		 E_CONFIG_005, 2},
		{"groups:\n  a/b: [c]\n", "groups.a/b is no name for a group", E_CONFIG_005, 2},
		{"groups: {a: [b]}\ngroups: {}\n", "the same key stands in line 1", E_CONFIG_002,
		 2},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena;
		struct config_project project;
		struct config_warnings warnings = {0};
		struct error err = {0};
		struct text t;

		arena_init(&arena);
		text_init(&t, 0);
		const char *path = scratch_file("confiture.yaml", cases[i].yaml);
		bool ok = config_project_load(&arena, path, &project, &warnings, &err);
		CHECK_INT(ok, cases[i].id == ERROR_CODE_COUNT);
		if (ok) {
			print_project(&t, &project, &warnings);
			CHECK_STR(t.ptr, cases[i].expect);
			CHECK_STR(project.file, path);
		} else {
			CHECK(error_is(&err, cases[i].id));
			CHECK_HAS(err.message, cases[i].expect);
			CHECK_INT(err.at.line, cases[i].line);
		}
		text_fini(&t);
		arena_fini(&arena);
	}
	scratch_clean();
}

static void
a_project_without_a_file_is_empty(void)
{
	struct arena arena;
	struct config_project project;
	struct error err = {0};

	arena_init(&arena);
	CHECK(config_project_load(&arena, "/nowhere/confiture.yaml", &project, NULL, &err));
	CHECK(project.file == NULL && project.group_count == 0 && err.code == NULL);
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(projects_are_read_or_refused),
	CASE(a_project_without_a_file_is_empty),
};

int
main(int argc, char **argv)
{
	return unit_main("config project", cases, ARRAY_LEN(cases), argc, argv);
}
