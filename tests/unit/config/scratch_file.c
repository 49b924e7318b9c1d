/* Real files: what a settings file says about its own place is part of what is tested. */
#include "tests/unit/config/scratch_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

static char folder[256];
static char path[512];

const char *
scratch_folder(void)
{
	const char *base = getenv("TMPDIR");

	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "%s/confiture-unit-XXXXXX", base ? base : "/tmp");
		REQUIRE(mkdtemp(folder) != NULL);
	}
	return folder;
}

const char *
scratch_file(const char *name, const char *text)
{
	snprintf(path, sizeof(path), "%s/%s", scratch_folder(), name);
	FILE *f = fopen(path, "w");
	REQUIRE(f != NULL);
	CHECK_INT(fwrite(text, 1, strlen(text), f), strlen(text));
	CHECK_INT(fclose(f), 0);
	return path;
}

void
scratch_clean(void)
{
	struct dirent *entry;

	if (folder[0] == '\0')
		return;
	DIR *d = opendir(folder);
	REQUIRE(d != NULL);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		CHECK_INT(unlink(path), 0);
	}
	closedir(d);
	CHECK_INT(rmdir(folder), 0);
	folder[0] = '\0';
}
