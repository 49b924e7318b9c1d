/* Runs every file of the folders given once: the seeds stay a test where no fuzzer is built. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

/* An own allocation of the exact size, so that the sanitizer sees a read beyond the end. */
static void
replay_file(FILE *f, const char *path)
{
	static char buf[1024 * 1024];
	size_t size = fread(buf, 1, sizeof(buf), f);
	uint8_t *exact = malloc(size > 0 ? size : 1);

	if (ferror(f) || !feof(f) || exact == NULL) {
		fprintf(stderr, "%s: cannot be read whole\n", path);
		exit(1);
	}
	memcpy(exact, buf, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static int
replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	int count = 0;

	if (dir == NULL) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		exit(1);
	}
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		FILE *f = e->d_name[0] != '.' ? fopen(path, "rb") : NULL;
		if (f == NULL)
			continue;
		replay_file(f, path);
		fclose(f);
		count++;
	}
	closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		count += replay_folder(argv[i]);
	printf("%d inputs\n", count);
	return count > 0 ? 0 : 1;
}
