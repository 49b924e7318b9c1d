/*
 * The watchdog's judgement. NNG below 1.6 destroys connections in one thread, and one that never
 * comes to its end stops that thread for good: what we closed half a minute ago is then still
 * there. Half-made connections (no upgrade yet) are not known here at all, and show only as
 * descriptors.
 */
#include "shared/net/nng_health.h"

#include <dirent.h>
#include <sys/resource.h>

#include "shared/base/banned.h"

void
net_health_descriptors(struct net_health *h)
{
	DIR *dir = opendir("/proc/self/fd");
	struct rlimit limit;

	/* `.`, `..` and the folder's own. */
	for (uint64_t n = 0; dir != NULL && readdir(dir) != NULL; n++)
		h->descriptors = n < 3 ? 0 : n - 2;
	if (dir != NULL)
		closedir(dir);
	h->descriptor_limit = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

enum net_verdict
net_nng_judge(const struct net_health *h, const char **why)
{
	static const char *const words[] = {
		[NET_HEALTHY] = "all is well",
		[NET_CONNECTIONS_STUCK] = "connections that were closed do not go away",
		[NET_DESCRIPTORS_SHORT] = "nine tenths of the descriptors are in use",
	};
	enum net_verdict verdict = NET_HEALTHY;

	if (h->stuck > 0)
		verdict = NET_CONNECTIONS_STUCK;
	else if (h->descriptor_limit > 0 && h->descriptors > h->descriptor_limit / 10 * 9)
		verdict = NET_DESCRIPTORS_SHORT;
	if (why != NULL)
		*why = words[verdict];
	return verdict;
}
