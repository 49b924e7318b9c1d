/*
 * Renames against the server that carries them out: a structure in which they are done by us is the
 * one that the server has after ALTER … RENAME, in every text that it prints. And plans with
 * renames lead to the other structure, and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/schema/fingerprint.h"
#include "shared/schema/plan.h"
#include "shared/schema/rename.h"
#include "tests/db/open.h"
#include "worker/catalog/catalog.h"

#include "shared/base/banned.h"

enum { SAID_MOST = 8 };

static struct schema_pool *pool;

static struct schema_model *
read_model(const char *database)
{
	struct pg_open_options open = {.application_name = "confiture test"};
	struct schema_model *m = NULL;
	struct pg_conn *c = NULL;
	struct error err = {0};

	MUST(pg_open(secret_of(cluster_url(database)), &open, &c, &err), &err);
	MUST(catalog_read(c, NULL, pool, &m, &err), &err);
	pg_close(c);
	return m;
}

static struct schema_model *
fresh(const char *database, const char *sql, const char *more)
{
	REQUIRE(cluster_create_database(database));
	REQUIRE(pg_exec(cluster_url(database), sql));
	REQUIRE(more == NULL || pg_exec(cluster_url(database), more));
	return read_model(database);
}

/* "a=b; c=d" */
static size_t
read_said(const char *text, struct schema_rename *said)
{
	char *list = arena_str(&test_arena, text), *rest = NULL;
	size_t count = 0;

	for (char *p = strtok_r(list, ";", &rest); p != NULL; p = strtok_r(NULL, ";", &rest)) {
		REQUIRE(count < SAID_MOST);
		REQUIRE(schema_rename_split(&test_arena, p + strspn(p, " "), &said[count++]));
	}
	return count;
}

/* ---- the server's word ---- */

/* Whatever can hold a name does. */
static const char house[] =
	"CREATE SCHEMA app;\n"
	"CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s');\n"
	"CREATE DOMAIN app.mail AS text CONSTRAINT has_at CHECK (VALUE ~ '@');\n"
	"CREATE TYPE app.point AS (x int, y int);\n"
	"CREATE SEQUENCE app.numbers;\n"
	"CREATE TABLE app.users (\n"
	"  id bigint DEFAULT nextval('app.numbers') PRIMARY KEY, mail app.mail UNIQUE,\n"
	"  mood app.mood DEFAULT 'ok' NOT NULL, moods app.mood[], place app.point,\n"
	"  low text GENERATED ALWAYS AS (lower((mail)::text)) STORED, friend bigint,\n"
	"  CONSTRAINT mail_long CHECK (length(mail) > 3 AND mood <> 'sad'),\n"
	"  CONSTRAINT has_friend FOREIGN KEY (friend) REFERENCES app.users ON DELETE SET NULL);\n"
	"ALTER SEQUENCE app.numbers OWNED BY app.users.id;\n"
	"CREATE INDEX users_low ON app.users (low, lower((mail)::text) DESC) INCLUDE (friend)\n"
	"  WHERE mail IS NOT NULL AND mood = 'ok';\n"
	"CREATE UNIQUE INDEX users_id ON app.users (id); ALTER TABLE app.users CLUSTER ON "
	"users_id;\n"
	"ALTER TABLE app.users REPLICA IDENTITY USING INDEX users_id;\n"
	"CREATE STATISTICS app.st ON mail, friend FROM app.users;\n"
	"CREATE FUNCTION app.f(u app.users, m app.mood DEFAULT 'ok') RETURNS SETOF app.users\n"
	"  LANGUAGE sql AS 'SELECT * FROM app.users';\n"
	"CREATE FUNCTION app.score(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i';\n"
	"CREATE FUNCTION app.score(t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';\n"
	"CREATE FUNCTION app.mails() RETURNS SETOF text LANGUAGE sql\n"
	"  BEGIN ATOMIC SELECT mail FROM app.users WHERE friend = 1; END;\n"
	"CREATE FUNCTION app.tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\n"
	"CREATE TRIGGER touch BEFORE UPDATE OF mail ON app.users FOR EACH ROW\n"
	"  WHEN (old.mail IS DISTINCT FROM new.mail) EXECUTE FUNCTION app.tr();\n"
	"CREATE TABLE app.log (users text, mail text);\n"
	"CREATE RULE note AS ON DELETE TO app.users\n"
	"  DO ALSO INSERT INTO app.log SELECT old.mail, old.mail WHERE old.friend > 0;\n"
	"ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;\n"
	"CREATE POLICY own ON app.users USING (mail = CURRENT_USER AND EXISTS\n"
	"  (SELECT 1 FROM app.log l WHERE l.mail = users.mail));\n"
	"CREATE VIEW app.plain AS SELECT id, mail, mood FROM app.users WHERE mood = 'sad';\n"
	"CREATE VIEW app.named AS SELECT users.mail AS email, count(*) AS n FROM app.users\n"
	"  GROUP BY users.mail ORDER BY users.mail;\n"
	"CREATE VIEW app.joined AS SELECT DISTINCT u.mail, f.mail AS friend, l.mail AS logged\n"
	"  FROM app.users u JOIN app.users f ON f.id = u.friend LEFT JOIN app.log l\n"
	"  ON l.users = u.mail WHERE (u.mail, 1) IN (SELECT users.mail, 1 FROM app.users)\n"
	"  UNION SELECT mail, mail, mail FROM app.log;\n"
	"CREATE VIEW app.deep AS WITH c AS (SELECT mail, row_number() OVER (PARTITION BY friend\n"
	"  ORDER BY mail) AS r FROM app.users) SELECT c.mail, s.mail AS other FROM c,\n"
	"  LATERAL (SELECT users.mail FROM app.users WHERE users.mail = c.mail LIMIT 1) s;\n"
	"CREATE VIEW app.whole AS SELECT users.*::app.users AS u, (users.place).x FROM app.users;\n"
	"CREATE MATERIALIZED VIEW app.stored AS SELECT mail, app.score(friend::int) AS s,\n"
	"  'app.users'::regclass AS r FROM app.users;\n"
	"CREATE INDEX stored_mail ON app.stored (mail);\n"
	"CREATE PUBLICATION pub FOR TABLE app.users (id, mail) WHERE (friend > 0);\n"
	"COMMENT ON COLUMN app.users.mail IS 'mail of users';\n"
	"CREATE TABLE app.parts (at date, mail text, CONSTRAINT filled CHECK (mail <> ''))\n"
	"  PARTITION BY RANGE (at, lower(mail));\n"
	"CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM (MINVALUE, MINVALUE)\n"
	"  TO ('2026-01-01', 'a');\n"
	"CREATE INDEX parts_mail ON app.parts (mail);\n"
	"CREATE TRIGGER ptouch AFTER INSERT ON app.parts FOR EACH ROW EXECUTE FUNCTION app.tr();\n"
	"CREATE TABLE app.heir (more text) INHERITS (app.log);\n"
	"ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;\n"
	"CREATE AGGREGATE app.agg(app.mood) (SFUNC = array_append, STYPE = app.mood[],\n"
	"  INITCOND = '{}');\n";

static const struct {
	const char *said, *alter;
	size_t left; /* what is not foretold, and then planned as a change */
} told[] = {
	{"app.users=app.customers", "ALTER TABLE app.users RENAME TO customers", 0},
	{"users=\"Odd \"\"name\"", "ALTER TABLE app.users RENAME TO \"Odd \"\"name\"", 0},
	{"app.users.mail=app.users.email", "ALTER TABLE app.users RENAME mail TO email", 0},
	{"app.users.friend=\"a b\"", "ALTER TABLE app.users RENAME friend TO \"a b\"", 0},
	{"schema app=core", "ALTER SCHEMA app RENAME TO core", 0},
	{"app.mood=app.feeling", "ALTER TYPE app.mood RENAME TO feeling", 0},
	{"app.mood.ok=fine", "ALTER TYPE app.mood RENAME VALUE 'ok' TO 'fine'", 0},
	{"app.mood.sad=app.mood.\"so so\"", "ALTER TYPE app.mood RENAME VALUE 'sad' TO 'so so'", 0},
	{"app.mail=app.address", "ALTER DOMAIN app.mail RENAME TO address", 0},
	{"app.mail.has_at=at", "ALTER DOMAIN app.mail RENAME CONSTRAINT has_at TO at", 0},
	{"point=spot", "ALTER TYPE app.point RENAME TO spot", 0},
	{"point.x=point.z", "ALTER TYPE app.point RENAME ATTRIBUTE x TO z", 1},
	{"numbers=ids", "ALTER SEQUENCE app.numbers RENAME TO ids", 0},
	{"app.users_low=app.low", "ALTER INDEX app.users_low RENAME TO low", 0},
	{"users_id=by_id", "ALTER INDEX app.users_id RENAME TO by_id", 0},
	{"app.users.users_mail_key=k",
	 "ALTER TABLE app.users RENAME CONSTRAINT users_mail_key TO k", 0},
	{"users_pkey ON app.users=pk", "ALTER TABLE app.users RENAME CONSTRAINT users_pkey TO pk",
	 0},
	{"app.users.mail_long=long", "ALTER TABLE app.users RENAME CONSTRAINT mail_long TO long",
	 0},
	{"app.f=app.g", "ALTER FUNCTION app.f RENAME TO g", 0},
	{"app.tr=app.touched", "ALTER FUNCTION app.tr RENAME TO touched", 0},
	{"app.mails()=addresses", "ALTER FUNCTION app.mails RENAME TO addresses", 0},
	{"app.agg=app.aggregated", "ALTER AGGREGATE app.agg(app.mood) RENAME TO aggregated", 0},
	{"touch ON app.users=touched", "ALTER TRIGGER touch ON app.users RENAME TO touched", 0},
	{"app.users.note=noted", "ALTER RULE note ON app.users RENAME TO noted", 0},
	{"app.users.own=owned", "ALTER POLICY own ON app.users RENAME TO owned", 0},
	{"app.plain=app.simple", "ALTER VIEW app.plain RENAME TO simple", 0},
	{"stored=kept", "ALTER MATERIALIZED VIEW app.stored RENAME TO kept", 0},
	{"app.st=app.stats", "ALTER STATISTICS app.st RENAME TO stats", 0},
	{"pub=news", "ALTER PUBLICATION pub RENAME TO news", 0},
	{"app.parts.mail=app.parts.email", "ALTER TABLE app.parts RENAME mail TO email", 0},
	{"app.parts.filled=constraint app.parts.any_of",
	 "ALTER TABLE app.parts RENAME CONSTRAINT filled TO any_of", 0},
	{"trigger app.parts.ptouch=pt", "ALTER TRIGGER ptouch ON app.parts RENAME TO pt", 0},
	{"parts=pieces; parts_1=piece_1; parts_mail=pieces_mail",
	 "ALTER TABLE app.parts RENAME TO pieces; ALTER TABLE app.parts_1 RENAME TO piece_1;"
	 "ALTER INDEX app.parts_mail RENAME TO pieces_mail",
	 0},
	{"app.log.mail=app.log.email", "ALTER TABLE app.log RENAME mail TO email", 0},
	/* several at once, and names that swap */
	{"users.mail=friend; users.friend=mail",
	 "ALTER TABLE app.users RENAME mail TO x; ALTER TABLE app.users RENAME friend TO mail;"
	 "ALTER TABLE app.users RENAME x TO friend",
	 0},
	{"users=log; log=users",
	 "ALTER TABLE app.users RENAME TO x; ALTER TABLE app.log RENAME TO "
	 "users; ALTER TABLE app.x RENAME TO log",
	 0},
	{"app.mood.ok=sad; app.mood.sad=ok",
	 "ALTER TYPE app.mood RENAME VALUE 'ok' TO 'x'; ALTER TYPE app.mood RENAME VALUE 'sad' TO "
	 "'ok'; ALTER TYPE app.mood RENAME VALUE 'x' TO 'sad'",
	 0},
	{"app.score(integer)=app.points", "ALTER FUNCTION app.score(int) RENAME TO points", 1},
	{"schema app=core; users=customers; users.mail=customers.email; app.mood=core.feeling;"
	 "mood.ok=core.feeling.fine; app.score(integer)=core.points; touch ON app.users=touched",
	 "ALTER TRIGGER touch ON app.users RENAME TO touched;"
	 "ALTER FUNCTION app.score(int) RENAME TO points; ALTER TYPE app.mood RENAME VALUE 'ok' TO "
	 "'fine'; ALTER TYPE app.mood RENAME TO feeling; ALTER TABLE app.users RENAME mail TO "
	 "email;"
	 "ALTER TABLE app.users RENAME TO customers; ALTER SCHEMA app RENAME TO core",
	 1},
};

static void
show_differences(const struct schema_diff *d)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];
		const struct schema_object *o = c->after ? c->after : c->before;
		if (o == NULL)
			continue;
		fprintf(stderr, "    %s %s %s\n", c->before ? c->after ? "~" : "-" : "+",
			schema_kind_info(o->kind)->name, o->address);
		for (size_t k = 0; k < c->count; k++)
			fprintf(stderr, "      ours: %s\n      server: %s\n",
				c->attributes[k].before ? c->attributes[k].before : "(none)",
				c->attributes[k].after ? c->attributes[k].after : "(none)");
	}
}

static void
run_steps(const char *database, const struct schema_renames *r)
{
	for (size_t i = 0; i < r->step_count; i++)
		CHECK(pg_exec(cluster_url(database), r->steps[i].sql));
}

static void
foretell(const struct schema_model *from, const struct schema_model *to,
	 const struct schema_rename *said, size_t count, size_t left, struct schema_renames *r)
{
	struct schema_diff d;
	struct error err = {0};

	MUST(schema_rename(pool, from, to, said, count, r, &err), &err);
	schema_diff(&test_arena, &r->model, to, &d);
	if (!CHECK(d.count <= left)) {
		fprintf(stderr, "  %s=%s\n", said[0].old, said[0].new);
		show_differences(&d);
	}
	CHECK_INT(r->count, count);
}

static void
check_same(const char *database, const struct schema_model *m)
{
	struct schema_diff d;

	schema_diff(&test_arena, read_model(database), m, &d);
	if (!CHECK_INT(d.count, 0))
		show_differences(&d);
}

/* By our statements too the server comes to that structure, and from it back. */
static void
what_is_foretold_is_what_the_server_prints(void)
{
	struct schema_model *from = fresh("rename_a", house, NULL);
	struct schema_rename said[SAID_MOST] = {{0}}, back[SAID_MOST] = {{0}};
	struct schema_renames r, again;

	(void)fresh("rename_b", house, NULL);
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		size_t count = read_said(told[i].said, said);

		REQUIRE(pg_exec(cluster_url("rename_b"), told[i].alter));
		struct schema_model *to = read_model("rename_b");
		foretell(from, to, said, count, told[i].left, &r);
		run_steps("rename_a", &r);
		check_same("rename_a", to);
		for (size_t k = 0; k < count; k++)
			back[k] = schema_rename_back(&test_arena, &r.items[k]);
		foretell(to, from, back, count, told[i].left, &again);
		run_steps("rename_a", &again);
		run_steps("rename_b", &again);
		check_same("rename_b", from);
	}
}

/* ---- with other changes ---- */

static const struct {
	const char *a, *b, *said;
	bool nothing_else; /* the plan is made of renames alone */
} pairs[] = {
	/* what cannot be foretold is made anew, and no rows go */
	{"CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
	 "CREATE FUNCTION f(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';"
	 "CREATE TABLE t (a int DEFAULT f(1), b int GENERATED ALWAYS AS (f(a)) STORED,"
	 " CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a)); CREATE VIEW v AS SELECT f(a) FROM t",
	 "CREATE FUNCTION g(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
	 "CREATE FUNCTION f(text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';"
	 "CREATE TABLE t (a int DEFAULT g(1), b int GENERATED ALWAYS AS (g(a)) STORED,"
	 " CHECK (g(a) > 0)); CREATE INDEX i ON t (g(a)); CREATE VIEW v AS SELECT g(a) AS f FROM t",
	 "f(integer)=g(integer)", false},
	{"CREATE SCHEMA o; CREATE TABLE users (a int, b int); CREATE TABLE o.users (a int);"
	 "CREATE VIEW v AS SELECT users.a FROM users users; CREATE VIEW w AS SELECT users.a FROM"
	 " users, o.users x; CREATE VIEW x AS SELECT x.a, users.b FROM o.users x, users;"
	 "CREATE VIEW y AS SELECT * FROM users JOIN o.users z USING (a)",
	 "CREATE SCHEMA o; CREATE TABLE people (c int, b int); CREATE TABLE o.users (a int);"
	 "CREATE VIEW v AS SELECT users.c FROM people users; CREATE VIEW w AS SELECT people.c AS a"
	 " FROM people, o.users x; CREATE VIEW x AS SELECT x.a, people.b FROM o.users x, people;"
	 "CREATE VIEW y AS SELECT b FROM people",
	 "users=people; users.a=people.c", false},
	{"CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mail text)",
	 "CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text,"
	 " age int NOT NULL)",
	 "users=customers; users.mail=email; users.users_pkey=customers_pkey", false},
	{"CREATE TABLE users (id bigint PRIMARY KEY, mail text); CREATE VIEW v AS SELECT mail FROM "
	 "users",
	 "CREATE TABLE users (id bigint PRIMARY KEY, email varchar(9)); CREATE VIEW v AS SELECT "
	 "email FROM users; CREATE VIEW w AS SELECT * FROM v",
	 "users.mail=email", false},
	/* what is called after them follows */
	{"CREATE TABLE users (id serial PRIMARY KEY, mail text UNIQUE CHECK (mail <> ''), org int"
	 " REFERENCES users, \"a b\" int); CREATE INDEX ON users (lower(mail)); CREATE INDEX ON "
	 "users"
	 " (\"a b\"); CREATE TABLE posts (user_id int REFERENCES users); CREATE TABLE parts (a text"
	 " CHECK (a <> ''), b int, UNIQUE (a, b)) PARTITION BY RANGE (a); CREATE TABLE part "
	 "PARTITION OF parts"
	 " DEFAULT; CREATE INDEX ON parts (a)",
	 "CREATE TABLE people (id serial PRIMARY KEY, email text UNIQUE CHECK (email <> ''), org "
	 "int"
	 " REFERENCES people, \"a b\" int); CREATE INDEX ON people (lower(email)); CREATE INDEX ON"
	 " people (\"a b\"); CREATE TABLE posts (owner int REFERENCES people); CREATE TABLE parts "
	 "(c"
	 " text CHECK (c <> ''), b int, UNIQUE (c, b)) PARTITION BY RANGE (c); CREATE TABLE part "
	 "PARTITION OF"
	 " parts DEFAULT; CREATE INDEX ON parts (c)",
	 "users=people; users.mail=email; posts.user_id=owner; parts.a=c", true},
	{"CREATE TABLE a (x int); CREATE TABLE b (y int); CREATE TABLE c (z int)",
	 "CREATE TABLE b (x int); CREATE TABLE c (y int); CREATE TABLE a (z int)", "a=b; b=c; c=a",
	 true},
	{"CREATE TYPE t AS ENUM ('a', 'b'); CREATE TABLE u (v t DEFAULT 'a')",
	 "CREATE TYPE t AS ENUM ('c', 'b', 'd'); CREATE TABLE u (v t DEFAULT 'd')", "t.a=t.c",
	 false},
};

static void
plan_of(const struct schema_model *from, const struct schema_model *to,
	const struct schema_rename *said, size_t count, struct schema_renames *r,
	struct schema_plan *out)
{
	const struct schema_plan_options how = {.online = true};
	struct schema_diff d;
	struct error err = {0};

	MUST(schema_rename(pool, from, to, said, count, r, &err), &err);
	schema_diff(&test_arena, &r->model, to, &d);
	d.renames = r;
	MUST(schema_plan(&test_arena, &d, &how, out, &err), &err);
}

static void
check_plan(const struct schema_plan *plan, const struct schema_model *to, bool nothing_else)
{
	struct schema_diff d;

	for (size_t i = 0; i < plan->count; i++) {
		const struct schema_statement *s = &plan->statements[i];
		if (!CHECK(!nothing_else || strcmp(s->action, "rename") == 0))
			fprintf(stderr, "  %s\n", s->sql);
		if (!CHECK(strncmp(s->sql, "DROP TABLE", 10) != 0 &&
			   pg_exec(cluster_url("rename_a"), s->sql)))
			fprintf(stderr, "  %s\n", s->sql);
	}
	schema_diff(&test_arena, read_model("rename_a"), to, &d);
	if (!CHECK_INT(d.count, 0))
		show_differences(&d);
}

static void
plans_with_renames_lead_there_and_back(void)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct schema_model *from = fresh("rename_a", pairs[i].a, NULL);
		struct schema_model *to = fresh("rename_b", pairs[i].b, NULL);
		struct schema_rename said[SAID_MOST] = {{0}}, back[SAID_MOST] = {{0}};
		struct schema_renames there, again;
		struct schema_plan plan;
		size_t count = read_said(pairs[i].said, said);

		plan_of(from, to, said, count, &there, &plan);
		check_plan(&plan, to, pairs[i].nothing_else);
		for (size_t k = 0; k < count; k++)
			back[k] = schema_rename_back(&test_arena, &there.items[k]);
		plan_of(to, from, back, count, &again, &plan);
		check_plan(&plan, from, pairs[i].nothing_else);
	}
}

/* ---- what is refused ---- */

static void
what_cannot_be_meant_is_refused_in_words(void)
{
	static const struct {
		const char *said, *says;
	} rows[] = {
		{"nobody=users", "nobody is not in the old structure"},
		{"public.users=public.nobody",
		 "there is no table public.nobody in the new structure"},
		{"public.users.mail=public.users.nothing", "there is no column"},
		{"users=customers; users=others", "public.users is renamed twice"},
		{"users=customers; other=customers", "is there already"},
		{"users=taken", "public.taken is there already in the old structure, a view"},
		{"users=app.customers", "does not move it to another schema"},
		{"users=app.users", "the name stays the same"},
		{"twin=customers", "twin means 2 things"},
		{"users.users=users.x", "users.users means 2 things"},
		{"heir.mail=heir.email", "it comes from public.log and is renamed there"},
		{"fw=x", "a plan cannot rename foreign_data_wrapper fw"},
		{"m.a=m.z", "the label 'z' is not in the new structure"},
		{"m.a=m.b; m.a=m.c", "is renamed twice"},
		{"a..b=c", "a..b is no name"},
		{"users (=x", "not in the old structure"},
	};
	static const char old[] =
		"CREATE SCHEMA app; CREATE SCHEMA b; CREATE TABLE app.twin (); CREATE TABLE b.twin "
		"();"
		"CREATE TABLE users (mail text, users text CONSTRAINT users CHECK (users <> ''));"
		"CREATE TABLE other (); CREATE VIEW taken AS SELECT 1 AS a;"
		"CREATE TABLE log (mail text); CREATE TABLE heir () INHERITS (log);"
		"CREATE TYPE m AS ENUM ('a', 'b'); CREATE FOREIGN DATA WRAPPER fw";
	static const char new[] =
		"CREATE SCHEMA app; CREATE TABLE app.customers (); CREATE TABLE customers ();"
		"CREATE TABLE others (); CREATE TABLE taken (); CREATE TABLE users (x text);"
		"CREATE TABLE log (email text); CREATE TABLE heir () INHERITS (log);"
		"CREATE TYPE m AS ENUM ('c', 'b')";
	struct schema_model *from = fresh("rename_a", old, NULL),
			    *to = fresh("rename_b", new, NULL);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct schema_rename said[SAID_MOST] = {{0}};
		size_t count = read_said(rows[i].said, said);
		struct schema_renames r;
		struct error err = {0};

		if (!CHECK(!schema_rename(pool, from, to, said, count, &r, &err))) {
			fprintf(stderr, "  %s\n", rows[i].said);
			continue;
		}
		CHECK_STR(err.code->name, "DIFFER_405");
		CHECK_HAS(err.message, rows[i].says);
	}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(what_is_foretold_is_what_the_server_prints),
		CASE(plans_with_renames_lead_there_and_back),
		CASE(what_cannot_be_meant_is_refused_in_words),
	};

	if (!cluster_start())
		return 2;
	arena_init(&test_arena);
	pool = schema_pool_new();
	int code = unit_main("db/structure_rename", cases, ARRAY_LEN(cases), argc, argv);
	schema_pool_free(pool);
	arena_fini(&test_arena);
	return code;
}
