/* confiture with faulty_target in place of the plain one; otherwise the same object code. */
#include "cli/cli.h"
#include "cli/remote.h"
#include "tests/system/faulty_target.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	int code = cli_main(argc, argv, faulty_target(target_postgres()));

	remote_leave(code);
	return code;
}
