#ifndef CONFITURE_COORDINATOR_JOURNAL_OWNERS_H
#define CONFITURE_COORDINATOR_JOURNAL_OWNERS_H

#include "shared/base/error.h"
#include "shared/base/runtime.h"

/*
 * Which of the processes that share a journal are alive. Each owner of jobs holds a lock on a file
 * of its own, <folder of the journal>/owners/<id>; the kernel drops the lock when the process ends,
 * however it ends.
 */
struct owner;

MUST_USE bool owner_open(struct runtime *rt, const char *journal_path, struct owner **out,
			 struct error *err);
const char *owner_id(const struct owner *o);
/* Removes the file. */
void owner_close(struct owner *o);

/* Removes what a dead owner left. Not known for certain counts as alive. */
bool owner_alive(const char *journal_path, const char *id);
/* Removes the files of all dead owners. */
void owners_sweep(const char *journal_path);

#endif
