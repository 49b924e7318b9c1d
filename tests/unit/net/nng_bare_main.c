/*
 * The least that listens with NNG: nng_bare URL. Built without sanitizers in every kind of build,
 * so that nng_guard is in it as in the release, and the request that it is about can be tried
 * always.
 */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "shared/base/banned.h"

int
main(int argc, char **argv)
{
	nng_socket s;
	nng_msg *msg;

	if (argc != 2 || nng_rep0_open(&s) != 0 || nng_listen(s, argv[1], NULL, 0) != 0)
		return 1;
	while (nng_recvmsg(s, &msg, 0) == 0)
		nng_msg_free(msg);
	return 1;
}
