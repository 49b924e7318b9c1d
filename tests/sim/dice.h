#ifndef CONFITURE_TESTS_SIM_DICE_H
#define CONFITURE_TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

/* The one source of chance (splitmix64): everything that a seed decides comes from such a stream.
 */
struct dice {
	uint64_t state;
};

static inline uint64_t
dice_next(struct dice *d)
{
	uint64_t z = (d->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* From 0 to n - 1. */
static inline uint64_t
dice_below(struct dice *d, uint64_t n)
{
	return n < 2 ? 0 : (uint64_t)(((unsigned __int128)dice_next(d) * n) >> 64);
}

/* From `least` to `most`. */
static inline uint64_t
dice_between(struct dice *d, uint64_t least, uint64_t most)
{
	return least + dice_below(d, most - least + 1);
}

/* True once in `n` times. */
static inline bool
dice_once_in(struct dice *d, uint64_t n)
{
	return n > 0 && dice_below(d, n) == 0;
}

/* A stream of its own, so that what one actor draws does not shift what another does. */
static inline struct dice
dice_fork(struct dice *d)
{
	return (struct dice){dice_next(d)};
}

#endif
