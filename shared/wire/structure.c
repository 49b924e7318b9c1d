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
/* clang-format on */
