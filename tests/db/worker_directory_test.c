/* Which databases a worker serves: named ones, and those that a pattern finds on a real server. */
#include "worker/daemon/directory.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "worker/daemon/tenants.h"

#include "shared/base/banned.h"

struct fixture {
	struct arena arena;
	struct directory *d;
	struct config_worker settings;
	struct config_worker_target lines[2];
	char shown[512];
};

static void
setup(struct fixture *f)
{
	*f = (struct fixture){0};
	arena_init(&f->arena);
	f->d = directory_new(runtime_system(), NULL);
	f->lines[0] = (struct config_worker_target){.name = "staging",
						    .environment = "staging",
						    .url = secret_of(cluster_url("postgres")),
						    .tracking_table = "tb_confiture"};
	f->lines[1] = (struct config_worker_target){.name = "tenants",
						    .environment = "production",
						    .url = secret_of(cluster_url("postgres")),
						    .tracking_table = "s.t",
						    .protected_ = true,
						    .pattern = "wdir\\_%"};
	f->settings.targets = f->lines;
	f->settings.target_count = 2;
}

static void
teardown(struct fixture *f)
{
	directory_free(f->d);
	arena_fini(&f->arena);
}

static const char *
served(struct fixture *f)
{
	struct worker_hello hello;
	size_t len = 0;

	f->shown[0] = '\0';
	directory_hello(f->d, &f->arena, &hello);
	for (size_t i = 0; i < hello.targets.count && len < sizeof(f->shown); i++)
		len += (size_t)snprintf(f->shown + len, sizeof(f->shown) - len, "%s%s ",
					hello.targets.items[i].name,
					hello.targets.items[i].protected_ ? "!" : "");
	return f->shown;
}

static void
a_pattern_follows_the_databases_of_its_server(void)
{
	struct fixture f;

	REQUIRE(cluster_create_database("wdir_b") && cluster_create_database("wdir_a") &&
		cluster_create_database("wdirx") && cluster_create_database("wdir_o dd"));
	setup(&f);
	directory_load(f.d, &f.settings);
	CHECK_STR(served(&f), "staging ");
	directory_look(f.d);
	CHECK_STR(served(&f), "production/wdir_a! production/wdir_b! staging ");
	REQUIRE(cluster_drop_database("wdir_b") && cluster_create_database("wdir_c"));
	directory_look(f.d);
	CHECK_STR(served(&f), "production/wdir_a! production/wdir_c! staging ");
	/* read again, and nothing is forgotten until the server was asked */
	directory_load(f.d, &f.settings);
	CHECK_STR(served(&f), "production/wdir_a! production/wdir_c! staging ");
	f.lines[1].pattern = "^wdir_[a]$";
	f.lines[1].regex = true;
	directory_load(f.d, &f.settings);
	directory_look(f.d);
	CHECK_STR(served(&f), "production/wdir_a! staging ");
	teardown(&f);
	CHECK(cluster_drop_database("wdir_a") && cluster_drop_database("wdir_c") &&
	      cluster_drop_database("wdirx") && cluster_drop_database("wdir_o dd"));
}

static void
a_server_that_is_away_keeps_its_databases(void)
{
	struct fixture f;

	REQUIRE(cluster_create_database("wdir_a"));
	setup(&f);
	directory_load(f.d, &f.settings);
	directory_look(f.d);
	CHECK_STR(served(&f), "production/wdir_a! staging ");
	REQUIRE(cluster_down(true));
	directory_look(f.d);
	CHECK_STR(served(&f), "production/wdir_a! staging ");
	REQUIRE(cluster_up());
	/* but not those of a line that is gone */
	f.settings.target_count = 1;
	directory_load(f.d, &f.settings);
	CHECK_STR(served(&f), "staging ");
	teardown(&f);
	CHECK(cluster_drop_database("wdir_a"));
}

static void
a_target_is_found_with_its_database_and_kept_for_running_jobs(void)
{
	struct target_spec spec, none;
	struct target_directory *base;
	struct error err = {0};
	struct fixture f;

	REQUIRE(cluster_create_database("wdir_a"));
	setup(&f);
	base = directory_base(f.d);
	directory_load(f.d, &f.settings);
	directory_look(f.d);
	REQUIRE(base->find(base, "production/wdir_a", &spec, &err));
	f.settings.target_count = 1;
	directory_load(f.d, &f.settings);
	CHECK(!base->find(base, "production/wdir_a", &none, &err));
	CHECK(error_is(&err, E_CONFIG_011));
	CHECK_STR(spec.name, "production/wdir_a");
	CHECK_STR(spec.database, "wdir_a");
	CHECK_STR(spec.ledger, "s.t");
	CHECK(secret_same(spec.url, f.lines[1].url));
	REQUIRE(base->find(base, "staging", &spec, &err));
	CHECK(spec.database == NULL);
	teardown(&f);
	CHECK(cluster_drop_database("wdir_a"));
}

static void
the_key_of_a_target_names_its_own_database(void)
{
	struct worker_hello hello;
	struct fixture f;

	REQUIRE(cluster_create_database("wdir_a"));
	setup(&f);
	directory_load(f.d, &f.settings);
	directory_look(f.d);
	directory_hello(f.d, &f.arena, &hello);
	REQUIRE(hello.targets.count == 2);
	CHECK_HAS(hello.targets.items[0].target_key, "/wdir_a");
	CHECK_HAS(hello.targets.items[1].target_key, "/postgres");
	CHECK_STR(hello.targets.items[0].environment, "production");
	CHECK_STR(hello.version, CONFITURE_VERSION);
	teardown(&f);
	CHECK(cluster_drop_database("wdir_a"));
}

static void
a_pattern_that_is_no_regular_expression_says_so(void)
{
	struct tenant_list list = {0};
	struct error err = {0};
	struct arena arena;

	arena_init(&arena);
	CHECK(!tenants_list(&arena, secret_of(cluster_url("postgres")), "(", true, &list, &err));
	CHECK_STR(err.sqlstate, "2201B");
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(a_pattern_follows_the_databases_of_its_server),
	CASE(a_server_that_is_away_keeps_its_databases),
	CASE(a_target_is_found_with_its_database_and_kept_for_running_jobs),
	CASE(the_key_of_a_target_names_its_own_database),
	CASE(a_pattern_that_is_no_regular_expression_says_so),
};

int
main(int argc, char **argv)
{
	if (!cluster_start_private(NULL))
		return 1;
	return unit_main("worker_directory", cases, ARRAY_LEN(cases), argc, argv);
}
