/* The descriptors of the command line's own documents. */
#include "cli/documents.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct target_result
RECORD_DEFINE(target_result, "one target of a command that ran on several")
#undef RECORD_TYPE
#define RECORD_TYPE struct targets_summary
RECORD_DEFINE(targets_summary, "how many targets succeeded")
#undef RECORD_TYPE
#define RECORD_TYPE struct targets_result
RECORD_DEFINE(targets_result, "a command that ran on several targets")
#undef RECORD_TYPE
#define RECORD_TYPE struct doctor_check
RECORD_DEFINE(doctor_check, "one thing that the doctor looked at")
#undef RECORD_TYPE
#define RECORD_TYPE struct doctor_result
RECORD_DEFINE(doctor_result, "what the doctor found")
#undef RECORD_TYPE
#define RECORD_TYPE struct worker_change
RECORD_DEFINE(worker_change, "what was done to a worker or target")
#undef RECORD_TYPE
#define RECORD_TYPE struct intent_moved
RECORD_DEFINE(intent_moved, "what became of an intent")
#undef RECORD_TYPE
