#ifndef CONFITURE_SCHEMA_FINGERPRINT_H
#define CONFITURE_SCHEMA_FINGERPRINT_H

#include "shared/digest/digest.h"
#include "shared/schema/model.h"

/*
 * SHA-256 of an object: of its kind, its address and its compared attributes; and of a structure:
 * of its objects' in their order. Neither knows OIDs, the order in which things were made or the
 * places of columns. Equal fingerprints mean: no difference.
 */
void schema_fingerprint_object(const struct schema_object *o, char out[SHA256_HEX]);
void schema_fingerprint(const struct schema_model *m, char out[SHA256_HEX]);

#endif
