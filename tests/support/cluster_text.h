#ifndef CONFITURE_TESTS_CLUSTER_TEXT_H
#define CONFITURE_TESTS_CLUSTER_TEXT_H

/* Keeps a copy for the next 31 calls, so that test code need not free what it compares. NULL is
 * NULL. */
const char *cluster_text_keep(const char *s);
void cluster_texts_free(void);

#endif
