#ifndef CONFITURE_TESTS_BENCH_MEASURE_H
#define CONFITURE_TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * What all benchmarks share. Each figure is printed with the floor that was measured in the same
 * run and the bound that we hold ourselves to; measure_end() says whether all were within theirs.
 * Whatever fails ends the program.
 */
enum { MEASURE_MOST = 1001 };

double measure_now_ms(void);
/* Sorts them. */
double measure_median(double *values, int count);

struct sample {
	double ms;
	long rss_kb; /* the most it had */
};
/* Runs it to its end; another exit code than 0 ends the benchmark. `env` may be NULL. */
struct sample measure_run(const char *const *argv, const char *cwd, const char *const *env);

/* What all children together have had of the processor, user's and system's. */
double measure_children_cpu_ms(void);

/* "<what> <ours> ms floor <floor> ms ratio …"; rss_kb 0 = not known. */
void measure_ratio(const char *what, double ours_ms, double floor_ms, double bound, long rss_kb);
/* `value` must not be above `most`. `note` (may be NULL) says what the bound is made of. */
void measure_at_most(const char *what, double value, double most, const char *unit,
		     const char *note);
/* `value` must not be below `least`. */
void measure_at_least(const char *what, double value, double least, const char *unit,
		      const char *note);
/* The exit code: 1 when a bound was broken. Says how busy the machine was. */
int measure_end(void);

/* One append of 4 KB and fdatasync() in a file of that folder. */
double measure_fsync_ms(const char *folder);
/* Of another process. */
long measure_rss_kb(pid_t pid);
long measure_peak_kb(pid_t pid);
double measure_cpu_ms(pid_t pid);

/* The real psql: Debian's /usr/bin/psql is a wrapper in Perl. NULL when there is none. */
const char *measure_psql(void);

/* Of a failed call: prints and ends the program. */
#define MEASURE_NEED(condition) measure_need((condition), #condition, __FILE__, __LINE__)
void measure_need(bool ok, const char *what, const char *file, int line);

#endif
