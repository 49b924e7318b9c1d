#ifndef CONFITURE_TESTS_DB_OPEN_H
#define CONFITURE_TESTS_DB_OPEN_H

#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "worker/target.h"

/* What the programs of this folder share: sessions of the make under test, kept short. All of them
 * fail the running case when something that must work does not. */

extern struct arena test_arena; /* emptied by test_database() */

/* A fresh database; returns its URL, which lives as long as the arena. */
const char *test_database(const char *name);
struct target *open_target(const char *url, const char *ledger);
struct target *open_as(const char *url, const char *ledger, const char *application_name);
void close_target(struct target *t);
/* Lock, tables, token: as the engines do before the first migration. */
void prepare_target(struct target *t, const char *job);
/* begin, one statement each of `sql` (NULL-terminated list), step, commit, clean. */
void apply(struct target *t, uint32_t number, const char *version, const char *const *sql);
bool run_sql(struct target *t, const char *sql, struct error *err);
void must_run(struct target *t, const char *sql);
struct target_step insert_step(uint32_t number, const char *version, const char *name);

/* `ok` must be true; else the error is shown. */
#define MUST(ok, err) must((ok), (err), #ok, __LINE__)
void must(bool ok, const struct error *err, const char *what, int line);
/* Code and, where not NULL, a part of message + cause. */
#define CHECK_ERROR(err, id, part) check_error((err), (id), (part), __LINE__)
void check_error(const struct error *err, enum error_id id, const char *part, int line);

#endif
