#ifndef CONFITURE_TESTS_SIM_DRIVER_H
#define CONFITURE_TESTS_SIM_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

/* Many seeds, in several processes. */
struct drive {
	uint64_t from, count;
	unsigned jobs;
	uint64_t repeat_every; /* of so many seeds one is run three times; 0 = none */
	bool quiet;	       /* only the summary */
	uint64_t stop_after;   /* so many seeds with a finding; 0 = never */
};

/* What the command line says of itself, for the line that replays a seed. */
void driver_name(const char *program, const char *options);
/* Prints findings and a summary; the exit code: 0 = no finding, 1 = some, 2 = it could not run. */
int driver_run(const struct drive *d);
/* One seed, with its trace on stdout if wanted, `times` times. */
int driver_replay(uint64_t seed, bool trace, unsigned times);

#endif
