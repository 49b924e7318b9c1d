#ifndef CONFITURE_TESTS_UNIT_CLI_RUN_CLI_H
#define CONFITURE_TESTS_UNIT_CLI_RUN_CLI_H

/* Runs one command line in this process, in a folder of its own, and keeps what it printed. */
struct ran {
	int code;
	char *out;
	char *err;
};

/* Makes an empty folder and goes there; also clears variables that name databases. */
void run_start(void);
/* Leaves and removes the folder. */
void run_end(void);
/* Words are split at blanks; "'a b'" keeps a blank. Frees what an earlier run kept. */
struct ran run_cli(const char *line);
/* A file in the folder, made or read. */
void put_file(const char *path, const char *text);
char *get_file(const char *path);
/* Names in a folder, sorted, one blank between them. */
const char *list_folder(const char *path);

#endif
