/* Every SQL text of ours is given to a real server, so that a slip in one is found before it runs.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "target_sql.h"
#include "tests/db/open.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

static void
prepare_all(const char *url, struct target *t)
{
	PGconn *conn = PQconnectdb(url);

	REQUIRE(PQstatus(conn) == CONNECTION_OK);
	for (unsigned i = 0; i < target_sql_count; i++) {
		const char *sql = own_text(target_pg_of(t), target_sql_all[i].text);
		PGresult *r = PQprepare(conn, "", sql, 0, NULL);

		CHECK(strchr(sql, '{') == NULL || strstr(sql, "{}") != NULL);
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			fprintf(stderr, "  %s.sql: %s", target_sql_all[i].name,
				PQresultErrorMessage(r));
		CHECK_INT(PQresultStatus(r), PGRES_COMMAND_OK);
		PQclear(r);
	}
	PQfinish(conn);
	CHECK(target_sql_count > 50);
}

static void
every_statement_is_understood_by_the_server(void)
{
	const char *url = test_database("statements");
	struct error err = {0};
	struct target *t = open_target(url, NULL);

	prepare_target(t, "job-1");
	MUST(t->ops->structure_note(t, "made when it is first wanted", &err), &err);
	prepare_all(url, t);
	close_target(t);
}

static void
every_statement_is_understood_with_odd_names(void)
{
	const char *url = test_database("statements");
	struct error err = {0};

	REQUIRE(pg_exec(url, "CREATE SCHEMA \"Odd \"\"Schéma\""));
	struct target *t = open_target(url, "Odd \"Schéma.Tb_$x");
	prepare_target(t, "job-1");
	MUST(t->ops->structure_note(t, "made when it is first wanted", &err), &err);
	prepare_all(url, t);
	close_target(t);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(every_statement_is_understood_by_the_server),
		CASE(every_statement_is_understood_with_odd_names),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/statements", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
