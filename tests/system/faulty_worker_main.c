/* confiture-worker with faulty_target in place of the plain one; otherwise the same object code. */
#include "tests/system/faulty_target.h"
#include "worker/daemon/daemon.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	return worker_main(argc, argv, faulty_target(target_postgres()));
}
