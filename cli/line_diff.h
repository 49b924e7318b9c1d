#ifndef CONFITURE_CLI_LINE_DIFF_H
#define CONFITURE_CLI_LINE_DIFF_H

#include "shared/base/arena.h"
#include "shared/base/span.h"

/* Two texts line by line, as a reviewer reads them: what differs, with a few lines around it. */
enum line_sign { LINE_SAME, LINE_GONE, LINE_NEW, LINE_SKIPPED };

struct line_change {
	enum line_sign sign;
	struct span line; /* in one of the texts; SKIPPED: none */
	size_t skipped;	  /* SKIPPED: how many equal lines */
};

/* `around`: equal lines shown before and after what differs. Returns how many there are. */
size_t line_diff(struct arena *arena, const char *before, const char *after, size_t around,
		 struct line_change **out);

#endif
