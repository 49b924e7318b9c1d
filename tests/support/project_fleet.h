#ifndef CONFITURE_TESTS_PROJECT_FLEET_H
#define CONFITURE_TESTS_PROJECT_FLEET_H

#include "tests/support/project.h"

/* Part of project.c: a project that runs through a coordinator and a worker. */
void project_fleet_open(struct project *p);
void project_fleet_close(struct project *p);
/* Lets the worker serve what the environments say now. */
void project_fleet_follow(struct project *p);

#endif
