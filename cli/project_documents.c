/* The descriptors of the documents that come from the project's files alone. */
#include "cli/project_documents.h"

#include "shared/base/banned.h"

#define RECORD_TYPE struct init_result
RECORD_DEFINE(init_result, "what init made")
#undef RECORD_TYPE
#define RECORD_TYPE struct generate_result
RECORD_DEFINE(generate_result, "a new migration")
#undef RECORD_TYPE
#define RECORD_TYPE struct told_change
RECORD_DEFINE(told_change, "one difference between two structures, in words")
#undef RECORD_TYPE
#define RECORD_TYPE struct migrate_diff_result
RECORD_DEFINE(migrate_diff_result, "what differs, and the migration that was made of it")
#undef RECORD_TYPE
#define RECORD_TYPE struct renamed_file
RECORD_DEFINE(renamed_file, "one file that --fix-naming looked at")
#undef RECORD_TYPE
#define RECORD_TYPE struct validate_result
RECORD_DEFINE(validate_result, "names of the migration files")
#undef RECORD_TYPE
#define RECORD_TYPE struct config_result
RECORD_DEFINE(config_result, "whether settings and migrations folder can be used")
#undef RECORD_TYPE
#define RECORD_TYPE struct build_applied
RECORD_DEFINE(build_applied, "the database that was built")
#undef RECORD_TYPE
#define RECORD_TYPE struct build_result
RECORD_DEFINE(build_result, "one schema out of many files")
#undef RECORD_TYPE
#define RECORD_TYPE struct code_page
RECORD_DEFINE(code_page, "what an error code means")
#undef RECORD_TYPE
#define RECORD_TYPE struct code_list
RECORD_DEFINE(code_list, "all error codes")
#undef RECORD_TYPE
