/*
 * NNG starts its threads with the first call, whatever that is, and they inherit its caller's
 * signal mask. Signals are for the main thread alone: a Ctrl-C that NNG's poller gets would not
 * interrupt what the program waits in.
 */
#include "shared/net/nng_threads.h"

#include <nng/nng.h>
#include <pthread.h>
#include <signal.h>

#include "shared/base/banned.h"

void
net_nng_start_threads(void)
{
	sigset_t all, before;
	nng_aio *aio;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (nng_aio_alloc(&aio, NULL, NULL) == 0)
		nng_aio_free(aio);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
