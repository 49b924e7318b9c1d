#ifndef CONFITURE_TESTS_SQL_DIFFERENTIAL_H
#define CONFITURE_TESTS_SQL_DIFFERENTIAL_H

#include "shared/base/span.h"
#include "shared/base/text.h"

enum sql_agreement {
	SQL_NO_OPINION, /* PostgreSQL's parser does not take the text, or it holds COPY data */
	SQL_AGREES,
	SQL_DISAGREES /* `why` says how */
};

/* Our splitter against PostgreSQL's own parser: where that parses the whole text, every statement
 * of ours must lie in the statement of the same number of the parser. `why` is initialised here. */
enum sql_agreement sql_split_compare(struct span input, struct text *why);

#endif
