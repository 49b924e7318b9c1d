#ifndef CONFITURE_TESTS_SIM_SEED_H
#define CONFITURE_TESTS_SIM_SEED_H

#include <stdio.h>

#include "tests/sim/project.h"

/* One seed from its plan to its verdict. */
enum { SEED_BREACHES = 16, SEED_BREACH_TEXT = 400 };

struct seed_result {
	uint64_t hash; /* of the trace */
	uint64_t simulated_ns, steps, lines, jobs;
	size_t breach_count;
	char breaches[SEED_BREACHES][SEED_BREACH_TEXT];
};

/* `trace` NULL: nothing is written. */
void seed_run(const struct project *project, uint64_t seed, FILE *trace, struct seed_result *out);

#endif
