/*
 * Medians, floors and verdicts. Nothing here judges by an absolute time that another machine could
 * not keep, but where the bound itself is one.
 */
#include "tests/bench/measure.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/process.h"

#include "shared/base/banned.h"

static bool over;

void
measure_need(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	exit(2);
}

double
measure_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
measure_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_value);
	return values[count / 2];
}

struct sample
measure_run(const char *const *argv, const char *cwd, const char *const *env)
{
	struct process p;
	struct process_spec spec = {.argv = argv, .cwd = cwd, .env = env};
	double start = measure_now_ms();
	int code = process_run(&p, &spec);
	struct sample s = {measure_now_ms() - start, p.max_rss_kb};

	if (code != 0) {
		fprintf(stderr, "%s exits %d:\n%s%s\n", argv[0], code, p.out, p.err);
		exit(2);
	}
	process_free(&p);
	return s;
}

double
measure_children_cpu_ms(void)
{
	struct rusage use;

	MEASURE_NEED(getrusage(RUSAGE_CHILDREN, &use) == 0);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000 +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000;
}

/* ---- verdicts ---- */
void
measure_ratio(const char *what, double ours_ms, double floor_ms, double bound, long rss_kb)
{
	double ratio = ours_ms / floor_ms;

	printf("%-42s %9.2f ms  floor %9.2f ms  ratio %5.2f  (bound %.2f)%s", what, ours_ms,
	       floor_ms, ratio, bound, ratio <= bound ? "" : "  OVER");
	if (rss_kb > 0)
		printf("  peak %ld KB", rss_kb);
	printf("\n");
	fflush(stdout);
	over = over || ratio > bound;
}

static void
verdict(const char *what, double value, double bound, bool ok, const char *unit, const char *note)
{
	printf("%-42s %9.2f %s  (bound %.2f%s%s)%s\n", what, value, unit, bound,
	       note != NULL ? " = " : "", note != NULL ? note : "", ok ? "" : "  OVER");
	fflush(stdout);
	over = over || !ok;
}

void
measure_at_most(const char *what, double value, double most, const char *unit, const char *note)
{
	verdict(what, value, most, value <= most, unit, note);
}

void
measure_at_least(const char *what, double value, double least, const char *unit, const char *note)
{
	verdict(what, value, least, value >= least, unit, note);
}

int
measure_end(void)
{
	double load[1] = {0};

	(void)getloadavg(load, 1);
	printf("load of the machine: %.1f\n", load[0]);
	fflush(stdout);
	return over ? 1 : 0;
}

/* ---- floors ---- */
double
measure_fsync_ms(const char *folder)
{
	static char page[4096];
	static int fd = -1;
	char path[300];

	if (fd < 0) {
		snprintf(path, sizeof(path), "%s/floor.sync", folder);
		fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
		MEASURE_NEED(fd >= 0);
	}
	double start = measure_now_ms();
	MEASURE_NEED(write(fd, page, sizeof(page)) == (ssize_t)sizeof(page));
	MEASURE_NEED(fdatasync(fd) == 0);
	return measure_now_ms() - start;
}

/* ---- another process ---- */
static long
status_kb(pid_t pid, const char *key)
{
	char path[64], line[256];
	long kb = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "r");
	MEASURE_NEED(file != NULL);
	while (kb < 0 && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, key, strlen(key)) == 0)
			kb = strtol(line + strlen(key), NULL, 10);
	}
	fclose(file);
	MEASURE_NEED(kb >= 0);
	return kb;
}

long
measure_rss_kb(pid_t pid)
{
	return status_kb(pid, "VmRSS:");
}

long
measure_peak_kb(pid_t pid)
{
	return status_kb(pid, "VmHWM:");
}

double
measure_cpu_ms(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;

	MEASURE_NEED(clock_getcpuclockid(pid, &clock) == 0);
	MEASURE_NEED(clock_gettime(clock, &ts) == 0);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

const char *
measure_psql(void)
{
	static char program[256];
	glob_t found;

	if (glob("/usr/lib/postgresql/*/bin/psql", 0, NULL, &found) != 0)
		return NULL;
	snprintf(program, sizeof(program), "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return program;
}
