#ifndef CONFITURE_COORDINATOR_CONFLICT_CONDITIONS_H
#define CONFITURE_COORDINATOR_CONFLICT_CONDITIONS_H

#include "shared/sql/footprint.h"

/* What the rules of conflicts ask of two accesses that meet, beside their modes. */
#define CONFLICT_CONDITIONS(X)                                                                     \
	X(copies_all_of)                                                                           \
	X(owner_is_grantee)                                                                        \
	X(second_follows)                                                                          \
	X(same_aspect)                                                                             \
	X(same_setting)                                                                            \
	X(both_tolerant_and_equal)                                                                 \
	X(both_tolerant)                                                                           \
	X(plain_keys)                                                                              \
	X(both_named_by_server)                                                                    \
	X(both_named_by_server_and_equal)                                                          \
	X(second_may_lack)                                                                         \
	X(second_is_late)                                                                          \
	X(second_reads)                                                                            \
	X(first_finds_it)                                                                          \
	X(first_tolerant)                                                                          \
	X(keeps_through_replace)                                                                   \
	X(first_replaces)                                                                          \
	X(retypes_firm)                                                                            \
	X(changes_copied)                                                                          \
	X(retypes)                                                                                 \
	X(insert_meets_new_column)                                                                 \
	X(insert_leaves_null)                                                                      \
	X(second_refuses_rows)                                                                     \
	X(truncates_target)                                                                        \
	X(unlogs_target)                                                                           \
	X(retypes_foreign_key)                                                                     \
	X(reads_star)                                                                              \
	X(retypes_attribute_of)                                                                    \
	X(changes_row_type_of)                                                                     \
	X(labels_at_one_place)                                                                     \
	X(drops_key)                                                                               \
	X(drops_some_key)                                                                          \
	X(heir_comes_to)                                                                           \
	X(becomes_heir)                                                                            \
	X(partitions_overlap)                                                                      \
	X(opposite_grants)                                                                         \
	X(same_grants)                                                                             \
	X(in_class_of)                                                                             \
	X(opposite_grants_in_schema)                                                               \
	X(second_takes_defaults)                                                                   \
	X(reassigns_from)                                                                          \
	X(drops_owned_of)                                                                          \
	X(type_and_default)                                                                        \
	X(identity_and_default)

#define CONFLICT_CONDITION(name) bool name(const struct sql_access *a, const struct sql_access *b);
CONFLICT_CONDITIONS(CONFLICT_CONDITION)
#undef CONFLICT_CONDITION

#endif
