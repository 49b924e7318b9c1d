/* The command line in a test: memory for stdout and stderr, a temporary folder for the project. */
#include "tests/unit/cli/run_cli.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static char folder[64];
static char *last_out, *last_err, *last_file;
static char listed[2048];

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

void
run_start(void)
{
	snprintf(folder, sizeof(folder), "/tmp/confiture-cli-XXXXXX");
	REQUIRE(mkdtemp(folder) != NULL);
	REQUIRE(chdir(folder) == 0);
	unsetenv("CONFITURE_DATABASE_URL");
	unsetenv("DATABASE_URL");
	unsetenv("COLUMNS");
}

void
run_end(void)
{
	REQUIRE(chdir("/") == 0);
	CHECK(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
	free(last_out);
	free(last_err);
	free(last_file);
	last_out = last_err = last_file = NULL;
}

static int
split(char *line, char **argv, int most)
{
	int n = 0;
	while (n < most) {
		line += strspn(line, " ");
		if (*line == '\0')
			break;
		char end = *line == '\'' ? '\'' : ' ';
		line += end == '\'' ? 1 : 0;
		argv[n++] = line;
		char stop[2] = {end, '\0'};
		line += strcspn(line, stop);
		if (*line != '\0')
			*line++ = '\0';
	}
	argv[n] = NULL;
	return n;
}

struct ran
run_cli(const char *line)
{
	char *argv[64];
	char *copy = strdup(line);
	size_t out_size = 0, err_size = 0;
	struct ran ran = {0};
	REQUIRE(copy != NULL);
	free(last_out);
	free(last_err);
	last_out = last_err = NULL;
	int argc = split(copy, argv, 60);
	struct cli cli = {.rt = runtime_system(),
			  .out = open_memstream(&last_out, &out_size),
			  .err = open_memstream(&last_err, &err_size)};
	REQUIRE(cli.out != NULL && cli.err != NULL);
	arena_init(&cli.arena);
	ran.code = cli_run(&cli, argc, argv);
	fclose(cli.out);
	fclose(cli.err);
	arena_fini(&cli.arena);
	free(copy);
	ran.out = last_out;
	ran.err = last_err;
	return ran;
}

void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	REQUIRE(f != NULL);
	REQUIRE(fputs(text, f) >= 0);
	REQUIRE(fclose(f) == 0);
}

char *
get_file(const char *path)
{
	size_t cap = 1 << 16;
	FILE *f = fopen(path, "r");
	free(last_file);
	last_file = calloc(1, cap);
	REQUIRE(f != NULL && last_file != NULL);
	last_file[fread(last_file, 1, cap - 1, f)] = '\0';
	fclose(f);
	return last_file;
}

static int
skip_dots(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

const char *
list_folder(const char *path)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, skip_dots, alphasort);
	size_t used = 0;
	REQUIRE(n >= 0);
	listed[0] = '\0';
	for (int i = 0; i < n; i++) {
		used += (size_t)snprintf(listed + used, sizeof(listed) - used, "%s%s",
					 i > 0 ? " " : "", names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return listed;
}
