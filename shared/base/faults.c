/* Which fault is planted is read once; without CONFITURE_FAULTS this file is not built. */
#include "shared/base/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

static const struct {
	const char *name, *safeguard;
} faults[FAULT_COUNT] = {
#define FAULT_ROW(name, safeguard) {#name, safeguard},
	FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

const char *
fault_name(int fault)
{
	return fault >= 0 && fault < FAULT_COUNT ? faults[fault].name : NULL;
}

const char *
fault_safeguard(int fault)
{
	return fault >= 0 && fault < FAULT_COUNT ? faults[fault].safeguard : NULL;
}

static int
find_planted(void)
{
	const char *wanted = getenv("CONFITURE_FAULT");

	if (wanted == NULL || wanted[0] == '\0')
		return FAULT_COUNT;
	for (int i = 0; i < FAULT_COUNT; i++) {
		if (strcmp(faults[i].name, wanted) == 0)
			return i;
	}
	fprintf(stderr, "CONFITURE_FAULT: there is no fault called %s\n", wanted);
	exit(2);
}

bool
fault_planted(enum fault fault)
{
	static _Atomic int planted = -1;

	if (planted < 0)
		planted = find_planted();
	return planted == (int)fault;
}
