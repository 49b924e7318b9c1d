/* The `confiture` program: the command line over PostgreSQL. */
#include "cli/cli.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv, target_postgres());
}
