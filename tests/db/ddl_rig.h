#ifndef CONFITURE_TESTS_DB_DDL_RIG_H
#define CONFITURE_TESTS_DB_DDL_RIG_H

#include "tests/db/open.h"
#include "worker/ddl/load.h"

/* Loading texts as files 1.sql, 2.sql … into fresh databases of the test server. */

/* The database `name`, made anew, gets them; `err` and `report` (in test_arena) may be looked at
 * after. */
extern struct ddl_report ddl_rig_report;
extern struct error ddl_rig_error;
bool ddl_rig_load_as(const char *name, bool own_server, const char *const *texts, size_t count);
#define LOAD(name, ...)                                                                            \
	ddl_rig_load_as((name), false, (const char *const[]){__VA_ARGS__},                         \
			sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
#define LOAD_OWN(name, ...)                                                                        \
	ddl_rig_load_as((name), true, (const char *const[]){__VA_ARGS__},                          \
			sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* It must have loaded; else the error is shown. */
#define MUST_LOAD(loaded) must((loaded), &ddl_rig_error, #loaded, __LINE__)
/* It must not have: code, place and a part of message + cause. */
#define CHECK_REFUSED(loaded, id, file, line, column, part)                                        \
	ddl_rig_check_refused((loaded), (id), (file), (line), (column), (part), __LINE__)
void ddl_rig_check_refused(bool loaded, enum error_id id, const char *file, uint32_t line,
			   uint32_t column, const char *part, int at);

/* First column of the first row. */
const char *ddl_rig_ask(const char *name, const char *sql);
/* Both have the same structure as pg_dump sees it. */
#define CHECK_SAME(a, b) ddl_rig_check_same((a), (b), __LINE__)
void ddl_rig_check_same(const char *a, const char *b, int at);
/* All notes, one a line: "1.sql:2 words". */
const char *ddl_rig_notes(void);

#endif
