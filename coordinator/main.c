/* The `confiture-coordinator` program. */
#include "coordinator/daemon/daemon.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	return coordinator_main(argc, argv);
}
