/*
 * NNG below 1.6 steps over the end of the request path when a GET ends in a percent escape
 * (/aaa%41): it goes on reading, and writing, until the next zero byte, before any check of ours
 * can run, so that whoever reaches the port can kill the process. In programs that listen, malloc
 * therefore puts a zero word behind every block. It does not reach past that, and hides nothing
 * else. An object library, for the executable must define malloc itself to be asked before libc;
 * sanitizers bring their own malloc, where the guard stays off.
 */
#include <nng/nng.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/net/nng.h"

#include "shared/base/banned.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define GUARD_POSSIBLE 0
#else
#define GUARD_POSSIBLE 1
#endif

bool
net_nng_guarded(void)
{
	return GUARD_POSSIBLE || NNG_MAJOR_VERSION > 1 || NNG_MINOR_VERSION >= 6;
}

#if GUARD_POSSIBLE && NNG_MAJOR_VERSION == 1 && NNG_MINOR_VERSION < 6

enum { GUARD = 8 };

/* glibc's own, under the names that stay reachable when malloc is replaced. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	char *p = size > SIZE_MAX - GUARD ? NULL : __libc_malloc(size + GUARD);

	if (p != NULL)
		memset(p + size, 0, GUARD);
	return p;
}

void *
calloc(size_t count, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(count, size, &all) || all > SIZE_MAX - GUARD)
		return NULL;
	return __libc_calloc(1, all + GUARD);
}

void *
realloc(void *old, size_t size)
{
	char *p = size > SIZE_MAX - GUARD ? NULL : __libc_realloc(old, size + GUARD);

	if (p != NULL)
		memset(p + size, 0, GUARD);
	return p;
}

#endif
