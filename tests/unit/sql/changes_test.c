/* The change set: each case is a statement and its changes as rows. */
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/classify.h"
#include "tests/support/unit.h"
#include "tests/unit/sql/cases.h"

#include "shared/base/banned.h"

/* kind object tier (detail), joined by " | " */
static void
print_changes(struct text *out, const struct sql_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct sql_change *c = &changes->items[i];
		text_printf(out, "%s%s %s %s", i > 0 ? " | " : "", c->kind,
			    *c->object ? c->object : "-", c->tier ? c->tier : "?");
		if (c->detail != NULL)
			text_printf(out, " (%s)", c->detail);
	}
}

static void
describe(struct arena *arena, struct span sql, struct text *out)
{
	struct sql_changes changes = {0};

	sql_changes_of(arena, sql, &changes);
	print_changes(out, &changes);
}
#define CHECK_CASES(...) CHECK_SQL(describe, __VA_ARGS__)

static void
new_objects_are_additive(void)
{
	CHECK_CASES(
		{"create table if not exists s.t (a int)", "create_table s.t additive"},
		{"create table t as select 1", "create_table_as t additive"},
		{"select 1 into s.t", "create_table_as s.t additive"},
		{"create view v as select 1", "create_view v additive"},
		{"create materialized view s.v as select 1",
		 "create_materialized_view s.v additive"},
		{"create schema s", "create_schema s additive"},
		{"create schema s create table t (a int) create view v as select 1",
		 "create_schema s additive | create_table t additive | create_view v additive"},
		{"create sequence if not exists s.q", "create_sequence s.q additive"},
		{"create type t as enum ('a')", "create_type t additive"},
		{"create type s.t as (a int)", "create_type s.t additive"},
		{"create domain s.d as int", "create_domain s.d additive"},
		{"create extension e", "create_extension e additive"},
		{"create function s.f() returns int language sql as 'select 1'",
		 "create_function s.f additive"},
		{"create procedure p() language sql as ''", "create_procedure p additive"},
		{"create trigger g before insert on s.t execute function f()",
		 "create_trigger g additive (on s.t)"},
		{"create policy p on t", "create_policy p additive (on t)"},
		{"create rule r as on insert to t do nothing", "create_rule r additive (on t)"},
		{"create aggregate a (int) (sfunc = f, stype = int)",
		 "create_aggregate a additive"},
		{"create index concurrently i on s.t (a)", "create_index s.i additive (on s.t)"},
		{"alter type s.t add value 'x'", "alter_type s.t additive (add value)"},
		{"alter type t add attribute a int", "alter_type t additive"},
		{"insert into s.t values (1)", "insert s.t additive"},
		{"copy t from stdin", "copy t additive"});
}

static void
what_can_be_turned_back_is_reversible(void)
{
	CHECK_CASES({"create or replace view s.v as select 1", "replace_view s.v reversible"},
		    {"create or replace function f() returns int language sql as ''",
		     "replace_function f reversible"},
		    {"create or replace trigger g before insert on t execute function f()",
		     "replace_trigger g reversible (on t)"},
		    {"alter table s.a rename to b", "rename_table s.a reversible (to b)"},
		    {"alter table s.t rename a to b", "rename_column s.t.a reversible (to b)"},
		    {"alter table t rename constraint c to d",
		     "rename_constraint t.c reversible (to d)"},
		    {"alter index i rename to j", "rename_index i reversible (to j)"},
		    {"alter schema a rename to b", "rename_schema a reversible (to b)"},
		    {"alter function f(int) rename to g", "rename_function f reversible (to g)"},
		    {"alter table t alter a set default 1", "set_default t.a reversible"},
		    {"alter table t alter a drop default", "drop_default t.a reversible"},
		    {"alter table t alter a drop not null", "drop_not_null t.a reversible"},
		    {"alter table s.t owner to o", "change_owner s.t reversible"},
		    {"alter view v owner to o", "change_owner v reversible"},
		    {"alter function f(int) owner to o", "change_owner f reversible"},
		    {"alter table t set schema s", "change_schema t reversible (to s)"},
		    {"alter sequence s.q restart", "alter_sequence s.q reversible"},
		    {"alter default privileges grant select on tables to r",
		     "alter_default_privileges - reversible"},
		    {"grant select on s.t, u to r", "grant s.t reversible | grant u reversible"},
		    {"grant select on all tables in schema s to r",
		     "grant s reversible (all in schema)"},
		    {"grant a to b", "grant a reversible (role)"},
		    {"revoke all on t from r", "revoke t reversible"},
		    {"comment on table s.t is 'x'", "comment s.t reversible"},
		    {"comment on column s.t.c is 'x'", "comment s.t.c reversible"},
		    {"alter table t add constraint c check (a > 0) not valid",
		     "add_constraint t.c reversible (check, not valid)"},
		    {"alter table t add foreign key (a) references u not valid",
		     "add_constraint t reversible (foreign key, not valid)"},
		    {"alter table t validate constraint c", "validate_constraint t.c reversible"},
		    {"alter table t enable row level security", "enable_row_security t reversible"},
		    {"alter table t detach partition p", "detach_partition t reversible"});
}

static void
what_holds_locks_long_is_lock_risky(void)
{
	CHECK_CASES(
		{"create index i on t (a)", "create_index i lock_risky (on t)"},
		{"create unique index on s.t (a)", "create_index - lock_risky (on s.t)"},
		{"alter table t alter a set not null", "set_not_null t.a lock_risky"},
		{"alter table t add constraint c check (a > 0)",
		 "add_constraint t.c lock_risky (check)"},
		{"alter table t add primary key (a)", "add_constraint t lock_risky (primary key)"},
		{"alter table t add constraint c unique (a)",
		 "add_constraint t.c lock_risky (unique)"},
		{"cluster t using i", "cluster t lock_risky"},
		{"reindex table s.t", "reindex s.t lock_risky"},
		{"reindex schema s", "reindex s lock_risky"},
		{"refresh materialized view s.v", "refresh_materialized_view s.v lock_risky"},
		{"vacuum full t", "vacuum - lock_risky (full)"},
		{"lock table t", "lock t lock_risky"},
		{"alter table t set tablespace x", "set_tablespace t lock_risky"},
		{"alter table t attach partition p for values in (1)",
		 "attach_partition t lock_risky"});
}

static void
a_new_column_is_judged_by_what_it_brings(void)
{
#define ADD "alter table s.t add column c "
	CHECK_CASES(
		{ADD "int", "add_column s.t.c additive"},
		{ADD "int null", "add_column s.t.c additive"},
		{ADD "int default 1", "add_column s.t.c additive"},
		{ADD "int not null default 1", "add_column s.t.c additive"},
		{ADD "timestamptz not null default now()", "add_column s.t.c additive"},
		{ADD "timestamptz default current_timestamp", "add_column s.t.c additive"},
		{ADD "int not null", "add_column s.t.c lock_risky (not null without a default)"},
		{ADD "uuid default gen_random_uuid()",
		 "add_column s.t.c lock_risky (default is computed for every row)"},
		{ADD "float default 1 + random()",
		 "add_column s.t.c lock_risky (default is computed for every row)"},
		{ADD "serial", "add_column s.t.c lock_risky (value is computed for every row)"},
		{ADD "int generated always as identity",
		 "add_column s.t.c lock_risky (value is computed for every row)"},
		{ADD "int generated always as (1) stored",
		 "add_column s.t.c lock_risky (value is computed for every row)"},
		{ADD "int unique", "add_column s.t.c lock_risky (with a constraint)"},
		{ADD "int references u", "add_column s.t.c lock_risky (with a constraint)"},
		{ADD "int check (c > 0)", "add_column s.t.c lock_risky (with a constraint)"});
#undef ADD
}

static void
what_is_lost_is_destructive_or_irreversible(void)
{
	CHECK_CASES(
		{"drop table a, s.b", "drop_table a irreversible | drop_table s.b irreversible"},
		{"drop schema s cascade", "drop_schema s irreversible"},
		{"drop sequence s.q", "drop_sequence s.q irreversible"},
		{"alter table t drop column c", "drop_column t.c irreversible"},
		{"drop index s.i", "drop_index s.i destructive"},
		{"drop view v", "drop_view v destructive"},
		{"drop materialized view v", "drop_materialized_view v destructive"},
		{"drop function f(int), g",
		 "drop_function f destructive | drop_function g destructive"},
		{"drop procedure p()", "drop_procedure p destructive"},
		{"drop type s.t", "drop_type s.t destructive"},
		{"drop domain d", "drop_domain d destructive"},
		{"drop extension e", "drop_extension e destructive"},
		{"drop trigger g on s.t", "drop_trigger g destructive (on s.t)"},
		{"drop policy p on t", "drop_policy p destructive (on t)"},
		{"drop rule r on t", "drop_rule r destructive (on t)"},
		{"alter table t drop constraint c", "drop_constraint t.c destructive"},
		{"truncate a, s.b", "truncate a destructive | truncate s.b destructive"},
		{"delete from s.t", "delete s.t destructive"},
		{"update t set a = 1", "update t destructive"},
		{"merge into t using u on true when matched then delete", "merge t destructive"},
		{"insert into t values (1) on conflict (a) do update set b = 1",
		 "insert t destructive (on conflict do update)"},
		{"insert into t values (1) on conflict do nothing", "insert t additive"},
		{"with x as (delete from a returning *) insert into b select * from x",
		 "insert b additive | delete a destructive"},
		{"with x as (delete from a returning *) select * from x", "delete a destructive"},
		{"explain analyze delete from t", "delete t destructive"});
}

static void
every_action_of_alter_table_is_a_change(void)
{
	CHECK_CASES({"alter table only s.t add a int, drop column b, alter c set not null, alter d "
		     "type text, "
		     "add constraint e check (a > 0) not valid",
		     "add_column s.t.a additive | drop_column s.t.b irreversible | set_not_null "
		     "s.t.c lock_risky | "
		     "change_column_type s.t.d ? (to text) | add_constraint s.t.e reversible "
		     "(check, not valid)"},
		    {"alter table \"A b\" add \"C.d\" int", "add_column A b.C.d additive"});
}

static void
what_changes_nothing_gives_no_change_and_what_is_unknown_no_tier(void)
{
	CHECK_CASES({"select 1", ""}, {"set a = 1", ""}, {"begin", ""}, {"savepoint s", ""},
		    {"analyze t", ""}, {"vacuum t", ""}, {"explain delete from t", ""},
		    {"copy t to stdout", ""}, {"", ""}, {"-- x", ""},
		    {"select f(1)", "select f ? (calls a function)"},
		    {"select s.f(g())",
		     "select s.f ? (calls a function) | select g ? (calls a function)"},
		    {"do $$begin null; end$$", "do - ?"}, {"call p()", "call - ?"},
		    {"alter system set a = 1", "alter_system - ?"},
		    {"create role r", "create_role - ?"}, {"drop database d", "drop_database - ?"},
		    {"bogus x", "unknown - ? (BOGUS)"},
		    {"create table ??", "unknown - ? (CREATE TABLE)"});
}

static const struct unit_case cases[] = {
	CASE(new_objects_are_additive),
	CASE(what_can_be_turned_back_is_reversible),
	CASE(what_holds_locks_long_is_lock_risky),
	CASE(a_new_column_is_judged_by_what_it_brings),
	CASE(what_is_lost_is_destructive_or_irreversible),
	CASE(every_action_of_alter_table_is_a_change),
	CASE(what_changes_nothing_gives_no_change_and_what_is_unknown_no_tier),
};

int
main(int argc, char **argv)
{
	return unit_main("sql changes", cases, ARRAY_LEN(cases), argc, argv);
}
