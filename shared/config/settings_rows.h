#ifndef CONFITURE_CONFIG_SETTINGS_ROWS_H
#define CONFITURE_CONFIG_SETTINGS_ROWS_H

#include "shared/config/settings.h"

/* Short words for the rows of a settings table. Only the files that hold one include this. */
#define NOT_IN_EFFECT "it never had an effect"
#define GROUP(p, s, m)                                                                             \
	{                                                                                          \
		.path = p, .type = SETTING_GROUP, .status = s, .meaning = m                        \
	}
#define TEXT(p, s, f, m)                                                                           \
	{                                                                                          \
		.path = p, .type = SETTING_TEXT, .status = s, .fallback = f, .meaning = m          \
	}
#define SECRET(p, s, m)                                                                            \
	{                                                                                          \
		.path = p, .type = SETTING_SECRET, .status = s, .meaning = m                       \
	}
#define BOOL(p, s, f, m)                                                                           \
	{                                                                                          \
		.path = p, .type = SETTING_BOOL, .status = s, .fallback = f, .meaning = m          \
	}
#define TEXTS(p, s, m)                                                                             \
	{                                                                                          \
		.path = p, .type = SETTING_TEXTS, .status = s, .meaning = m                        \
	}
#define OPEN(p, s, m)                                                                              \
	{                                                                                          \
		.path = p, .type = SETTING_OPEN, .status = s, .meaning = m                         \
	}
#define CHOICE(p, s, c, f, m)                                                                      \
	{                                                                                          \
		.path = p, .type = SETTING_CHOICE, .status = s, .choices = c, .fallback = f,       \
		.meaning = m                                                                       \
	}
#define INT(p, s, lo, hi, f, m)                                                                    \
	{                                                                                          \
		.path = p, .type = SETTING_INT, .status = s, .min = lo, .max = hi, .fallback = f,  \
		.meaning = m                                                                       \
	}
#define INERT(p, t, f, m)                                                                          \
	{                                                                                          \
		.path = p, .type = SETTING_##t, .status = SETTING_INERT, .fallback = f,            \
		.meaning = m, .remark = NOT_IN_EFFECT                                              \
	}

#define READ	  SETTING_READ
#define ELSEWHERE SETTING_ELSEWHERE

#endif
