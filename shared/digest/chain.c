/* The hash of an audit event: the one place that knows what it covers. */
#include "shared/digest/chain.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"

#include "shared/base/banned.h"

const char chain_before_all[SHA256_HEX] =
	"0000000000000000000000000000000000000000000000000000000000000000";

static void
add_text(struct sha256 *h, const char *s)
{
	uint64_t len = s == NULL ? UINT64_MAX : strlen(s);
	unsigned char head[8];

	for (int i = 0; i < 8; i++)
		head[i] = (unsigned char)(len >> (56 - 8 * i));
	sha256_add(h, head, sizeof(head));
	if (s != NULL)
		sha256_add(h, s, (size_t)len);
}

void
chain_event_hash(const char *prev, const struct chain_event *e, char out[SHA256_HEX])
{
	struct sha256 h;
	char seq[24];

	snprintf(seq, sizeof(seq), "%lld", (long long)e->seq);
	sha256_init(&h);
	const char *const fields[] = {prev, seq, e->time, e->actor, e->kind, e->subject, e->detail};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		add_text(&h, fields[i]);
	if (e->body != NULL)
		add_text(&h, e->body);
	sha256_hex(&h, out);
}
