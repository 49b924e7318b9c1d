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
/* clang-format on */

#endif
