#ifndef CONFITURE_DIGEST_DIGEST_H
#define CONFITURE_DIGEST_DIGEST_H

#include <stddef.h>

#include "shared/base/span.h"

/* SHA-256, streaming. The only room that sees libsodium. */
enum { SHA256_HEX = 65, SHA256_BYTES = 32, SHA256_STATE = 128 };

struct sha256 {
	_Alignas(16) unsigned char state[SHA256_STATE];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t len);
/* 64 lowercase hex digits and a NUL. */
void sha256_hex(struct sha256 *h, char out[SHA256_HEX]);
/* The same as bytes, to be hashed again. */
void sha256_raw(struct sha256 *h, unsigned char out[SHA256_BYTES]);
void sha256_of(struct span data, char out[SHA256_HEX]);

#endif
