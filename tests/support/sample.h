#ifndef CONFITURE_TESTS_SAMPLE_H
#define CONFITURE_TESTS_SAMPLE_H

#include "shared/base/text.h"

/* A sample settings file with every key switched on; keys named in `but` (ends with NULL) stay
 * off. */
void sample_switch_on(const char *sample, const char *const *but, struct text *out);

#endif
