/* The `confiture` program: the command line over PostgreSQL. */
#include "cli/cli.h"
#include "cli/remote.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	int code = cli_main(argc, argv, target_postgres());

	remote_leave(code);
	return code;
}
