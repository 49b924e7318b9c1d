#ifndef CONFITURE_CONFIG_SETTINGS_ROWS_H
#define CONFITURE_CONFIG_SETTINGS_ROWS_H

#include "shared/config/settings.h"

/* Short words for the rows of a settings table; further members may follow the meaning, such as
 * .example. Only the files that hold a table include this. */
/* clang-format off */
#define NOT_IN_EFFECT "it never had an effect"
#define GROUP(p, s, ...)  {.path = p, .type = SETTING_GROUP, .status = s, .meaning = __VA_ARGS__}
#define SECRET(p, s, ...) {.path = p, .type = SETTING_SECRET, .status = s, .meaning = __VA_ARGS__}
#define TEXTS(p, s, ...)  {.path = p, .type = SETTING_TEXTS, .status = s, .meaning = __VA_ARGS__}
#define OPEN(p, s, ...)   {.path = p, .type = SETTING_OPEN, .status = s, .meaning = __VA_ARGS__}
#define TEXT(p, s, f, ...) \
	{.path = p, .type = SETTING_TEXT, .status = s, .fallback = f, .meaning = __VA_ARGS__}
#define BOOL(p, s, f, ...) \
	{.path = p, .type = SETTING_BOOL, .status = s, .fallback = f, .meaning = __VA_ARGS__}
#define CHOICE(p, s, c, f, ...) \
	{.path = p, .type = SETTING_CHOICE, .status = s, .choices = c, .fallback = f, \
	 .meaning = __VA_ARGS__}
#define INT(p, s, lo, hi, f, ...) \
	{.path = p, .type = SETTING_INT, .status = s, .min = lo, .max = hi, .fallback = f, \
	 .meaning = __VA_ARGS__}
#define INERT(p, t, f, m) \
	{.path = p, .type = SETTING_##t, .status = SETTING_INERT, .fallback = f, .meaning = m, \
	 .remark = NOT_IN_EFFECT}
/* clang-format on */

#define READ	  SETTING_READ
#define BUILD	  SETTING_BUILD
#define ELSEWHERE SETTING_ELSEWHERE

#endif
