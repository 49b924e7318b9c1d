#ifndef CONFITURE_WORKER_DDL_STATES_H
#define CONFITURE_WORKER_DDL_STATES_H

/*
 * What a SQLSTATE means for a statement of a schema: whether trying again can help after others
 * have run. One table; what it does not hold is wrong whatever comes.
 */
enum ddl_fate {
	DDL_WRONG,     /* refused for good */
	DDL_MAY_WAIT,  /* something is not yet as it must be */
	DDL_WAITS,     /* something it names is not there yet */
	DDL_IMPOSSIBLE /* the server cannot go on: the load ends */
};

enum ddl_fate ddl_fate_of(const char *sqlstate);

#endif
