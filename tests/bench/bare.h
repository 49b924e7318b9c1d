#ifndef CONFITURE_TESTS_BENCH_BARE_H
#define CONFITURE_TESTS_BENCH_BARE_H

/*
 * The floor of a durable operation: a bare SQLite loop on the same disk that writes what two of the
 * coordinator's operations write (three rows, then two), in transactions of `group` operations.
 */
struct bare;
struct bare *bare_open(const char *folder);
void bare_close(struct bare *b);
/* Operations a second over that many milliseconds. */
double bare_rate(struct bare *b, int group, int ms);

#endif
