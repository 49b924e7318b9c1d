/* The descriptors of the documents that compare structures. */
#include "cli/structure_documents.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct diff_summary
RECORD_DEFINE(diff_summary, "how many changes of each kind")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_details
RECORD_DEFINE(diff_details, "what a change is about")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_change
RECORD_DEFINE(diff_change, "one difference between two structures")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_statement
RECORD_DEFINE(diff_statement, "one statement of the plan")
#undef RECORD_TYPE

#define RECORD_TYPE struct diff_fingerprints
RECORD_DEFINE(diff_fingerprints, "the fingerprints of both structures")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_result
RECORD_DEFINE(diff_result, "what differs between two structures")
#undef RECORD_TYPE
#define RECORD_TYPE struct drift_item
RECORD_DEFINE(drift_item, "one thing in which a database is not what its files say")
#undef RECORD_TYPE
#define RECORD_TYPE struct drift_result
RECORD_DEFINE(drift_result, "in what a database is not what its files say")
#undef RECORD_TYPE
