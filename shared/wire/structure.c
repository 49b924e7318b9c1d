/* The descriptors of a database's structure. */
#include "shared/wire/structure.h"

#include "shared/base/banned.h"

/* clang-format off */
#define RECORD_TYPE struct structure_attribute
RECORD_DEFINE(structure_attribute, "one property of an object")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure_object
RECORD_DEFINE(structure_object, "one object of a database")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure
RECORD_DEFINE(structure, "the structure of a database")
#undef RECORD_TYPE

#define RECORD_TYPE struct object_fingerprint
RECORD_DEFINE(object_fingerprint, "the fingerprint of one object")
#undef RECORD_TYPE

#define RECORD_TYPE struct fingerprint_result
RECORD_DEFINE(fingerprint_result, "the fingerprint of a structure")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_summary
RECORD_DEFINE(diff_summary, "how many changes of each kind")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_details
RECORD_DEFINE(diff_details, "what a change is about")
#undef RECORD_TYPE
#define RECORD_TYPE struct diff_change
RECORD_DEFINE(diff_change, "one difference between two structures")
#undef RECORD_TYPE
#define RECORD_TYPE struct structure_change
RECORD_DEFINE(structure_change, "one change of a structure")
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
#define RECORD_TYPE struct structural_diff
RECORD_DEFINE(structural_diff, "what changed in a structure")
#undef RECORD_TYPE
#define RECORD_TYPE struct schema_drift
RECORD_DEFINE(schema_drift, "in what the schema files differ from the database with everything applied")
#undef RECORD_TYPE
/* clang-format on */
