/* The descriptors of the documents that compare structures. */
#include "cli/structure_documents.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct drift_item
RECORD_DEFINE(drift_item, "one thing in which a database is not what its files say")
#undef RECORD_TYPE
#define RECORD_TYPE struct drift_result
RECORD_DEFINE(drift_result, "in what a database is not what its files say")
#undef RECORD_TYPE
