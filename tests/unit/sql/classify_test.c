/* What a statement is: each case is a statement and all that is said of it. */
#include "shared/sql/classify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/runtime.h"
#include "shared/base/text.h"
#include "tests/support/unit.h"
#include "tests/unit/sql/cases.h"

#include "shared/base/banned.h"

static const char *const controls[] = {"",	    " begin",	  " commit",
				       " rollback", " savepoint", " two-phase"};
static const char *const settles[] = {"", " again", " catalogue", " never"};
static const char *const goals[] = {
	"",
	" index-created",
	" index-dropped",
	" index-rebuilt",
	" database-created",
	" database-dropped",
	" partition-detached",
	" other",
};

static void
print_goal(struct text *out, const struct sql_goal *g)
{
	text_put(out, goals[g->kind]);
	if (g->schema != NULL)
		text_printf(out, " s=%s", g->schema);
	if (g->name != NULL)
		text_printf(out, " n=%s", g->name);
	if (g->table_schema != NULL)
		text_printf(out, " ts=%s", g->table_schema);
	if (g->table != NULL)
		text_printf(out, " t=%s", g->table);
	if (g->if_exists)
		text_put(out, " if");
}

/* All facts as words; a fact that is as usual has none. */
static void
print_facts(struct text *out, const struct sql_facts *f)
{
	text_put(out, f->tag);
	text_put(out, f->parsed ? "" : " unparsed");
	text_put(out, f->transactional ? "" : " outside");
	text_put(out, controls[f->control]);
	text_put(out, settles[f->settle]);
	print_goal(out, &f->goal);
	if (f->drops_lock != (f->drops_lock_by != NULL))
		text_put(out, " INCONSISTENT");
	if (f->drops_lock)
		text_printf(out, " unlocks=%s", f->drops_lock_by);
	text_put(out, f->adds_enum_value ? " enum-value" : "");
	text_put(out, f->copy_from_stdin ? " stdin" : "");
	text_put(out, f->read_only_query ? " read-only" : "");
	text_put(out, f->counts_rows ? " rows" : "");
}

static void
describe(struct arena *arena, struct span sql, struct text *out)
{
	struct sql_facts facts;

	sql_classify(arena, sql, &facts);
	print_facts(out, &facts);
}
#define CHECK_CASES(...) CHECK_SQL(describe, __VA_ARGS__)

static void
tags_are_postgresqls_words(void)
{
	CHECK_CASES(
		{"create table t (a int)", "CREATE TABLE"},
		{"create table t as select 1", "CREATE TABLE AS"},
		{"select 1 into t", "SELECT INTO"},
		{"create materialized view v as select 1", "CREATE MATERIALIZED VIEW"},
		{"create view v as select 1", "CREATE VIEW"},
		{"create unique index on t (a)", "CREATE INDEX"},
		{"create sequence s", "CREATE SEQUENCE"}, {"create schema s", "CREATE SCHEMA"},
		{"create function f() returns int language sql as 'select 1'", "CREATE FUNCTION"},
		{"create procedure p() language sql as ''", "CREATE PROCEDURE"},
		{"create aggregate a (int) (sfunc = f, stype = int)", "CREATE AGGREGATE"},
		{"create operator + (procedure = f)", "CREATE OPERATOR"},
		{"create type t as (a int)", "CREATE TYPE"},
		{"create type t as enum ('a')", "CREATE TYPE"},
		{"create type t as range (subtype = int)", "CREATE TYPE"},
		{"create type t", "CREATE TYPE"}, {"create domain d as int", "CREATE DOMAIN"},
		{"create extension e", "CREATE EXTENSION"},
		{"create trigger t before insert on u execute function f()", "CREATE TRIGGER"},
		{"create policy p on t", "CREATE POLICY"},
		{"create rule r as on insert to t do nothing", "CREATE RULE"},
		{"create role r", "CREATE ROLE"},
		{"create collation c from \"C\"", "CREATE COLLATION"},
		{"create text search configuration c (copy = simple)",
		 "CREATE TEXT SEARCH CONFIGURATION"},
		{"create foreign table t (a int) server s", "CREATE FOREIGN TABLE"},
		{"create server s foreign data wrapper w", "CREATE SERVER"},
		{"create foreign data wrapper w", "CREATE FOREIGN DATA WRAPPER"},
		{"create user mapping for u server s", "CREATE USER MAPPING"},
		{"create event trigger e on sql_drop execute function f()", "CREATE EVENT TRIGGER"},
		{"create publication p", "CREATE PUBLICATION"},
		{"create statistics s on a, b from t", "CREATE STATISTICS"},
		{"create cast (a as b) without function", "CREATE CAST"},
		{"create operator class c for type t using btree as storage t",
		 "CREATE OPERATOR CLASS"},
		{"create language l", "CREATE EXTENSION"},
		{"create access method m type index handler h", "CREATE ACCESS METHOD"});
}

static void
tags_of_changes_name_the_object(void)
{
	CHECK_CASES(
		{"drop table a, b", "DROP TABLE"}, {"drop view v", "DROP VIEW"},
		{"drop materialized view v", "DROP MATERIALIZED VIEW"},
		{"drop index i", "DROP INDEX"}, {"drop function f(int)", "DROP FUNCTION"},
		{"drop type t", "DROP TYPE"},
		{"drop text search parser p", "DROP TEXT SEARCH PARSER"},
		{"drop operator family f using btree", "DROP OPERATOR FAMILY"},
		{"drop statistics s", "DROP STATISTICS"}, {"drop server s", "DROP SERVER"},
		{"drop role r", "DROP ROLE"}, {"drop owned by r", "DROP OWNED"},
		{"drop cast (a as b)", "DROP CAST"}, {"drop trigger t on u", "DROP TRIGGER"},
		{"alter table t add a int", "ALTER TABLE"},
		{"alter index i set (fillfactor = 70)", "ALTER INDEX"},
		{"alter view v alter a set default 1", "ALTER VIEW"},
		{"alter sequence s owned by none", "ALTER SEQUENCE"},
		{"alter table t rename to u", "ALTER TABLE"},
		{"alter table t rename a to b", "ALTER TABLE"},
		{"alter view v rename a to b", "ALTER VIEW"},
		{"alter index i rename to j", "ALTER INDEX"},
		{"alter table t rename constraint c to d", "ALTER TABLE"},
		{"alter type t rename attribute a to b", "ALTER TYPE"},
		{"alter type t add attribute a int", "ALTER TYPE"},
		{"alter type t rename value 'a' to 'b'", "ALTER TYPE"},
		{"alter domain d drop not null", "ALTER DOMAIN"},
		{"alter table t owner to o", "ALTER TABLE"},
		{"alter function f(int) owner to o", "ALTER FUNCTION"},
		{"alter procedure p() security definer", "ALTER PROCEDURE"},
		{"alter table t set schema s", "ALTER TABLE"},
		{"alter extension e update", "ALTER EXTENSION"},
		{"alter default privileges grant select on tables to r",
		 "ALTER DEFAULT PRIVILEGES"},
		{"alter role r set a = 1", "ALTER ROLE"},
		{"alter database d set a = 1", "ALTER DATABASE"},
		{"alter policy p on t using (true)", "ALTER POLICY"},
		{"alter trigger a on t rename to b", "ALTER TRIGGER"},
		{"comment on table t is 'pg_advisory_unlock(1)'", "COMMENT"},
		{"security label on table t is 'x'", "SECURITY LABEL"},
		{"grant select on t to r", "GRANT"}, {"revoke select on t from r", "REVOKE"},
		{"grant a to b", "GRANT ROLE"}, {"revoke a from b", "REVOKE ROLE"},
		{"set a = 1", "SET"}, {"reset a", "RESET"}, {"reset all", "RESET"},
		{"show a", "SHOW"}, {"set constraints all deferred", "SET CONSTRAINTS"},
		{"lock table t", "LOCK TABLE"}, {"truncate t", "TRUNCATE TABLE"},
		{"analyze t", "ANALYZE"}, {"explain select 1", "EXPLAIN"}, {"notify n", "NOTIFY"},
		{"listen n", "LISTEN"}, {"unlisten *", "UNLISTEN"}, {"checkpoint", "CHECKPOINT"},
		{"prepare p as select 1", "PREPARE"}, {"execute p", "EXECUTE"},
		{"deallocate p", "DEALLOCATE"}, {"deallocate all", "DEALLOCATE ALL"},
		{"declare c cursor for select 1", "DECLARE CURSOR"}, {"fetch c", "FETCH"},
		{"move c", "MOVE"}, {"close c", "CLOSE CURSOR"}, {"close all", "CLOSE CURSOR ALL"},
		{"discard plans", "DISCARD PLANS"}, {"discard temp", "DISCARD TEMP"},
		{"discard sequences", "DISCARD SEQUENCES"},
		{"reassign owned by a to b", "REASSIGN OWNED"},
		{"import foreign schema a from server b into c", "IMPORT FOREIGN SCHEMA"},
		{"refresh materialized view v", "REFRESH MATERIALIZED VIEW"}, {"load 'x'", "LOAD"});
}

static void
what_cannot_run_in_a_transaction_is_known_and_how_it_is_settled(void)
{
	CHECK_CASES(
		{"create index concurrently i on s.t (a)",
		 "CREATE INDEX outside catalogue index-created s=s n=i ts=s t=t"},
		{"create unique index concurrently if not exists i on t (a)",
		 "CREATE INDEX outside catalogue index-created n=i t=t if"},
		{"create index concurrently on only \"T\" (a)",
		 "CREATE INDEX outside catalogue index-created t=T"},
		{"drop index concurrently if exists s.i",
		 "DROP INDEX outside catalogue index-dropped s=s n=i if"},
		{"drop index concurrently i", "DROP INDEX outside catalogue index-dropped n=i"},
		{"reindex index concurrently s.i",
		 "REINDEX outside catalogue index-rebuilt s=s n=i"},
		{"reindex table concurrently s.t",
		 "REINDEX outside catalogue index-rebuilt ts=s t=t"},
		{"reindex (verbose, concurrently) table t",
		 "REINDEX outside catalogue index-rebuilt t=t"},
		{"reindex (concurrently off) table t", "REINDEX"},
		{"reindex (concurrently 0) index i", "REINDEX"}, {"reindex table t", "REINDEX"},
		{"reindex index i", "REINDEX"}, {"reindex schema s", "REINDEX outside again"},
		{"reindex schema concurrently s", "REINDEX outside again"},
		{"reindex database d", "REINDEX outside again"},
		{"reindex system d", "REINDEX outside again"}, {"vacuum", "VACUUM outside again"},
		{"vacuum full t", "VACUUM outside again"},
		{"vacuum (analyze) t", "VACUUM outside again"},
		{"cluster", "CLUSTER outside again"}, {"cluster t using i", "CLUSTER"},
		{"create database d", "CREATE DATABASE outside catalogue database-created n=d"},
		{"drop database if exists d with (force)",
		 "DROP DATABASE outside catalogue database-dropped n=d if"},
		{"alter database d set tablespace t", "ALTER DATABASE outside again"},
		{"alter database d connection limit 3", "ALTER DATABASE"},
		{"alter system set a = 1", "ALTER SYSTEM outside again"},
		{"create tablespace t location '/x'", "CREATE TABLESPACE outside never other"},
		{"drop tablespace t", "DROP TABLESPACE outside never other"},
		{"alter table s.t detach partition u.p concurrently",
		 "ALTER TABLE outside catalogue partition-detached s=u n=p ts=s t=t"},
		{"alter table t detach partition p", "ALTER TABLE"},
		{"alter table t detach partition p finalize", "ALTER TABLE"},
		{"create subscription s connection 'c' publication p",
		 "CREATE SUBSCRIPTION outside never other"},
		{"create subscription s connection 'c' publication p with (connect = false)",
		 "CREATE SUBSCRIPTION"},
		{"create subscription s connection 'c' publication p with (create_slot = false)",
		 "CREATE SUBSCRIPTION"},
		{"create subscription s connection 'c' publication p with (slot_name = none)",
		 "CREATE SUBSCRIPTION"},
		{"drop subscription s", "DROP SUBSCRIPTION outside never other"},
		{"alter subscription s refresh publication", "ALTER SUBSCRIPTION outside again"},
		{"alter subscription s set publication p", "ALTER SUBSCRIPTION outside again"},
		{"alter subscription s set publication p with (refresh = false)",
		 "ALTER SUBSCRIPTION"},
		{"alter subscription s add publication p",
		 "ALTER SUBSCRIPTION outside never other"},
		{"alter subscription s disable", "ALTER SUBSCRIPTION"},
		{"refresh materialized view concurrently v", "REFRESH MATERIALIZED VIEW"},
		{"alter type t add value 'x'", "ALTER TYPE enum-value"},
		{"alter type t add value if not exists 'x' before 'y'", "ALTER TYPE enum-value"},
		{"call p()", "CALL never"});
}

static void
transaction_control_is_told_apart(void)
{
	CHECK_CASES({"begin", "BEGIN begin"}, {"begin isolation level serializable", "BEGIN begin"},
		    {"start transaction", "START TRANSACTION begin"}, {"commit", "COMMIT commit"},
		    {"end", "COMMIT commit"}, {"commit and chain", "COMMIT commit"},
		    {"rollback", "ROLLBACK rollback"}, {"abort", "ROLLBACK rollback"},
		    {"rollback to savepoint s", "ROLLBACK savepoint"},
		    {"rollback to s", "ROLLBACK savepoint"}, {"savepoint s", "SAVEPOINT savepoint"},
		    {"release s", "RELEASE savepoint"},
		    {"prepare transaction 'x'", "PREPARE TRANSACTION two-phase"},
		    {"commit prepared 'x'", "COMMIT PREPARED outside two-phase never other"},
		    {"rollback prepared 'x'", "ROLLBACK PREPARED outside two-phase never other"});
}

static void
a_body_that_commits_cannot_be_settled(void)
{
	CHECK_CASES({"do $$begin null; end$$", "DO"},
		    {"do $$begin commit; end$$", "DO outside never"},
		    {"do $$begin update t set a = 1; commit; end$$", "DO outside never"},
		    {"do $$begin rollback; end$$", "DO outside never"},
		    {"do $$begin loop commit and chain; end loop; end$$", "DO outside never"},
		    {"do $$begin if a then commit; end if; end$$", "DO outside never"},
		    {"do $$begin <<x>> commit; end$$", "DO outside never"},
		    {"do $$begin /* commit; */ null; -- commit;\nend$$", "DO"},
		    {"do $$begin raise 'commit;'; end$$", "DO"},
		    {"do $$begin select commit from t; end$$", "DO"},
		    {"do $$declare commit int; begin perform rollback; end$$", "DO"},
		    {"do language plpgsql 'begin commit; end'", "DO outside never"},
		    {"do language plpython3u $$plpy.commit()$$", "DO outside never"},
		    {"do 'begin null; end'", "DO"},
		    {"create procedure p() language plpgsql as $$begin commit; end$$",
		     "CREATE PROCEDURE"});
}

static void
what_drops_the_lock_is_found_wherever_it_hides(void)
{
#define U "pg_advisory_unlock"
	CHECK_CASES(
		{"discard all", "DISCARD ALL outside again unlocks=discard all"},
		{"select " U "(1)", "SELECT unlocks=" U " read-only"},
		{"select pg_catalog." U "_all()", "SELECT unlocks=" U "_all read-only"},
		{"SELECT PG_ADVISORY_UNLOCK_SHARED(1, 2)", "SELECT unlocks=" U "_shared read-only"},
		{"select \"" U "\"(1)", "SELECT unlocks=" U " read-only"},
		{"insert into t select a from (select " U "(1) a) x", "INSERT unlocks=" U " rows"},
		{"with x as (select " U "(1)) update t set a = 1", "UPDATE unlocks=" U " rows"},
		{"create view v as select case when true then " U "(1) end",
		 "CREATE VIEW unlocks=" U},
		{"create table t (a bool default " U "(1))", "CREATE TABLE unlocks=" U},
		{"explain analyze select " U "_all()", "EXPLAIN unlocks=" U "_all"},
		{"prepare p as select " U "_all()", "PREPARE unlocks=" U "_all"},
		{"do $$begin perform " U "(1); end$$", "DO unlocks=" U},
		{"do $$begin execute 'select ' || '" U "_all()'; end$$", "DO unlocks=" U "_all"},
		{"do $$begin discard all; end$$", "DO unlocks=discard all"},
		{"do $$begin execute 'discard all'; end$$", "DO unlocks=discard all"},
		{"do $$begin -- " U "(1)\n null; end$$", "DO"},
		{"create function f() returns void language plpgsql as $$begin perform " U
		 "(1); end$$",
		 "CREATE FUNCTION unlocks=" U},
		{"create function f() returns bool begin atomic select " U "(1); end",
		 "CREATE FUNCTION unlocks=" U},
		{"create function f() returns bool return " U "(1)", "CREATE FUNCTION unlocks=" U},
		{"call p(" U "(1))", "CALL never unlocks=" U},
		{"select '" U "(1)'", "SELECT read-only"},
		{"select " U " from t", "SELECT read-only"},
		{"select pg_advisory_lock(1)", "SELECT read-only"},
		{"select my_" U "(1)", "SELECT read-only"},
		{"insert into t values ('discard all')", "INSERT rows"},
		{"do $$begin perform pg_advisory_xact_lock(1); end$$", "DO"});
#undef U
}

static void
queries_and_rows_are_told_apart(void)
{
	CHECK_CASES({"select 1", "SELECT read-only"}, {"values (1)", "SELECT read-only"},
		    {"table t", "SELECT read-only"},
		    {"with x as (select 1) select * from x", "SELECT read-only"},
		    {"(select 1) union (select 2)", "SELECT read-only"},
		    {"select 1 for update", "SELECT"},
		    {"select * from (select 1 for share) x", "SELECT"},
		    {"with x as (insert into t values (1) returning 1) select * from x", "SELECT"},
		    {"with x as (delete from t returning 1) select 1", "SELECT"},
		    {"insert into t values (1)", "INSERT rows"},
		    {"update t set a = 1", "UPDATE rows"}, {"delete from t", "DELETE rows"},
		    {"merge into t using u on true when matched then delete", "MERGE rows"},
		    {"copy t from stdin", "COPY stdin rows"},
		    {"copy t (a) from stdin with (format csv)", "COPY stdin rows"},
		    {"copy t from '/x'", "COPY rows"}, {"copy t from program 'x'", "COPY rows"},
		    {"copy t to stdout", "COPY"}, {"copy (select 1) to stdout", "COPY"});
}

static void
what_the_parser_does_not_know_is_judged_by_its_words(void)
{
	CHECK_CASES(
		{"", " unparsed"}, {"-- x", " unparsed"}, {"bogus thing", "BOGUS unparsed"},
		{"(((", " unparsed"}, {"\\x", "X unparsed"},
		{"select 1; select 2", "SELECT unparsed"}, {"\xff", "\xff unparsed"},
		{"/* x */ begin ??", "BEGIN unparsed begin"},
		{"commit ??", "COMMIT unparsed commit"}, {"end ??", "COMMIT unparsed commit"},
		{"abort ??", "ROLLBACK unparsed rollback"},
		{"start transaction ??", "START TRANSACTION unparsed begin"},
		{"rollback ??", "ROLLBACK unparsed rollback"},
		{"rollback work to ??", "ROLLBACK unparsed savepoint"},
		{"savepoint ??", "SAVEPOINT unparsed savepoint"},
		{"release ??", "RELEASE unparsed savepoint"},
		{"prepare transaction ??", "PREPARE TRANSACTION unparsed two-phase"},
		{"commit prepared ??", "COMMIT PREPARED unparsed outside two-phase never other"},
		{"create -- x\n unique /* y */ index concurrently i on t (a) ??",
		 "CREATE INDEX unparsed outside never other"},
		{"create index i on t ??", "CREATE INDEX unparsed"},
		{"drop index concurrently a ??", "DROP INDEX unparsed outside never other"},
		{"reindex (tablespace x) table concurrently t ??",
		 "REINDEX unparsed outside never other"},
		{"reindex schema s ??", "REINDEX unparsed outside again"},
		{"reindex table t ??", "REINDEX unparsed"},
		{"vacuum (new_option) t ??", "VACUUM unparsed outside again"},
		{"cluster ??", "CLUSTER unparsed"},
		{"create database d ??", "CREATE DATABASE unparsed outside never other"},
		{"alter database d set tablespace t ??", "ALTER DATABASE unparsed outside again"},
		{"alter system set a ??", "ALTER SYSTEM unparsed outside again"},
		{"alter table only t detach partition p concurrently ??",
		 "ALTER TABLE unparsed outside never other"},
		{"discard all ??", "DISCARD ALL unparsed outside again unlocks=discard all"},
		{"alter type t add value 'x' ??", "ALTER TYPE unparsed enum-value"},
		{"call p() ??", "CALL unparsed never"},
		{"do $$begin commit; end$$ ??", "DO unparsed outside never"},
		{"do $$begin null; end$$ ??", "DO unparsed"},
		{"do $$begin perform pg_advisory_unlock(1); end$$ ??",
		 "DO unparsed unlocks=pg_advisory_unlock"},
		{"select pg_advisory_unlock_all() ??",
		 "SELECT unparsed unlocks=pg_advisory_unlock_all"},
		{"insert into t values ('pg_advisory_unlock(1)') ??", "INSERT unparsed rows"},
		{"copy t from stdin ??", "COPY unparsed stdin rows"},
		{"copy t to stdout ??", "COPY unparsed"},
		{"create or replace temp view v ??", "CREATE VIEW unparsed"},
		{"create property graph g", "CREATE PROPERTY unparsed"},
		{"update t ??", "UPDATE unparsed rows"},
		{"with x as (select 1) selec", "WITH unparsed"});
}

/* ---- large and deep ---- */

static void
repeat(struct text *t, const char *before, const char *unit, size_t times, const char *after)
{
	text_init(t, 0);
	text_put(t, before);
	while (times-- > 0)
		text_put(t, unit);
	text_put(t, after);
}

struct deep_case {
	const char *before, *unit;
	size_t times;
	const char *after;
	const char *expected;
};

static void
run_deep(void *arg)
{
	static const struct deep_case cases[] = {
		{"select 1", "+1", 1000, "", "SELECT read-only"},
		{"select 1", "+1", 1000000, "", "SELECT unparsed"},
		{"select 1", "+1", 30000, "", "SELECT unparsed"},
		{"select ", "(", 20000, "1", "SELECT unparsed"},
		{"select ", "not ", 50000, "true", "SELECT unparsed"},
		{"select 1", " union select 1, 2", 10000, "", "SELECT unparsed"},
		{"select 1", " union all select 1", 900, "", "SELECT read-only"},
		{"select * from a", " cross join b", 1000, "", "SELECT read-only"},
		{"select a", "[1]", 900, "", "SELECT read-only"},
		{"select a", "[a", 2000, "", "SELECT unparsed"},
		{"insert into t values (1)", ",(1, 'some text', -3)", 40000, "", "INSERT rows"},
		{"insert into t values (1)", ",(1, 'some text', -3)", 100000, "",
		 "INSERT unparsed rows"},
		{"select 1 where 1 in (1", ",2", 100000, ")", "SELECT read-only"},
		{"vacuum (", "full, ", 200000, "verbose)", "VACUUM unparsed outside again"},
	};

	(void)arg;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct deep_case *c = &cases[i];
		struct text sql, got;
		struct arena arena;
		struct sql_facts facts;
		repeat(&sql, c->before, c->unit, c->times, c->after);
		text_init(&got, 0);
		arena_init(&arena);
		sql_classify(&arena, text_span(&sql), &facts);
		print_facts(&got, &facts);
		if (!CHECK_STR(got.ptr, c->expected))
			fprintf(stderr, "  of: %s %s x %zu\n", c->before, c->unit, c->times);
		arena_fini(&arena);
		text_fini(&got);
		text_fini(&sql);
	}
}

static void
size_and_depth_never_reach_the_parser(void)
{
	struct runtime *rt = runtime_system();

	rt->ops->thread_join(rt, rt->ops->thread_start(rt, "deep", run_deep, NULL));
}

static void
names_are_quoted(void)
{
	static const struct {
		const char *schema, *name, *expected;
	} cases[] = {
		{NULL, "t", "\"t\""},
		{"s", "t", "\"s\".\"t\""},
		{NULL, "", "\"\""},
		{"a\"b", "\"", "\"a\"\"b\".\"\"\"\""},
		{NULL, "a.b;--", "\"a.b;--\""},
		{NULL, "\xc3\xa9", "\"\xc3\xa9\""},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_STR(sql_quote_name(&arena, cases[i].schema, cases[i].name),
			  cases[i].expected);
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(tags_are_postgresqls_words),
	CASE(tags_of_changes_name_the_object),
	CASE(what_cannot_run_in_a_transaction_is_known_and_how_it_is_settled),
	CASE(transaction_control_is_told_apart),
	CASE(a_body_that_commits_cannot_be_settled),
	CASE(what_drops_the_lock_is_found_wherever_it_hides),
	CASE(queries_and_rows_are_told_apart),
	CASE(what_the_parser_does_not_know_is_judged_by_its_words),
	CASE(size_and_depth_never_reach_the_parser),
	CASE(names_are_quoted),
};

int
main(int argc, char **argv)
{
	return unit_main("sql classify", cases, ARRAY_LEN(cases), argc, argv);
}
