/* Real directories and files for the tests of this room: nothing here is worth faking. */
#include "tests/unit/migration/scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

void
scratch_make(struct scratch *s)
{
	const char *base = getenv("TMPDIR");

	snprintf(s->dir, sizeof(s->dir), "%s/confiture-unit-XXXXXX", base ? base : "/tmp");
	REQUIRE(mkdtemp(s->dir) != NULL);
}

void
scratch_remove(struct scratch *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *entry;
	char path[1024];

	REQUIRE(d != NULL);
	while ((entry = readdir(d)) != NULL) {
		scratch_path(s, entry->d_name, path);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove(path);
	}
	closedir(d);
	CHECK_INT(rmdir(s->dir), 0);
}

void
scratch_path(struct scratch *s, const char *name, char out[1024])
{
	snprintf(out, 1024, "%s/%s", s->dir, name);
}

void
scratch_write(struct scratch *s, const char *name, const void *bytes, size_t len)
{
	char path[1024];

	scratch_path(s, name, path);
	FILE *f = fopen(path, "wb");
	REQUIRE(f != NULL);
	CHECK_INT(fwrite(bytes, 1, len, f), len);
	CHECK_INT(fclose(f), 0);
}
