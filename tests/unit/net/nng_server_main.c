/* The server of nng_house.h as a program: nng_server URL. Ends by a signal alone. */
#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	return argc == 2 ? house_main(argv[1]) : 2;
}
