#include "tests/system/build_house.h"

#include "shared/base/banned.h"

void
build_settings(struct project *p, const char *more)
{
	project_file(p, "db/environments/local.yaml",
		     "database_url: \"%s\"\ninclude_dirs:\n  - db/schema\n%s", project_url(p),
		     more);
}

void
build_open(struct project *p)
{
	project_open(p);
	build_settings(p, "");
	project_file(p, "db/generated/.gitignore", "*\n"); /* a folder that is made stays */
	project_file(p, "db/schema/00_common/types.sql",
		     "CREATE TYPE mood AS ENUM ('sad', 'fine');\n");
	project_file(p, "db/schema/10_tables/orders.sql",
		     "CREATE TABLE orders (\n  id bigint PRIMARY KEY,\n  user_id bigint NOT NULL "
		     "REFERENCES users ON DELETE CASCADE\n);\n");
	project_file(p, "db/schema/10_tables/users.sql",
		     "CREATE TABLE users (id bigint PRIMARY KEY, mood mood);");
}

int
build_load(struct project *p, const char *file)
{
	const char *argv[] = {"psql", "-v", "ON_ERROR_STOP=1", "-Xq1", "-d", NULL, "-f",
			      NULL,   NULL};
	argv[5] = project_url(p);
	argv[7] = project_path(p, file);
	struct process_spec spec = {.argv = argv};
	struct process psql = {0};
	int code = process_run(&psql, &spec);
	process_free(&psql);
	return code;
}
