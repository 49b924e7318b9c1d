/* A folder for fuzzers whose subject keeps files. */
#include "tests/fuzz/scratch_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

static char folder[64];
static char path[96];

static void
drop(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (int i = 0; i < 3; i++) {
		char file[128];
		snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		(void)unlink(file);
	}
	(void)rmdir(folder);
}

const char *
scratch_journal(void)
{
	if (path[0] != '\0')
		return path;
	snprintf(folder, sizeof(folder), "%s/confiture-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	FUZZ_CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	(void)atexit(drop);
	return path;
}
