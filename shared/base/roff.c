/* What all manual pages share, whichever program prints them. */
#include "shared/base/roff.h"

#include <string.h>

#include "shared/base/banned.h"

void
roff_put(struct text *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		text_put(out, "\\&");
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			text_put(out, "\\e");
		else if (strncmp(s, "\xe2\x80\xa6", 3) == 0) { /* … */
			text_put(out, "...");
			s += 2;
		} else if (*s == '-')
			text_put(out, "\\-");
		else
			text_put_char(out, *s);
	}
}

void
roff_entry(struct text *out, const char *left, const char *right)
{
	text_put(out, ".TP\n.B ");
	roff_put(out, left);
	text_put_char(out, '\n');
	roff_put(out, right);
	text_put_char(out, '\n');
}
