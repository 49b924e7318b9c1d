#ifndef CONFITURE_COORDINATOR_FOOTPRINT_RECORD_H
#define CONFITURE_COORDINATOR_FOOTPRINT_RECORD_H

#include "coordinator/intent.h"
#include "shared/sql/footprint.h"

/* Footprints as records, for the journal and for whoever asks, and back. All in the arena; texts
 * are shared with what they came from. */
void footprint_to_record(struct arena *a, const struct sql_footprint *f,
			 struct intent_objects *out);
/* A word that this program does not know makes its statement one that cannot be judged. */
void footprint_from_record(struct arena *a, const struct intent_objects *r,
			   struct sql_footprint *out);
MUST_USE bool footprint_parse(struct arena *a, const char *json, struct sql_footprint *out,
			      struct error *err);
const char *footprint_json(struct arena *a, const struct sql_footprint *f);

#endif
