#ifndef CONFITURE_WIRE_STRUCTURE_H
#define CONFITURE_WIRE_STRUCTURE_H

#include "shared/wire/record.h"

/*
 * The structure of a database as it is printed and kept in files. Kinds and attributes are those of
 * shared/schema/kinds.h (docs/reference/structure.md).
 */

/* clang-format off */
#define RECORD_structure_attribute(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, TEXT, _, value, 0, "as the server prints it; true for a flag; several values one a line")
RECORD_DECLARE(structure_attribute)

#define RECORD_structure_object(F) \
	F(1, TEXT, _, kind, 0, "table, column, view …") \
	F(2, TEXT, _, address, 0, "as SQL names it; with the kind it is the object's identity") \
	F(3, TEXT, _, schema, OPTIONAL, "bare names") \
	F(4, TEXT, _, parent, OPTIONAL, "address of what it is a part of") \
	F(5, TEXT, _, name, 0, "") \
	F(6, TEXT, _, fingerprint, 0, "SHA-256 of kind, address and attributes") \
	F(7, RECORDS, structure_attribute, attributes, AS_MAP, "name -> value; one that has its default is absent") \
	F(8, TEXTS, _, needs, OPTIONAL, "kind and address of what it depends on")
RECORD_DECLARE(structure_object)

#define RECORD_structure(F) \
	F(1, TEXT, _, source, 0, "what was read; never with a password") \
	F(2, TEXT, _, server_version, NULLABLE, "") \
	F(3, TEXT, _, fingerprint, 0, "SHA-256 over all objects: equal where nothing differs") \
	F(4, RECORDS, structure_object, objects, 0, "by kind, then address") \
	F(5, TEXTS, _, unmodelled, 0, "what is there and is not compared, in words") \
	F(6, TEXT, _, role, OPTIONAL, "who read it, as SQL names it")
RECORD_DECLARE(structure)

#define RECORD_object_fingerprint(F) \
	F(1, TEXT, _, kind, 0, "") \
	F(2, TEXT, _, address, 0, "") \
	F(3, TEXT, _, fingerprint, 0, "")
RECORD_DECLARE(object_fingerprint)

#define RECORD_fingerprint_result(F) \
	F(1, TEXT, _, source, 0, "what was read; never with a password") \
	F(2, TEXT, _, fingerprint, 0, "") \
	F(3, RECORDS, object_fingerprint, objects, 0, "by kind, then address")
RECORD_DECLARE(fingerprint_result)

/* ---- differences ---- */
#define RECORD_diff_summary(F) \
	F(1, INT, _, tables_added, 0, "") \
	F(2, INT, _, tables_dropped, 0, "") \
	F(3, INT, _, tables_renamed, 0, "as --rename says: nothing is guessed") \
	F(4, INT, _, columns_added, 0, "to tables that are there") \
	F(5, INT, _, columns_dropped, 0, "") \
	F(6, INT, _, indexes_added, 0, "") \
	F(7, INT, _, indexes_dropped, 0, "") \
	F(8, INT, _, foreign_keys_added, 0, "") \
	F(9, INT, _, foreign_keys_dropped, 0, "") \
	F(10, INT, _, constraints_added, 0, "CHECK and UNIQUE") \
	F(11, INT, _, constraints_dropped, 0, "") \
	F(12, INT, _, enum_types_added, 0, "") \
	F(13, INT, _, enum_types_dropped, 0, "") \
	F(14, INT, _, sequences_added, 0, "") \
	F(15, INT, _, sequences_dropped, 0, "")
RECORD_DECLARE(diff_summary)

#define RECORD_diff_details(F) \
	F(1, TEXT, _, index_name, OPTIONAL, "") \
	F(2, TEXT, _, name, OPTIONAL, "of a constraint") \
	F(3, TEXTS, _, columns, OPTIONAL, "of an index or constraint; expressions as they stand there") \
	F(4, TEXT, _, ref_table, OPTIONAL, "of a foreign key") \
	F(5, TEXTS, _, ref_columns, OPTIONAL, "") \
	F(6, TEXT, _, on_delete, OPTIONAL, "where it is not NO ACTION") \
	F(7, TEXT, _, expression, OPTIONAL, "of a CHECK") \
	F(8, TEXTS, _, added_values, OPTIONAL, "of an enumeration") \
	F(9, TEXTS, _, removed_values, OPTIONAL, "")
RECORD_DECLARE(diff_details)

/* What both a difference and a change that a run made are told by; the first fields of both. */
#define STRUCTURE_CHANGE(F) \
	F(1, TEXT, _, type, 0, "ADD_TABLE, DROP_COLUMN, CHANGE_COLUMN_TYPE …; where the Python tool has no name, the action and the kind: CREATE_VIEW, ALTER_POLICY") \
	F(2, TEXT, _, table, NULLABLE, "the object, or what it is a part of; without \"public.\"") \
	F(3, TEXT, _, column, NULLABLE, "for changes of a column") \
	F(4, TEXT, _, old_value, NULLABLE, "of a column's nullability \"true\" or \"false\"") \
	F(5, TEXT, _, new_value, NULLABLE, "") \
	F(6, RECORD, diff_details, details, NULLABLE, "of indexes, constraints and enumerations") \
	F(7, TEXT, _, kind, 0, "of the object: table, column, view …") \
	F(8, CHOICE, "create|drop|alter|rename", action, 0, "") \
	F(9, TEXT, _, object, 0, "address of the object; rename: the new one") \
	F(10, TEXT, _, attribute, NULLABLE, "alter: which one differs") \
	F(11, TEXT, _, before, NULLABLE, "alter: its value; null: it has its default; rename: the old address") \
	F(12, TEXT, _, after, NULLABLE, "") \
	F(13, TEXTS, _, parts, OPTIONAL, "create, drop: kind and address of what comes or goes with it")

#define RECORD_diff_change(F) \
	STRUCTURE_CHANGE(F) \
	F(14, TEXT, _, sql, NULLABLE, "what the plan says about this object; of several attributes the first tells it") \
	F(15, TEXT, _, lock, NULLABLE, "the strongest that its statements may take on what is there before, as PostgreSQL calls it: ACCESS EXCLUSIVE …; null: none, or nobody can tell") \
	F(16, INT, _, rewrite, NULLABLE | AS_TRUTH, "rows that are there are written anew; null: the server decides") \
	F(17, TEXTS, _, hazards, 0, "data_loss, rewrite, scan, blocks_reads, incomplete")
RECORD_DECLARE(diff_change)

#define RECORD_structure_change(F) STRUCTURE_CHANGE(F)
RECORD_DECLARE(structure_change)

#define RECORD_diff_statement(F) \
	F(1, TEXT, _, sql, 0, "without its semicolon") \
	F(2, TEXT, _, kind, 0, "of what it is about") \
	F(3, TEXT, _, object, 0, "its address") \
	F(4, CHOICE, "create|drop|alter|replace|rename", action, 0, "") \
	F(5, BOOL, _, transaction, 0, "false: it cannot run in one") \
	F(6, TEXT, _, lock, NULLABLE, "the strongest that it may take on what is there before") \
	F(7, INT, _, rewrite, NULLABLE | AS_TRUTH, "rows that are there are written anew; null: the server decides") \
	F(8, TEXTS, _, hazards, 0, "data_loss, rewrite, scan, blocks_reads, incomplete")
RECORD_DECLARE(diff_statement)

#define RECORD_diff_fingerprints(F) \
	F(1, TEXT, _, from, 0, "") \
	F(2, TEXT, _, to, 0, "")
RECORD_DECLARE(diff_fingerprints)

#define RECORD_diff_result(F) \
	F(1, BOOL, _, has_changes, 0, "the exit code says the same") \
	F(2, RECORD, diff_summary, summary, 0, "changes of the kinds that the Python tool counts") \
	F(3, RECORDS, diff_change, changes, 0, "by kind, then address; one for each attribute that differs") \
	F(4, TEXTS, _, unmodelled, 0, "what is there and was not compared: from or to, and what it is") \
	F(5, RECORD, diff_fingerprints, fingerprint, 0, "equal where nothing differs") \
	F(6, RECORDS, diff_statement, statements, 0, "what turns from into to, in an order that works")
RECORD_DECLARE(diff_result)

/* ---- what a run changes ---- */
#define RECORD_structural_diff(F) \
	F(1, BOOL, _, has_changes, 0, "") \
	F(2, INT, _, total, 0, "how many changes there are") \
	F(3, RECORDS, structure_change, changes, 0, "by kind, then address; as those of diff, without a plan") \
	F(4, BOOL, _, cut, OPTIONAL, "changes are left out, or values shortened: all of it would not fit a message") \
	F(5, TEXTS, _, unmodelled, OPTIONAL, "what is there and was not compared: from or to, and what it is") \
	F(6, RECORD, diff_fingerprints, fingerprint, 0, "before and after; equal where nothing changed")
RECORD_DECLARE(structural_diff)

#define RECORD_schema_drift(F) \
	F(1, CHOICE, "equal|differs|not_compared", state, 0, "") \
	F(2, TEXT, _, schema, 0, "the schema files") \
	F(3, TEXT, _, reason, OPTIONAL, "why it was not compared") \
	F(4, TEXT, _, loaded_on, OPTIONAL, "where the files were made a database of") \
	F(5, INT, _, total, NULLABLE, "how many changes there are") \
	F(6, RECORDS, structure_change, changes, 0, "what would turn the database, with everything applied, into what the files say") \
	F(7, BOOL, _, cut, OPTIONAL, "changes are left out, or values shortened: all of it would not fit a message") \
	F(8, TEXTS, _, unmodelled, OPTIONAL, "what is there and was not compared") \
	F(9, RECORD, diff_fingerprints, fingerprint, OPTIONAL, \
	  "from: the database with everything applied; to: the files; they differ too where roles have rights beyond the files")
RECORD_DECLARE(schema_drift)
/* clang-format on */

#endif
