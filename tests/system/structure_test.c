/*
 * introspect, fingerprint and diff as a user runs them, on a real server: what they print for
 * people and for programs, and what they refuse.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/terminal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char before[] = "CREATE TYPE mood AS ENUM ('sad', 'ok');"
			     "CREATE TABLE users (id bigint PRIMARY KEY, name text, mood mood);"
			     "CREATE TABLE gone (a integer PRIMARY KEY, b text UNIQUE);"
			     "CREATE VIEW v AS SELECT id,\n name FROM users;";
static const char after[] =
	"CREATE VIEW v AS SELECT id, name, email FROM users;\n"
	"ALTER TABLE users ADD FOREIGN KEY (friend) REFERENCES users ON DELETE SET NULL;\n"
	"CREATE TYPE mood AS ENUM ('sad', 'fine', 'ok');\n"
	"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50) NOT NULL, mood mood,\n"
	"  email text UNIQUE, friend bigint);\n"
	"CREATE TABLE orders (id bigint PRIMARY KEY, total numeric CHECK (total > 0));\n"
	"COMMENT ON TABLE users IS 'people';\n";

static void
open_pair(struct project *p)
{
	project_open(p);
	REQUIRE(pg_exec(project_url(p), before));
	project_file(p, "db/schema/all.sql", "%s", after);
}

/* ---- one structure ---- */

static void
a_snapshot_equals_what_it_was_made_of(void)
{
	struct project p;
	char hash[80] = "";

	open_pair(&p);
	struct document *d = run_json(&p, "introspect local", 0, "introspect");
	CHECK_STR(document_text(d, "source"), "local");
	CHECK(document_count(d, "objects") > 10);
	snprintf(hash, sizeof(hash), "%s\n", document_text(d, "fingerprint"));
	document_free(d);
	CHECK_INT(project_run(&p, "introspect local"), 0);
	CHECK_HAS(p.last.out, "\"objects\": [");
	CHECK_INT(project_run(&p, "introspect local -o a.json"), 0);
	CHECK_STR(p.last.out, "");
	if (p.fleet == NULL)
		CHECK_INT(project_run(&p,
				      words("introspect '%s' -f text -o b.json", project_url(&p))),
			  0);
	else
		CHECK_INT(project_run(&p, "introspect local -f text -o b.json"), 0);
	CHECK_HAS(p.last.out, "  table public.users\n    column id bigint NOT NULL\n");
	CHECK_INT(project_run(&p, "diff --from a.json --to local"), 0);
	CHECK_STR(p.last.out, "✓ No differences between a.json and local\n");
	CHECK_INT(project_run(&p, "diff --from b.json --to a.json"), 0);
	CHECK_INT(project_run(&p, "fingerprint a.json"), 0);
	CHECK_STR(p.last.out, hash);
	CHECK_INT(project_run(&p, "fingerprint local"), 0);
	CHECK_STR(p.last.out, hash);
	d = run_json(&p, "fingerprint local", 0, "fingerprint");
	CHECK(document_count(d, "objects") > 10);
	document_free(d);
	project_close(&p);
}

static void
our_own_tables_are_nobodys_structure(void)
{
	struct project p;
	char *hash;

	project_open(&p);
	project_file(&p, "db/environments/local.yaml",
		     "database_url: \"%s\"\nmigration:\n  tracking_table: audit.runs\n",
		     project_url(&p));
	REQUIRE(pg_exec(project_url(&p), "CREATE SCHEMA audit"));
	CHECK_INT(project_run(&p, "fingerprint local"), 0);
	hash = strdup(p.last.out);
	REQUIRE(hash != NULL);
	project_migration(&p, "001_first", "CREATE TABLE t (a integer)", "DROP TABLE t");
	REQUIRE(project_run(&p, "migrate up") == 0 && project_run(&p, "migrate down") == 0);
	CHECK_STR(project_sql(&p, "SELECT count(*) > 2 FROM pg_class WHERE relkind = 'r' AND "
				  "(relname ~ '^confiture_' OR relname = 'runs')"),
		  "t");
	CHECK_INT(project_run(&p, "fingerprint local"), 0);
	CHECK_STR(p.last.out, hash);
	free(hash);
	project_close(&p);
}

/* ---- two ---- */

static void
a_diff_reads_by_object(void)
{
	struct project p;

	open_pair(&p);
	CHECK_INT(project_run(&p, "diff --from local --to db/schema"), 1);
	CHECK_STR(p.last.out, "from local\n"
			      "to   db/schema\n"
			      "\n"
			      "~ enum public.mood\n"
			      "    labels:\n"
			      "          'sad'\n"
			      "        + 'fine'\n"
			      "          'ok'\n"
			      "\n"
			      "- table public.gone\n"
			      "    - with 2 columns, 2 constraints\n"
			      "\n"
			      "+ table public.orders\n"
			      "    + column id bigint NOT NULL\n"
			      "    + column total numeric\n"
			      "    + constraint orders_pkey PRIMARY KEY (id)\n"
			      "    + constraint orders_total_check CHECK ((total > (0)::numeric))\n"
			      "\n"
			      "~ table public.users\n"
			      "    comment: (none) → people\n"
			      "    ~ column name\n"
			      "        type: text → character varying(50)\n"
			      "        not_null: no → yes\n"
			      "    + column email text\n"
			      "    + column friend bigint\n"
			      "    + constraint users_email_key UNIQUE (email)\n"
			      "    + constraint users_friend_fkey FOREIGN KEY (friend) REFERENCES "
			      "public.users(id) ON DELETE SET NULL\n"
			      "\n"
			      "~ view public.v\n"
			      "    definition:\n"
			      "           SELECT users.id,\n"
			      "        -     users.name\n"
			      "        +     users.name,\n"
			      "        +     users.email\n"
			      "             FROM public.users;\n"
			      "\n"
			      "5 to make, 1 to drop, 4 to change\n");
	CHECK_STR(p.last.err, "");
	/* The other way. */
	CHECK_INT(project_run(&p, "diff --from db/schema/all.sql --to local"), 1);
	CHECK_HAS(p.last.out, "\n+ table public.gone\n    + column a integer NOT NULL\n");
	CHECK_HAS(p.last.out, "\n1 to make, 5 to drop, 4 to change\n");
	project_close(&p);
}

static void
check_change(const struct document *d, int at, const char *type, const char *table,
	     const char *column)
{
	CHECK_STR(document_text(d, words("changes.%d.type", at)), type);
	CHECK_STR(document_text(d, words("changes.%d.table", at)), table);
	if (column == NULL)
		CHECK(document_null(d, words("changes.%d.column", at)));
	else
		CHECK_STR(document_text(d, words("changes.%d.column", at)), column);
}

static void
the_document_has_the_names_of_the_python_confiture(void)
{
	struct project p;

	open_pair(&p);
	struct document *d = run_json(&p, "diff --from local --to db/schema", 1, "diff");
	CHECK_INT(document_bool(d, "has_changes"), 1);
	CHECK_INT(document_count(d, "summary"), 15);
	CHECK_INT(document_int(d, "summary.tables_added"), 1);
	CHECK_INT(document_int(d, "summary.tables_dropped"), 1);
	CHECK_INT(document_int(d, "summary.columns_added"), 2);
	CHECK_INT(document_int(d, "summary.foreign_keys_added"), 1);
	CHECK_INT(document_int(d, "summary.constraints_added"), 1);
	check_change(d, 0, "CHANGE_ENUM_VALUES", "mood", NULL);
	CHECK_STR(document_text(d, "changes.0.details.added_values.0"), "fine");
	check_change(d, 1, "DROP_TABLE", "gone", NULL);
	CHECK_INT(document_count(d, "changes.1.parts"), 4);
	check_change(d, 2, "ADD_TABLE", "orders", NULL);
	check_change(d, 3, "ALTER_TABLE", "users", NULL);
	CHECK_STR(document_text(d, "changes.3.attribute"), "comment");
	check_change(d, 4, "ADD_COLUMN", "users", "email");
	check_change(d, 6, "CHANGE_COLUMN_TYPE", "users", "name");
	CHECK_STR(document_text(d, "changes.6.old_value"), "text");
	CHECK_STR(document_text(d, "changes.6.new_value"), "character varying(50)");
	check_change(d, 7, "CHANGE_COLUMN_NULLABLE", "users", "name");
	CHECK_STR(document_text(d, "changes.7.old_value"), "true");
	CHECK_STR(document_text(d, "changes.7.new_value"), "false");
	check_change(d, 8, "ADD_UNIQUE_CONSTRAINT", "users", NULL);
	check_change(d, 9, "ADD_FOREIGN_KEY", "users", NULL);
	CHECK_STR(document_text(d, "changes.9.details.columns.0"), "friend");
	CHECK_STR(document_text(d, "changes.9.details.ref_table"), "users");
	CHECK_STR(document_text(d, "changes.9.details.on_delete"), "SET NULL");
	check_change(d, 10, "ALTER_VIEW", "v", NULL);
	CHECK_INT(document_count(d, "changes"), 11);
	CHECK(strcmp(document_text(d, "fingerprint.from"), document_text(d, "fingerprint.to")) !=
	      0);
	document_free(d);
	project_close(&p);
}

/* The role that loads files is nobody's owner; grants of the owner to itself follow. */
static void
files_that_name_no_owner_take_the_databases(void)
{
	struct project p;

	open_pair(&p);
	REQUIRE(pg_exec(
		project_url(&p),
		"DROP VIEW v; DROP TABLE users, gone; DROP TYPE mood;"
		"DO $$ BEGIN CREATE ROLE structure_app; EXCEPTION WHEN duplicate_object THEN "
		"END $$;"
		"DO $$ BEGIN CREATE ROLE structure_reader; EXCEPTION WHEN duplicate_object "
		"THEN END $$;"
		"CREATE TABLE t (a integer); ALTER TABLE t OWNER TO structure_app;"
		"GRANT SELECT ON t TO structure_reader"));
	project_file(&p, "db/schema/all.sql",
		     "CREATE TABLE t (a integer);\nGRANT SELECT ON t TO structure_reader;\n");
	CHECK_INT(project_run(&p, "diff --from local --to db/schema"), 0);
	CHECK_INT(project_run(&p, "diff --from db/schema --to local"), 0);
	/* The same on a server that is given. */
	CHECK_INT(project_run(&p, words("diff --from local --to db/schema --scratch-url '%s'",
					cluster_url("postgres"))),
		  0);
	project_file(&p, "db/schema/all.sql",
		     "CREATE TABLE t (a integer);\n"
		     "REVOKE ALL ON t FROM CURRENT_USER;\n"
		     "GRANT SELECT, INSERT ON t TO structure_reader;\n");
	CHECK_INT(project_run(&p, "diff --from local --to db/schema"), 1);
	CHECK_HAS(p.last.out, "~ table public.t\n");
	CHECK_HAS(p.last.out, "\n    + GRANT INSERT TO structure_reader\n");
	CHECK(strstr(p.last.out, "owner:") == NULL);
	project_close(&p);
}

static void
names_of_others_harm_no_terminal(void)
{
	struct project p;
	struct terminal t;

	open_pair(&p);
	REQUIRE(pg_exec(project_url(&p), "CREATE TABLE \"a\nb\033[2J\" (\"\033]0;x\007\" integer);"
					 "COMMENT ON TABLE users IS E'one\\ntwo \\033[31m'"));
	CHECK_INT(project_run(&p, "diff --from db/schema --to local"), 1);
	CHECK(strchr(p.last.out, '\033') == NULL && strchr(p.last.out, '\007') == NULL);
	CHECK_HAS(p.last.out, "+ table public.\"a\\nb\\x1b[2J\"\n");
	CHECK_HAS(p.last.out, "        + two \\x1b[31m\n");
	CHECK_INT(project_run(&p, "introspect local -f text"), 0);
	CHECK(strchr(p.last.out, '\033') == NULL);
	/* Colours are ours, and only where somebody sees them. */
	terminal_open(&t, words("'%s' diff --from db/schema --to local", p.program), p.dir, NULL);
	CHECK(terminal_wait(&t, 60));
	CHECK_HAS(t.shown, "\033[32m+ table public.\"a\\nb\\x1b[2J\"\033[0m");
	CHECK(strstr(t.shown, "\033[2J") == NULL);
	terminal_close(&t);
	const char *const plain[] = {"NO_COLOR=1", NULL};
	terminal_open(&t, words("'%s' diff --from db/schema --to local", p.program), p.dir, plain);
	CHECK(terminal_wait(&t, 60));
	CHECK(strchr(t.shown, '\033') == NULL);
	terminal_close(&t);
	project_close(&p);
}

/* ---- bad input ---- */

#define SNAPSHOT(objects)                                                                          \
	"{\"source\":\"x\",\"server_version\":null,\"fingerprint\":\"\",\"unmodelled\":[],"        \
	"\"objects\":[" objects "]}"
#define OBJECT(kind, more)                                                                         \
	"{\"schema\":\"public\",\"kind\":\"" kind                                                  \
	"\",\"address\":\"t\",\"name\":\"t\",\"fingerprint\":\"\"" more ",\"attributes\":{}}"

static void
write_bad_snapshots(struct project *p)
{
	char *garbage = malloc(10 * 1024 * 1024 + 1);

	project_file(p, "empty.json", "%s", "");
	project_file(p, "list.json", "[]\n");
	project_file(p, "kind.json", "%s", SNAPSHOT(OBJECT("tables", "")));
	project_file(p, "twice.json", "%s", SNAPSHOT(OBJECT("table", "") "," OBJECT("table", "")));
	project_file(p, "needs.json", "%s",
		     SNAPSHOT(OBJECT("table", ",\"needs\":[\"table public.gone\"]")));
	project_file(p, "folder.json/x", "x\n");
	REQUIRE(garbage != NULL);
	memset(garbage, '[', 10 * 1024 * 1024);
	garbage[10 * 1024 * 1024] = '\0';
	project_file(p, "garbage.json", "%s", garbage);
	free(garbage);
}

static void
what_cannot_be_read_is_refused(void)
{
	static const struct refusal rows[] = {
		{"diff --from nowhere --to local", 5, "CONFIG_011", "no environment named", NULL,
		 NULL, NULL},
		{"diff --from locl --to local", 5, "CONFIG_011", "did you mean \"local\"", NULL,
		 NULL, NULL},
		{"diff --from local --to missing.sql", 4, "SCHEMA_201", "missing.sql", NULL, NULL,
		 NULL},
		{"diff --from local --to missing.json", 4, "SCHEMA_201", "missing.json", NULL, NULL,
		 NULL},
		{"diff --from local --to not/there", 4, "SCHEMA_201", "not/there", NULL, NULL,
		 NULL},
		{"diff --from local --to db/broken.sql", 4, "SCHEMA_205", "nowhere", NULL, NULL,
		 NULL},
		{"diff --from local --to notes.txt", 2, "USAGE_001", "neither a snapshot", NULL,
		 NULL, NULL},
		{"diff --from local", 2, "USAGE_001", "--to", NULL, NULL, NULL},
		{"fingerprint empty.json", 5, "DIFFER_400", "no snapshot", "introspect", NULL,
		 NULL},
		{"fingerprint list.json", 5, "DIFFER_400", "no snapshot", "introspect", NULL, NULL},
		{"fingerprint kind.json", 5, "DIFFER_400", "no kind of object", "introspect", NULL,
		 NULL},
		{"fingerprint twice.json", 5, "DIFFER_400", "there twice", "introspect", NULL,
		 NULL},
		{"fingerprint needs.json", 5, "DIFFER_400", "is not there", "introspect", NULL,
		 NULL},
		{"fingerprint garbage.json", 5, "DIFFER_400", "no snapshot", "introspect", NULL,
		 NULL},
		{"fingerprint folder.json", 4, "SCHEMA_201", "folder.json", NULL, NULL, NULL},
		{"fingerprint mysql://u:" PLANTED_SECRET "@h/d", 5, "CONFIG_003", "", NULL, NULL,
		 NULL},
		{"fingerprint u:" PLANTED_SECRET "@h/d", 5, "CONFIG_003", "", NULL, NULL, NULL},
		{"fingerprint 'host=h password=" PLANTED_SECRET "'", 5, "CONFIG_003", "", NULL,
		 NULL, NULL},
		{"fingerprint postgresql://u:" PLANTED_SECRET "@127.0.0.1:1/d", 3, "CONFIG_006",
		 "127.0.0.1:1", NULL, NULL, NULL},
		{"diff --from local --to postgresql://u:" PLANTED_SECRET "@127.0.0.1:1/d", 3,
		 "CONFIG_006", "127.0.0.1:1", NULL, NULL, NULL},
		{"diff --from local --to db/schema --scratch-url mysql://u:" PLANTED_SECRET "@h", 5,
		 "CONFIG_003", "--scratch-url", NULL, NULL, NULL},
		{"fingerprint fleet", 5, "CONFIG_011", "fleet has 2 targets", "fleet/a", NULL,
		 NULL},
	};
	struct project p;

	open_pair(&p);
	project_file(&p, "db/broken.sql", "CREATE TABLE t (a nowhere.type);\n");
	project_file(&p, "db/environments/fleet.yaml",
		     "targets:\n  a:\n    database_url: \"%s\"\n  b:\n    database_url: \"%s\"\n",
		     project_url(&p), project_url(&p));
	project_file(&p, "notes.txt", "x\n");
	write_bad_snapshots(&p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refusal_check(&p, &rows[i]);
	project_close(&p);
}

static const char shop[] =
	"CREATE SCHEMA auth; CREATE TABLE auth.tb_user (pk_user bigint PRIMARY KEY, id uuid NOT "
	"NULL); CREATE TABLE tb_order (\"Pk\" int, pk_b int, who bigint REFERENCES auth.tb_user, "
	"note varchar(20) NOT NULL, PRIMARY KEY (\"Pk\", pk_b)); CREATE TABLE tb_line (a int, b "
	"int, "
	"id text, FOREIGN KEY (a, b) REFERENCES tb_order); CREATE TABLE other (o int REFERENCES "
	"auth.tb_user); ALTER TABLE other DROP COLUMN o, ADD COLUMN z int, ADD a int REFERENCES "
	"auth.tb_user";

static void
introspect_of_db_is_the_document_of_the_python_confiture(void)
{
	struct project p;

	project_open(&p);
	REQUIRE(pg_exec(project_url(&p), shop));
	struct document *d = run_json(&p, "introspect --db local", 0, "introspect-db");
	CHECK_STR(document_text(d, "database"), p.database);
	CHECK_STR(document_text(d, "schema"), "public");
	CHECK_INT(document_count(d, "tables"), 2);
	CHECK_STR(document_text(d, "tables.0.name"), "tb_line");
	CHECK_STR(document_text(d, "tables.0.hints.natural_id"), "id");
	CHECK_STR(document_text(d, "tables.1.hints.surrogate_pk"), "pk_b");
	CHECK_STR(document_text(d, "tables.1.columns.0.name"), "Pk");
	CHECK_INT(document_bool(d, "tables.1.columns.0.is_primary_key"), 1);
	CHECK_STR(document_text(d, "tables.1.columns.3.pg_type"), "character varying(20)");
	CHECK_INT(document_bool(d, "tables.1.columns.2.nullable"), 1);
	CHECK_STR(document_text(d, "tables.1.outbound_fks.0.to_table"), "auth.tb_user");
	CHECK_STR(document_text(d, "tables.1.outbound_fks.0.on_column"), "pk_user");
	CHECK_INT(document_count(d, "tables.1.inbound_fks"), 2);
	CHECK_STR(document_text(d, "tables.1.inbound_fks.0.from_table"), "tb_line");
	CHECK_STR(document_text(d, "tables.1.inbound_fks.0.on_column"), "Pk");
	document_free(d);
	d = run_json(&p, "introspect --db local --schema auth --no-hints", 0, "introspect-db");
	CHECK_INT(document_count(d, "tables.0.inbound_fks"), 2);
	CHECK_STR(document_text(d, "tables.0.inbound_fks.0.from_table"), "public.other");
	CHECK(document_null(d, "tables.0.hints"));
	document_free(d);
	CHECK_INT(project_run(&p, "introspect --db local --all-tables -f yaml"), 0);
	CHECK_HAS(p.last.out, "tables:\n- name: other\n  columns:\n  - name: z\n    pg_type: "
			      "integer\n    nullable: true\n    is_primary_key: false\n");
	CHECK_HAS(p.last.out, "\n  hints: null\n");
	CHECK_INT(project_run(&p, "introspect --db local -f yaml -o s.yaml"), 0);
	CHECK_STR(p.last.out, "");
	CHECK(project_has(&p, "s.yaml"));
	document_free(run_json(&p, "introspect local --all-tables", 2, "error"));
	CHECK_HAS(p.last.out, "goes with --db");
	project_close(&p);
}

/* Its documents are JSON whether it is asked for or not. */
static void
introspect_is_told_once_what_to_read(void)
{
	struct project p;

	open_pair(&p);
	document_free(run_json(&p, "introspect", 2, "error"));
	CHECK_HAS(p.last.out, "SRC or --db");
	document_free(run_json(&p, "introspect local --db postgresql:///x", 2, "error"));
	CHECK_HAS(p.last.out, "both SRC");
	document_free(run_json(
		&p, "introspect --db postgresql://u:" PLANTED_SECRET "@127.0.0.1:1/d", 3, "error"));
	CHECK_HAS(p.last.out, "\"CONFIG_006\"");
	check_no_secret(&p.last);
	project_close(&p);
}

static void
what_did_not_load_is_named_with_file_and_line(void)
{
	struct project p;

	open_pair(&p);
	project_file(&p, "db/schema/all.sql",
		     "CREATE TABLE a (x integer);\nCREATE VIEW b AS "
		     "SELECT y FROM a;\n");
	CHECK_INT(project_run(&p, "diff --from local --to db/schema"), 4);
	CHECK_HAS(p.last.err, "db/schema/all.sql:2:");
	CHECK_HAS(p.last.err, "column \"y\" does not exist");
	CHECK_STR(p.last.out, "");
	project_close(&p);
}

/* ---- what files became before ---- */

/* Its entries; the file of the newest, which is another one when it was written anew. */
struct kept {
	size_t count;
	ino_t inode;
	char path[4096];
};

static struct kept
look_kept(struct project *p)
{
	struct kept kept = {0};
	struct stat st;
	time_t newest = 0;
	glob_t g;

	if (glob(words("%s.cache/confiture/structures/*", p->dir), 0, NULL, &g) != 0)
		return kept;
	kept.count = g.gl_pathc;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		REQUIRE(stat(g.gl_pathv[i], &st) == 0);
		if (st.st_mtim.tv_sec < newest)
			continue;
		newest = st.st_mtim.tv_sec;
		kept.inode = st.st_ino;
		snprintf(kept.path, sizeof(kept.path), "%s", g.gl_pathv[i]);
	}
	globfree(&g);
	return kept;
}

static void
files_are_loaded_once_and_again_when_anything_is_new(void)
{
	struct project p;
	char hash[80];

	project_open(&p);
	project_file(&p, "db/schema/all.sql", "CREATE TABLE one (a integer);\n");
	CHECK_INT(project_run(&p, "fingerprint db/schema --no-cache"), 0);
	snprintf(hash, sizeof(hash), "%s", p.last.out);
	struct kept none = look_kept(&p);
	CHECK_INT(none.count, 0);
	CHECK_INT(project_run(&p, "fingerprint db/schema"), 0);
	CHECK_STR(p.last.out, hash);
	struct kept first = look_kept(&p);
	REQUIRE(first.count == 1);
	/* Written anew it would be another file. */
	CHECK_INT(project_run(&p, "fingerprint db/schema"), 0);
	CHECK_STR(p.last.out, hash);
	struct kept second = look_kept(&p);
	CHECK_INT(second.inode, first.inode);
	/* What is damaged is loaded anew, and is whole again. A file that is kept open keeps its
	 * number to itself. */
	int held = open(first.path, O_RDONLY | O_CLOEXEC);
	REQUIRE(held >= 0 && truncate(first.path, 200) == 0);
	CHECK_INT(project_run(&p, "fingerprint db/schema"), 0);
	CHECK_STR(p.last.out, hash);
	struct kept third = look_kept(&p);
	CHECK_INT(third.count, 1);
	CHECK(third.inode != first.inode);
	close(held);
	/* Another file, or the same under another name, is something else. */
	project_file(&p, "db/schema/more.sql", "CREATE TABLE two (a integer);\n");
	CHECK_INT(project_run(&p, "introspect db/schema -f text"), 0);
	CHECK_HAS(p.last.out, "table public.two");
	struct kept fourth = look_kept(&p);
	CHECK_INT(fourth.count, 2);
	project_close(&p);
}

static void
what_may_become_something_else_is_not_kept(void)
{
	static const char *const texts[] = {
		"DO $$ BEGIN EXECUTE 'CREATE TABLE t' || extract(year FROM now()); END $$;\n",
		"\\set x 1\nCREATE TABLE one (a integer);\n",
		"CREATE TABLE one (a integer;\n",
		"CREATE EXTENSION citext;\n",
	};
	struct project p;

	project_open(&p);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		project_file(&p, "db/schema/all.sql", "%s", texts[i]);
		(void)!project_run(&p, "fingerprint db/schema");
		struct kept none = look_kept(&p);
		CHECK_INT(none.count, 0);
	}
	project_close(&p);
}

/* There a database is a name; what lies in files is read here. */
static void
with_a_coordinator_a_url_is_refused(void)
{
	static const char *const env[] = {"CONFITURE_COORDINATOR=ws://127.0.0.1:1", NULL};
	struct project p;

	open_pair(&p);
	CHECK_INT(project_run_env(&p, words("fingerprint '%s'", project_url(&p)), env), 5);
	CHECK_HAS(p.last.err, "[CONFIG_007]");
	CHECK_HAS(p.last.err, "--embedded");
	CHECK_INT(project_run_env(&p, words("fingerprint --embedded '%s'", project_url(&p)), env),
		  0);
	CHECK_INT(project_run_env(&p, "fingerprint local --embedded", env), 0);
	CHECK_INT(project_run_env(&p, "fingerprint db/schema", env), 0);
	project_close(&p);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_snapshot_equals_what_it_was_made_of),
		CASE(our_own_tables_are_nobodys_structure),
		CASE(a_diff_reads_by_object),
		CASE_EMBEDDED(the_document_has_the_names_of_the_python_confiture),
		CASE(files_that_name_no_owner_take_the_databases),
		CASE_EMBEDDED(names_of_others_harm_no_terminal),
		CASE_EMBEDDED(what_cannot_be_read_is_refused),
		CASE_EMBEDDED(introspect_is_told_once_what_to_read),
		CASE(introspect_of_db_is_the_document_of_the_python_confiture),
		CASE(what_did_not_load_is_named_with_file_and_line),
		CASE_EMBEDDED(files_are_loaded_once_and_again_when_anything_is_new),
		CASE_EMBEDDED(what_may_become_something_else_is_not_kept),
		CASE_EMBEDDED(with_a_coordinator_a_url_is_refused),
	};

	if (!cluster_start())
		return 2;
	return unit_main("system/structure", cases, ARRAY_LEN(cases), argc, argv);
}
