#ifndef CONFITURE_NET_NNG_THREADS_H
#define CONFITURE_NET_NNG_THREADS_H

/* Starts NNG's threads, unless they run. Before anything else of NNG. */
void net_nng_start_threads(void);

#endif
