/*
 * A connection string as a section of a service file: how PostgreSQL's own programs are told where
 * to connect without a password in their arguments, which every user of the machine can read.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "shared/pg/dsn.h"
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

static bool
put_option(struct text *out, const char *keyword, const char *value, struct error *err)
{
	if (strpbrk(value, "\r\n") != NULL)
		return error_set(err, E_CONFIG_003, "the connection URL's %s holds a line break",
				 keyword);
	text_printf(out, "%s=%s\n", keyword, value);
	return true;
}

static bool
put_options(struct text *out, const PQconninfoOption *options, const char *database,
	    struct error *err)
{
	bool ok = true;

	text_put(out, "[source]\n");
	for (const PQconninfoOption *o = options; ok && o->keyword != NULL; o++) {
		bool is_database = strcmp(o->keyword, "dbname") == 0;
		/* A service file may not name another service, nor these two that we set ourselves.
		 */
		if (o->val == NULL || strcmp(o->keyword, "service") == 0 ||
		    strcmp(o->keyword, "application_name") == 0 ||
		    (is_database && database != NULL))
			continue;
		ok = put_option(out, o->keyword, o->val, err);
	}
	return ok && (database == NULL || put_option(out, "dbname", database, err));
}

bool
dsn_write_service(struct secret url, const char *database, int fd, struct error *err)
{
	PQconninfoOption *options = dsn_options(url, err);
	struct text out;

	if (options == NULL)
		return false;
	text_init(&out, 0);
	bool ok = put_options(&out, options, database, err);
	if (ok && write(fd, out.ptr, out.len) != (ssize_t)out.len)
		ok = error_errno(err, E_INTERNAL_ERROR, errno, "cannot write the service file");
	explicit_bzero(out.ptr, out.len);
	text_fini(&out);
	PQconninfoFree(options);
	return ok;
}
