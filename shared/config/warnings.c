/* Remarks about a settings file, kept beside its values: what to say of them is the command's
 * business. */
#include <stdarg.h>
#include <string.h>

#include "shared/config/settings.h"

#include "shared/base/banned.h"

enum { SHOWN = 64, MOST_WARNINGS = 200 };

void
settings_warn(const struct settings_check *c, uint32_t line, bool strict_error, const char *fmt,
	      ...)
{
	struct config_warnings *w = c->warnings;
	va_list ap;

	if (w == NULL || w->count == MOST_WARNINGS)
		return;
	w->items = arena_grow(c->arena, w->items, w->count, &w->cap, sizeof(*w->items));
	va_start(ap, fmt);
	w->items[w->count++] = (struct config_warning){
		.file = arena_str(c->arena, c->file),
		.line = line,
		.message = arena_vprintf(c->arena, fmt, ap),
		.strict_error = strict_error,
	};
	va_end(ap);
}

const char *
settings_show(struct arena *arena, const char *key)
{
	if (strstr(key, "://") != NULL || strchr(key, '@') != NULL)
		return "(looks like a URL; not shown)";
	char *shown = arena_printf(arena, "%.*s%s", SHOWN, key, strlen(key) > SHOWN ? "..." : "");
	for (unsigned char *p = (unsigned char *)shown; *p != '\0'; p++) {
		bool c1 = p[0] == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0;
		if (*p < 0x20 || *p == 0x7F || c1)
			*p = '?';
	}
	return shown;
}

bool
setting_wrong(const struct settings_check *c, uint32_t line, uint32_t column, const char *path,
	      const char *what)
{
	error_set(c->err, E_CONFIG_005, "%s %s", path, what);
	error_at(c->err, c->file, line, column);
	return false;
}

bool
settings_is_name(const char *s)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	return *s != '\0' && *s != '-' && *s != '.' && strspn(s, allowed) == strlen(s) &&
	       strlen(s) <= 63;
}
