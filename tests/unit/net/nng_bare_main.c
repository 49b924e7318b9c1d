/*
 * The least that listens with NNG: nng_bare URL [CA CERTIFICATE KEY]. Reads requests and answers
 * none. Built without sanitizers in every kind of build, so that nng_guard is in it as in the
 * release, and the request that it is about can be tried always. With the three files it ends TLS
 * as a proxy would, and wants a certificate of that authority.
 */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/tls/tls.h>
#include <stdio.h>

#include "shared/base/banned.h"

static int
read_file(const char *path, char *buf, size_t room)
{
	FILE *file = fopen(path, "re");
	size_t n = file == NULL ? 0 : fread(buf, 1, room - 1, file);

	if (file != NULL)
		fclose(file);
	buf[n] = '\0';
	return n == 0;
}

static int
use_tls(nng_listener listener, char **files)
{
	static char certificate[8192], key[8192];
	nng_tls_config *tls;

	return nng_tls_config_alloc(&tls, NNG_TLS_MODE_SERVER) ||
	       nng_tls_config_ca_file(tls, files[0]) ||
	       nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED) ||
	       read_file(files[1], certificate, sizeof(certificate)) ||
	       read_file(files[2], key, sizeof(key)) ||
	       nng_tls_config_own_cert(tls, certificate, key, NULL) ||
	       nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, tls);
}

int
main(int argc, char **argv)
{
	nng_socket s;
	nng_listener listener;
	nng_msg *msg;

	if (argc < 2 || nng_rep0_open(&s) != 0 || nng_listener_create(&listener, s, argv[1]) != 0)
		return 1;
	if (argc == 5 && use_tls(listener, argv + 2) != 0)
		return 1;
	if (nng_listener_start(listener, 0) != 0)
		return 1;
	while (nng_recvmsg(s, &msg, 0) == 0)
		nng_msg_free(msg);
	return 1;
}
