/* confiture_sim: whole fleets in one thread, from a number. */
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/faults.h"
#include "tests/sim/driver.h"
#include "tests/sim/simdisk.h"

#include "shared/base/banned.h"

enum { REPEAT_EVERY = 64 };

static int
usage(void)
{
	fputs("confiture_sim [--seeds FROM:COUNT] [--jobs N] [--repeat-every N] [--stop-after N] "
	      "[--quiet]\n"
	      "confiture_sim --seed N [--trace] [--times N]\n"
	      "confiture_sim --faults\n",
	      stderr);
	return 2;
}

/* Those that CONFITURE_FAULT may name in this build: none, unless it was built for them. */
static int
list_faults(void)
{
#ifdef CONFITURE_FAULTS
	for (int i = 0; i < FAULT_COUNT; i++)
		printf("%s\t%s\n", fault_name(i), fault_safeguard(i));
#endif
	return 0;
}

int
main(int argc, char **argv)
{
	struct drive d = {.from = 1, .count = 1000, .jobs = 1, .repeat_every = REPEAT_EVERY};
	unsigned long times = 1;
	uint64_t seed = 0;
	bool one = false, trace = false;

	/* A seed frees what the next one asks for: the kernel need not take it back meanwhile. */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
	driver_name(argv[0], "");
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		char *end = NULL;
		if (strcmp(word, "--faults") == 0) {
			return list_faults();
		} else if (strcmp(word, "--trace") == 0) {
			trace = true;
		} else if (strcmp(word, "--quiet") == 0) {
			d.quiet = true;
		} else if (value == NULL) {
			return usage();
		} else if (strcmp(word, "--seeds") == 0) {
			d.from = strtoull(value, &end, 10);
			if (*end != ':')
				return usage();
			d.count = strtoull(end + 1, NULL, 10);
			i++;
		} else if (strcmp(word, "--seed") == 0) {
			seed = strtoull(value, NULL, 10);
			one = true;
			i++;
		} else if (strcmp(word, "--jobs") == 0) {
			d.jobs = (unsigned)strtoul(value, NULL, 10);
			i++;
		} else if (strcmp(word, "--times") == 0) {
			times = strtoul(value, NULL, 10);
			i++;
		} else if (strcmp(word, "--repeat-every") == 0) {
			d.repeat_every = strtoull(value, NULL, 10);
			i++;
		} else if (strcmp(word, "--stop-after") == 0) {
			d.stop_after = strtoull(value, NULL, 10);
			i++;
		} else {
			return usage();
		}
	}
	if (!simdisk_install()) {
		fputs("confiture_sim: SQLite does not take the simulated disk\n", stderr);
		return 2;
	}
	return one ? driver_replay(seed, trace, (unsigned)times) : driver_run(&d);
}
