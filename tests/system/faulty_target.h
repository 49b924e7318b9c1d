#ifndef CONFITURE_TESTS_FAULTY_TARGET_H
#define CONFITURE_TESTS_FAULTY_TARGET_H

#include "worker/target.h"

/*
 * A make of worker/target.h around another one: it counts every operation before and after, and
 * stops the process (SIGSTOP) at the one that the environment names, so that a test can kill it,
 * its backend or the server exactly there.
 *
 *   CONFITURE_STOP_AT=17         stop at point 17 (operations count two points each)
 *   CONFITURE_POINTS=FILE        write one line "number operation before|after" per point
 */
struct target_factory *faulty_target(struct target_factory *inner);

#endif
