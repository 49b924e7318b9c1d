/* confiture with faulty_target in place of the plain one; otherwise the same object code. */
#include "cli/cli.h"
#include "tests/system/faulty_target.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv, faulty_target(target_postgres()));
}
