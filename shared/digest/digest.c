/* SHA-256 by libsodium behind a state of fixed size, so that no other room needs its header. */
#include "shared/digest/digest.h"

#include <sodium.h>

#include "shared/base/banned.h"

_Static_assert(sizeof(crypto_hash_sha256_state) <= SHA256_STATE, "room for libsodium's state");

static crypto_hash_sha256_state *
state_of(struct sha256 *h)
{
	return (crypto_hash_sha256_state *)(void *)h->state;
}

void
sha256_init(struct sha256 *h)
{
	crypto_hash_sha256_init(state_of(h));
}

void
sha256_add(struct sha256 *h, const void *data, size_t len)
{
	crypto_hash_sha256_update(state_of(h), data, len);
}

void
sha256_hex(struct sha256 *h, char out[SHA256_HEX])
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(state_of(h), digest);
	sodium_bin2hex(out, SHA256_HEX, digest, sizeof(digest));
}

void
sha256_raw(struct sha256 *h, unsigned char out[SHA256_BYTES])
{
	_Static_assert(SHA256_BYTES == crypto_hash_sha256_BYTES, "as libsodium has it");
	crypto_hash_sha256_final(state_of(h), out);
}

void
sha256_of(struct span data, char out[SHA256_HEX])
{
	struct sha256 h;

	sha256_init(&h);
	sha256_add(&h, data.ptr, data.len);
	sha256_hex(&h, out);
}
