/* The `confiture-worker` program: a worker over PostgreSQL. */
#include "worker/daemon/daemon.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	return worker_main(argc, argv, target_postgres());
}
