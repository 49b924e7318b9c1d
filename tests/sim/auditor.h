#ifndef CONFITURE_TESTS_SIM_AUDITOR_H
#define CONFITURE_TESTS_SIM_AUDITOR_H

#include "tests/sim/house.h"

/* What the parts of the auditor share; on its fibre. */

/* Asks until the coordinator answers, or refuses for good. */
bool auditor_ask(struct house *h, enum message_kind kind, const void *request, struct arena *arena,
		 void **reply, struct error *err);

/* ---- auditor_claims.c ---- */
/* The whole log of intents, claims and jobs, held against what was told and done (P7, P18). */
void auditor_claims(struct house *h);

#endif
