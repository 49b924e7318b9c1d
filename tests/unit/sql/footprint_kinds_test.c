/* A footprint for each kind of statement: the text, and its accesses as rows. */
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint.h"
#include "tests/support/unit.h"
#include "tests/unit/sql/footprint_print.h"

#include "shared/base/banned.h"

static void
views_rules_and_tables_from_queries(void)
{
	CHECK_CASES({"create view v as select a.x, f(b.y) from t a join s.u b on a.id = b.id",
		     "create public.v | (create public.v) | read public.t | read s.u | "
		     "read public.t.x | read public.f | read s.u.y | read public.t.id | "
		     "read s.u.id"},
		    {"create materialized view if not exists m as select x from t",
		     "create public.m? | (create public.m?) | read public.t | "
		     "read public.t.x"},
		    {"create table n as select x::mood from t",
		     "create public.n | (create public.n) | read public.t | "
		     "read public.t.x | read public.mood"},
		    {"select x into n from t",
		     "create public.n | (create public.n) | read public.t | read public.t.x"},
		    {"refresh materialized view m", "data public.m [refresh]"},
		    {"create rule r as on insert to t do also insert into u (a) values (new.a)",
		     "extend rule r of public.t | data public.u [insert] | "
		     "read public.u.a | read public.t.a"});
}

static void
the_server_and_what_lies_beside_schemas(void)
{
	CHECK_CASES(
		{"create or replace view v as with w as (select x from t) select w.x from w",
		 "create public.v? | (create public.v?) | read public.t | "
		 "read public.t.x"},
		{"create foreign table t (a int) server s",
		 "create public.t | (create public.t) | read server s"},
		{"import foreign schema f limit to (a, b) from server s into l",
		 "read server s | read schema l | create l.a | create l.b"},
		{"create server s foreign data wrapper w",
		 "create server s | read foreign data wrapper w"},
		{"create user mapping for bob server s options (password 'secret')",
		 "create user mapping \"bob at s\" | read server s | read role bob"},
		{"create extension if not exists e schema s",
		 "create extension e? | read schema s"},
		{"alter extension e add table t", "alter public.t [extension] | read extension e"},
		{"create publication p for table t (a) where (b > 0), tables in schema s",
		 "create publication p | read public.t | read public.t.b | "
		 "read public.t.a | read schema s"},
		{"alter publication p drop table t",
		 "drop member \"table public.t\" of publication p | read public.t"},
		{"create subscription s connection 'host=x password=secret' publication p",
		 "create subscription s"},
		{"create database d", "create database d"},
		{"alter database d set work_mem = 1", "alter database d [setting work_mem]"},
		{"alter system set work_mem = 1", "alter setting work_mem [value]"},
		{"set search_path = a, b; create table t (x int); alter table only b.u add y int",
		 "create a.t | (create a.t) | extend b.u.y"},
		{"listen a; notify a; begin; commit; checkpoint; discard all; set constraints all "
		 "deferred; show all",
		 ""},
		{"load 'x'", "opaque: LOAD runs code of a library"});
}

static void
indexes_and_statistics(void)
{
	CHECK_CASES(
		{"create index on t (lower(a), b) where c > 0",
		 "create public.t_lower_b_idx | index index t_lower_b_idx of public.t | "
		 "read public.lower | read public.t.a | read public.t.b | "
		 "read public.t.c"},
		{"create unique index concurrently if not exists i on s.t (a)",
		 "create s.i? | index index i of s.t? | (constrain key a of s.t?) | "
		 "read s.t.a"},
		{"alter index i rename to j", "rename public.i [name] | (create public.j)"},
		{"reindex table t", "read public.t"},
		{"cluster t using i", "read public.t | alter public.t [cluster] | read public.i"},
		{"create statistics st on a, b from t",
		 "create public.st | index index st of public.t | read public.t.a | "
		 "read public.t.b"});
}

static void
routines_and_operators(void)
{
	CHECK_CASES(
		{"create function f(a int, b text default g()) returns mood language sql as "
		 "'select x from t where y = a'",
		 "create public.f(integer, text) | read public.mood | read public.g | "
		 "read public.t | read public.t.x | read public.t.y | read public.t.a"},
		{"create procedure p() language plpgsql as $$declare r u%rowtype; begin insert "
		 "into t values (1); perform h(1); end$$",
		 "create public.p() | read public.u | read public.t [insert] | "
		 "read public.t.* | read public.h | read language plpgsql"},
		{"create function f() returns int language sql begin atomic select a from t; end",
		 "create public.f() | read public.t | read public.t.a"},
		{"create function f() returns int language plpython3u as 'return 1'",
		 "create public.f() | read language plpython3u | "
		 "opaque: a function body in a language that is not read"},
		{"alter function f(int4) set work_mem = 1 stable",
		 "alter public.f(integer) [setting work_mem] | "
		 "alter public.f(integer) [volatility]"},
		{"drop function if exists s.f(int, varchar) cascade",
		 "drop s.f(integer, character varying)?!"},
		{"drop function f", "drop public.f"},
		{"call p(1)", "read public.p | opaque: CALL runs code that is not in this text"},
		{"do $$begin alter table t add c int; if true then drop table u; end if; execute "
		 "'drop view v'; execute x; end$$",
		 "extend public.t.c | drop public.u~ | (drop public.u~) | "
		 "drop public.v~ | (drop public.v~) | opaque: DO runs code | "
		 "opaque: it runs text that is made at run time"},
		{"create aggregate agg(int) (sfunc = f, stype = int)",
		 "create public.agg(integer) | read public.f"},
		{"create operator === (leftarg = text, rightarg = text, function = f)",
		 "create public.\"===\"(text, text) | read public.f"},
		{"alter operator === (text, text) set (restrict = eqsel)",
		 "alter public.\"===\"(text, text) [option restrict] | read public.eqsel"},
		{"create operator class oc for type a using btree as operator 1 <, function 1 f(a, "
		 "a)",
		 "create public.oc | (create public.oc) | read public.a | "
		 "read public.\"<\" | read public.f(public.a, public.a)"});
}

static void
triggers_and_policies(void)
{
	CHECK_CASES({"create trigger g before update of a on t for each row when (old.b > 0) "
		     "execute function s.f()",
		     "extend trigger g of public.t | read s.f() | read public.t.a | "
		     "read public.t.b"},
		    {"create event trigger e on ddl_command_start execute function f()",
		     "create event trigger e | read public.f()"},
		    {"alter event trigger e disable", "alter event trigger e [enabled]"},
		    {"create policy p on t to bob using (a = (select b from u))",
		     "extend policy p of public.t | read role bob | read public.u | "
		     "read public.t.a | read public.u.b | read public.t.b~"},
		    {"alter policy p on t to bob with check (a > 0)",
		     "alter policy p of public.t [roles] | "
		     "alter policy p of public.t [check] | read role bob | read public.t.a"},
		    {"drop policy if exists p on t", "drop policy p of public.t?"},
		    {"drop trigger g on s.t", "drop trigger g of s.t"});
}

static void
types_and_what_is_defined(void)
{
	CHECK_CASES({"create type e as enum ('a')", "create public.e"},
		    {"create type c as (a int, b mood)",
		     "create public.c | (create public.c) | read public.mood"},
		    {"create type r as range (subtype = d)", "create public.r | read public.d"},
		    {"alter type e add value if not exists 'b' after 'a'",
		     "extend label b of public.e [place]? | read label a of public.e"},
		    {"alter type e rename value 'a' to 'z'",
		     "rename label a of public.e [name] | (extend label z of public.e)"},
		    {"alter type c add attribute x mood cascade",
		     "extend public.c.x | read public.mood"},
		    {"create domain d as mood check (f(value))",
		     "create public.d | read public.mood | read public.f"},
		    {"alter domain d add constraint k check (value > 0)",
		     "constrain constraint k of public.d"},
		    {"alter domain d drop constraint k", "drop constraint k of public.d"},
		    {"create collation co (locale = 'C')", "create public.co"},
		    {"create cast (a as b) with function f(a)",
		     "create cast \"public.a public.b\" | read public.a | read public.b | "
		     "read public.f(public.a)"},
		    {"create text search configuration c (parser = p)",
		     "create public.c | read public.p"},
		    {"alter text search configuration c alter mapping for word with d",
		     "alter public.c [mapping of word] | read public.d"});
}

static void
sequences_and_schemas(void)
{
	CHECK_CASES({"create sequence s owned by t.a",
		     "create public.s | read public.t | read public.t.a"},
		    {"alter sequence if exists s increment 2 restart",
		     "alter public.s [option increment]? | data public.s [option restart]?"},
		    {"create schema s authorization bob create table t (a int)",
		     "create schema s | read role bob [owner] | create s.t | (create s.t)"},
		    {"drop schema s cascade", "drop schema s!"},
		    {"alter schema s rename to z", "rename schema s [name] | (create schema z)"});
}

static void
tables_heirs_and_constraints(void)
{
	CHECK_CASES({"alter table t set schema s",
		     "rename public.t [schema] | (create s.t) | "
		     "(rename public.t [schema]) | (create s.t) | read schema s"},
		    {"create table p partition of t for values in ('a', 'b')",
		     "create public.p | (create public.p) | "
		     "extend partition p of public.t | read public.t [parent]"},
		    {"alter table t attach partition s.p default",
		     "extend partition p of public.t [attached] | "
		     "(extend parent t of s.p [attached])"},
		    {"alter table t detach partition p concurrently",
		     "drop partition p of public.t [attached] | "
		     "(drop parent t of public.p [attached])"},
		    {"create table c () inherits (p)",
		     "create public.c | (create public.c) | read public.p [parent]"},
		    {"alter table c inherit p",
		     "extend parent p of public.c [inherits] | "
		     "(extend partition c of public.p [inherits]) | read public.p [parent]"},
		    {"create table t (like u including all, a int references v, constraint k "
		     "unique (a), exclude using gist (a with =))",
		     "create public.t | (create public.t) | read public.u [like] | "
		     "read public.u.* | read public.v [foreign key] | "
		     "read key \"PRIMARY\" of public.v | (create public.k) | "
		     "(create public.t_a_excl)"},
		    {"alter table t add foreign key (a, b) references s.u (c, d)",
		     "constrain constraint t_a_b_fkey of public.t | "
		     "read public.t.a [foreign key] | read public.t.b [foreign key] | "
		     "read s.u [foreign key] | read s.u.c [foreign key] | "
		     "read s.u.d [foreign key] | read key \"c,d\" of s.u"},
		    {"alter table t drop constraint t_a_key",
		     "drop constraint t_a_key of public.t | (drop public.t_a_key?)"},
		    {"alter table t add constraint k primary key using index i",
		     "constrain constraint k of public.t | rename public.i [name] | "
		     "(create public.k) | (constrain key \"PRIMARY\" of public.t)"},
		    {"alter table t alter a type s.mood using f(a), alter b set default "
		     "nextval('q'), alter c add generated always as identity",
		     "alter public.t.a [type] | read s.mood | read public.f | "
		     "read public.t.a | alter public.t.b [default] | read public.nextval | "
		     "read public.q | alter public.t.c [identity] | (create public.t_c_seq)"},
		    {"create tablespace ts location '/x'", "create tablespace ts"});
}

static void
privileges_and_roles(void)
{
	CHECK_CASES(
		{"grant select, update (a) on t to bob, public",
		 "grant public.t [SELECT for bob] | grant public.t.a [UPDATE for bob] | "
		 "read role bob | grant public.t [SELECT for public] | "
		 "grant public.t.a [UPDATE for public]"},
		{"revoke grant option for all on all tables in schema s from bob cascade",
		 "grant member tables of schema s [ALL for bob]! | read role bob"},
		{"grant execute on function f(int) to bob with grant option",
		 "grant public.f(integer) [EXECUTE for bob] | read role bob"},
		{"grant admin to bob", "grant role admin [membership for bob] | read role bob"},
		{"alter default privileges for role ann in schema s grant select on tables to bob",
		 "read role ann | read role bob"},
		{"create role r in role q", "create role r | read role q"},
		{"alter role r set search_path = s", "alter role r [setting search_path in all]"},
		{"alter role r password 'secret'", "alter role r [option password]"},
		{"drop role if exists r", "drop role r?"},
		{"drop owned by r",
		 "drop role r.* [owned]? | opaque: it drops whatever a role owns"},
		{"reassign owned by r to q", "alter role r [owned] | read role q [owner] | "
					     "opaque: it gives away whatever a role owns"});
}

static void
properties_of_any_object(void)
{
	CHECK_CASES(
		{"alter table t owner to bob", "alter public.t [owner] | read role bob [owner]"},
		{"comment on column s.t.a is 'x'", "alter s.t.a [comment]"},
		{"comment on constraint k on t is 'x'", "alter constraint k of public.t [comment]"},
		{"security label for p on table t is 'x'", "alter public.t [label p]"});
}

static void
rows(void)
{
	CHECK_CASES(
		{"insert into t (a) select b from u on conflict (a) do update set c = excluded.c",
		 "data public.t [insert] | read public.u | read public.t.a | "
		 "read public.t.c | read key a of public.t | read public.u.b | "
		 "read public.t.b~ | read public.t.c"},
		{"update t set a = u.b from u where u.id = t.id",
		 "data public.t [update] | read public.u | read public.t.a | "
		 "read public.u.b | read public.u.id | read public.t.id"},
		{"delete from s.t using u where t.a = u.a",
		 "data s.t [delete] | read public.u | read s.t.a | read public.u.a"},
		{"merge into t using u on t.a = u.a when matched then delete",
		 "data public.t [merge] | read public.u | read public.t.a | "
		 "read public.u.a"},
		{"with d as (delete from t returning a) insert into u select a from d",
		 "data public.u [insert] | data public.t [delete] | read public.u.* | "
		 "read public.u.a~ | read public.t.a | read public.u.a~"},
		{"truncate t, only u cascade",
		 "data public.t [truncate]! | data public.u [truncate]!"},
		{"copy t (a) from stdin", "data public.t [insert] | read public.t.a"},
		{"copy (select a from t) to stdout", "read public.t | read public.t.a"},
		{"lock table t", "read public.t"},
		{"vacuum analyze t (a)", "read public.t | read public.t.a"},
		{"explain analyze delete from t", "data public.t [delete]"},
		{"prepare q as insert into t values (1); execute q; execute other",
		 "data public.t [insert] | read public.t.* | "
		 "opaque: EXECUTE runs a statement that was prepared elsewhere"},
		{"declare c cursor for select a from t", "read public.t | read public.t.a"});
}

static const struct unit_case cases[] = {
	CASE(views_rules_and_tables_from_queries),
	CASE(the_server_and_what_lies_beside_schemas),
	CASE(indexes_and_statistics),
	CASE(routines_and_operators),
	CASE(triggers_and_policies),
	CASE(types_and_what_is_defined),
	CASE(sequences_and_schemas),
	CASE(tables_heirs_and_constraints),
	CASE(privileges_and_roles),
	CASE(properties_of_any_object),
	CASE(rows),
};

int
main(int argc, char **argv)
{
	return unit_main("sql footprint kinds", cases, ARRAY_LEN(cases), argc, argv);
}
