/* A worker's settings: whole files in, all that was read out; every fault with its place. */
#include "shared/config/settings.h"
#include "shared/config/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/base/text.h"
#include "tests/support/unit.h"
#include "tests/unit/config/scratch_file.h"

#include "shared/base/banned.h"

struct load {
	struct arena arena;
	struct config_worker w;
	struct config_warnings warnings;
	struct error err;
	bool ok;
};

static void
load(struct load *l, const char *yaml)
{
	*l = (struct load){0};
	arena_init(&l->arena);
	l->ok = config_worker_load(&l->arena, scratch_file("worker.yaml", yaml), &l->w,
				   &l->warnings, &l->err);
}

static const char *
or_none(const char *s)
{
	return s != NULL ? s : "-";
}

static void
print_worker(struct text *t, const struct config_worker *w)
{
	for (size_t i = 0; i < w->url_count; i++)
		text_printf(t, "%s ", w->urls[i]);
	text_printf(t, "token %s tls %s %s %s %s name %s\n", or_none(secret_reveal(w->token)),
		    or_none(w->ca_file), or_none(w->cert_file), or_none(w->key_file),
		    or_none(w->server_name), or_none(w->name));
	text_printf(t, "%s %lld %lld jobs %zu stop %lld log %s %s\n", w->spool_dir,
		    (long long)w->spool_max_bytes, (long long)w->spool_keep_ms, w->max_jobs,
		    (long long)w->stop_timeout_ms, w->log_level, w->log_format);
	for (size_t i = 0; i < w->target_count; i++) {
		const struct config_worker_target *x = &w->targets[i];
		text_printf(t, "%s of %s %s %s%s %s%s\n", x->name, x->environment,
			    secret_reveal(x->url), x->tracking_table,
			    x->protected_ ? " protected" : "", x->regex ? "~" : "",
			    or_none(x->pattern));
	}
}

#define LINK "coordinator: ws://127.0.0.1:7432/rpc\n"
#define DEFAULTS                                                                                   \
	"/var/lib/confiture-worker/spool 2147483648 604800000 jobs 16 stop 30000 log info text\n"

static const struct {
	const char *yaml, *expect;
} good_files[] = {
	{LINK "targets: {production: {database_url: postgresql://u@h/d}}\n",
	 "ws://127.0.0.1:7432/rpc token - tls - - - - name -\n" DEFAULTS
	 "production of production postgresql://u@h/d tb_confiture -\n"},
	{"coordinator: [\"wss://a/rpc\", \"wss://b/rpc\"]\ntoken: ${WORKER_TOKEN}\nca_file: /ca\n"
	 "cert_file: /c\nkey_file: /k\nserver_name: x\nname: eu1\nspool_dir: /s\n"
	 "spool_max_bytes: 1048576\nspool_keep_days: 1\nmax_jobs: 2\nstop_timeout: 2m\n"
	 "log: {level: debug, format: json}\n"
	 "targets:\n"
	 "  production/us: {database_url: postgresql://us/d, protected: yes}\n"
	 "  production/eu: {database_url: postgresql://eu/d, tracking_table: s.t}\n"
	 "  one: {environment: staging, database_url: postgresql://st/d}\n"
	 "  tenants: {database_url: postgresql://t/d, database_pattern: \"tenant_%\"}\n"
	 "  odd: {database_url: postgresql://t/d, database_pattern: \"~ ^t[0-9]+$\"}\n",
	 "wss://a/rpc wss://b/rpc token s3cret tls /ca /c /k x name eu1\n"
	 "/s 1048576 86400000 jobs 2 stop 120000 log debug json\n"
	 "odd of odd postgresql://t/d tb_confiture ~^t[0-9]+$\n"
	 "production/eu of production postgresql://eu/d s.t -\n"
	 "production/us of production postgresql://us/d tb_confiture protected -\n"
	 "staging/one of staging postgresql://st/d tb_confiture -\n"
	 "tenants of tenants postgresql://t/d tb_confiture tenant_%\n"},
	/* secrets from files */
	{LINK "token_file: token\ntargets:\n  p: {database_url_file: url}\n"
	      "  q: {database_url: postgresql://u@h/d, password_file: pw}\n",
	 "ws://127.0.0.1:7432/rpc token from-a-file tls - - - - name -\n" DEFAULTS
	 "p of p postgresql://from/file tb_confiture -\n"
	 "q of q postgresql://u@h/d?password=p%20w tb_confiture -\n"},
};

static void
a_file_is_read_whole(void)
{
	setenv("WORKER_TOKEN", "s3cret", 1);
	chmod(scratch_file("token", "from-a-file\n"), 0600);
	chmod(scratch_file("url", "postgresql://from/file\n"), 0600);
	chmod(scratch_file("pw", "p w\n"), 0600);
	for (size_t i = 0; i < ARRAY_LEN(good_files); i++) {
		struct text got;
		struct load l;

		load(&l, good_files[i].yaml);
		CHECK_STR(l.err.message, "");
		REQUIRE(l.ok);
		text_init(&got, 0);
		print_worker(&got, &l.w);
		CHECK_STR(got.ptr, good_files[i].expect);
		CHECK_INT(l.warnings.count, 0);
		text_fini(&got);
		arena_fini(&l.arena);
	}
	unsetenv("WORKER_TOKEN");
	scratch_clean();
}

#define URL "database_url: postgresql://u@h/d"

static const struct {
	const char *yaml;
	enum error_id id;
	unsigned line;
	const char *words;
} bad_files[] = {
	{"targets: {p: {" URL "}}\n", E_CONFIG_001, 1, "names no coordinator"},
	{LINK, E_CONFIG_001, 1, "names no targets"},
	{LINK "targets: {p: {}}\n", E_CONFIG_001, 2, "targets.p has no database_url"},
	{LINK "targts: {}\n", E_CONFIG_008, 2, "did you mean \"targets\"?"},
	{LINK "targets: {p: {" URL ", urll: x}}\n", E_CONFIG_008, 2, "targets.p.urll"},
	{LINK "targets:\n  p: {database_url: mysql://u:hunter2@h/d}\n", E_CONFIG_003, 3,
	 "targets.p.database_url"},
	{LINK "targets:\n  p: {" URL ", database_url_file: x}\n", E_CONFIG_007, 3,
	 "targets.p.database_url_file"},
	{LINK "targets:\n  p: {database_url_file: nowhere}\n", E_CONFIG_005, 3,
	 "targets.p.database_url_file cannot be read"},
	{LINK "targets:\n  p: {database_url: postgresql://u:hunter2@h/d, password_file: x}\n",
	 E_CONFIG_007, 3, "a password in the URL"},
	{LINK "targets: {\"p q\": {" URL "}}\n", E_CONFIG_005, 2, "is no name of a target"},
	{LINK "targets: {\"p/\": {" URL "}}\n", E_CONFIG_005, 2, "is no name of a target"},
	{LINK "targets: {p/e: {" URL ", environment: q}}\n", E_CONFIG_005, 2,
	 "differs from the target's name"},
	{LINK "targets: {a: {" URL ", environment: p}, p/a: {" URL "}}\n", E_CONFIG_005, 2,
	 "names p/a twice"},
	{LINK "targets: {p: {" URL ", tracking_table: \"a b\"}}\n", E_CONFIG_005, 2,
	 "targets.p.tracking_table"},
	{LINK "targets: {p: {" URL ", database_pattern: \"~ \"}}\n", E_CONFIG_005, 2, "is empty"},
	{"coordinator: http://h\ntargets: {p: {" URL "}}\n", E_CONFIG_005, 1,
	 "must begin with ws:// or wss://"},
	{"coordinator: ws://u:hunter2@h/rpc\ntargets: {p: {" URL "}}\n", E_CONFIG_005, 1,
	 "use token_file"},
	{LINK "token: a\ntoken_file: b\ntargets: {p: {" URL "}}\n", E_CONFIG_007, 3, "token_file"},
	{LINK "token: ${NOT_SET_HERE}\ntargets: {p: {" URL "}}\n", E_CONFIG_005, 2, "NOT_SET_HERE"},
	{LINK "cert_file: a\ntargets: {p: {" URL "}}\n", E_CONFIG_001, 1, "cert_file and key_file"},
	{LINK "stop_timeout: soon\ntargets: {p: {" URL "}}\n", E_CONFIG_005, 2,
	 "must be a duration"},
	{LINK "max_jobs: 65\ntargets: {p: {" URL "}}\n", E_CONFIG_005, 2, "from 1 to 64"},
	{LINK "log: {level: loud}\ntargets: {p: {" URL "}}\n", E_CONFIG_005, 2, "log.level"},
};

static void
every_fault_has_a_code_and_a_line_and_shows_no_secret(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_files); i++) {
		struct load l;

		load(&l, bad_files[i].yaml);
		CHECK(!l.ok);
		CHECK_HAS(l.err.message, bad_files[i].words);
		CHECK_STR(l.err.code ? l.err.code->name : NULL, error_code(bad_files[i].id)->name);
		CHECK_INT(l.err.at.line, bad_files[i].line);
		CHECK(strstr(l.err.message, "hunter2") == NULL);
		CHECK(strstr(l.err.cause, "hunter2") == NULL);
		arena_fini(&l.arena);
	}
	scratch_clean();
}

static void
credentials_of_the_service_manager_come_first(void)
{
	char folder[256];
	struct load l;

	scratch_file("token", "beside\n");
	snprintf(folder, sizeof(folder), "%s", scratch_folder());
	char *credentials = strdup(folder);
	snprintf(folder, sizeof(folder), "%s/handed", credentials);
	mkdir(folder, 0700);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	load(&l, LINK "token_file: token\ntargets: {p: {" URL "}}\n");
	REQUIRE(l.ok);
	CHECK_STR(secret_reveal(l.w.token), "beside");
	arena_fini(&l.arena);
	char path[300];
	snprintf(path, sizeof(path), "%s/token", folder);
	FILE *f = fopen(path, "w");
	REQUIRE(f != NULL && fputs("handed over\n", f) >= 0 && fclose(f) == 0);
	load(&l, LINK "token_file: token\ntargets: {p: {" URL "}}\n");
	REQUIRE(l.ok);
	CHECK_STR(secret_reveal(l.w.token), "handed over");
	arena_fini(&l.arena);
	unsetenv("CREDENTIALS_DIRECTORY");
	remove(path);
	remove(folder);
	free(credentials);
	scratch_clean();
}

static void
a_secret_that_everybody_can_read_is_a_warning(void)
{
	struct load l;

	chmod(scratch_file("token", "t\n"), 0644);
	load(&l, LINK "token_file: token\ntargets: {p: {" URL "}}\n");
	REQUIRE(l.ok);
	REQUIRE(l.warnings.count == 1);
	CHECK_INT(l.warnings.items[0].line, 2);
	CHECK_HAS(l.warnings.items[0].message, "can be read by everybody");
	arena_fini(&l.arena);
	scratch_clean();
}

static void
what_holds_is_shown_without_secrets_and_reads_back_alike(void)
{
	struct arena arena;
	struct text shown, again;
	struct error err = {0};

	arena_init(&arena);
	text_init(&shown, 0);
	text_init(&again, 0);
	CHECK(config_worker_print(&arena,
				  scratch_file("worker.yaml",
					       LINK "token: hunter2\nmax_jobs: 3\n"
						    "targets: {p/e: {database_url: "
						    "postgresql://u:hunter2@h/d}}\n"),
				  &shown, &err));
	CHECK_STR(shown.ptr,
		  "coordinator: \"ws://127.0.0.1:7432/rpc\"\ntoken: ***\ntoken_file: null\n"
		  "ca_file: null\ncert_file: null\nkey_file: null\nserver_name: null\nname: null\n"
		  "spool_dir: /var/lib/confiture-worker/spool\nspool_max_bytes: 2147483648\n"
		  "spool_keep_days: 7\nmax_jobs: 3\nstop_timeout: 30s\nlog:\n  level: info\n"
		  "  format: text\ntargets:\n  p/e:\n    environment: null\n    database_url: ***\n"
		  "    database_url_file: null\n    password_file: null\n"
		  "    tracking_table: tb_confiture\n    protected: false\n"
		  "    database_pattern: null\n");
	text_fini(&again);
	text_fini(&shown);
	arena_fini(&arena);
	scratch_clean();
}

/* Every line of the sample, taken out of its comment, is a setting that the walk knows. */
static void
the_sample_names_only_known_settings(void)
{
	struct text sample;

	text_init(&sample, 0);
	settings_print_sample(&sample, &settings_worker);
	CHECK_HAS(sample.ptr, "default\n#coordinator: wss://confiture.example.com/rpc\n");
	CHECK_HAS(sample.ptr, "\n#  # one database\n#  production:\n");
	CHECK_HAS(sample.ptr, "changed lightly\n#    protected: false\n");
	text_fini(&sample);
}

static const struct unit_case cases[] = {
	CASE(a_file_is_read_whole),
	CASE(every_fault_has_a_code_and_a_line_and_shows_no_secret),
	CASE(credentials_of_the_service_manager_come_first),
	CASE(a_secret_that_everybody_can_read_is_a_warning),
	CASE(what_holds_is_shown_without_secrets_and_reads_back_alike),
	CASE(the_sample_names_only_known_settings),
};

int
main(int argc, char **argv)
{
	return unit_main("worker", cases, ARRAY_LEN(cases), argc, argv);
}
