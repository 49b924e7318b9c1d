/* Identities as people write them. A worker's says where it may serve, so that the token of a test
 * machine is worth nothing in production. */
#include "coordinator/daemon/identity.h"

#include <string.h>

#include "shared/base/banned.h"

enum { NAME_LEN = 64, ENVIRONMENTS = 64 };

static const struct {
	const char *word;
	enum net_role role;
} roles[] = {
	{"agent:", NET_CLIENT},
	{"worker:", NET_WORKER},
	{"operator:", NET_OPERATOR},
};

static bool
is_name(struct span s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+-";

	for (size_t i = 0; i < s.len; i++) {
		if (strchr(allowed, s.ptr[i]) == NULL)
			return false;
	}
	return s.len > 0 && s.len <= NAME_LEN;
}

static bool
wrong(struct error *err, const char *what)
{
	error_set(err, E_USAGE_001, "%s", what);
	error_hint(err, "agent:NAME, operator:NAME or worker:NAME@ENVIRONMENT[,ENVIRONMENT]");
	return false;
}

static bool
read_environments(struct arena *arena, const char *list, struct net_peer *out, struct error *err)
{
	const char **items = arena_array(arena, ENVIRONMENTS, sizeof(*items));

	for (;;) {
		struct span one = span_of(list, strcspn(list, ","));
		if (!is_name(one) || out->environment_count == ENVIRONMENTS)
			return wrong(err, "a worker's identity names its environments");
		items[out->environment_count++] = arena_span(arena, one);
		if (list[one.len] == '\0')
			break;
		list += one.len + 1;
	}
	out->environments = items;
	return true;
}

bool
identity_parse(struct arena *arena, const char *text, struct net_peer *out, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		size_t len = strlen(roles[i].word);
		if (strncmp(text, roles[i].word, len) != 0)
			continue;
		struct span name = span_of(text + len, strcspn(text + len, "@"));
		const char *rest = name.ptr + name.len;
		if (!is_name(name))
			return wrong(err,
				     "an identity's name has 1 to 64 letters, digits or . _ + -");
		*out = (struct net_peer){.role = roles[i].role, .name = arena_span(arena, name)};
		if (roles[i].role == NET_WORKER)
			return read_environments(arena, *rest == '@' ? rest + 1 : rest, out, err);
		return *rest == '\0' || wrong(err, "only a worker's identity names environments");
	}
	return wrong(err, "an identity begins with agent:, worker: or operator:");
}
