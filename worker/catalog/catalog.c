#include "worker/catalog/catalog.h"

#include "worker/catalog/builder.h"
#include "worker/catalog/queries.h"

#include "shared/base/banned.h"

static bool
take(void *self, size_t query, char *const *fields, size_t count, struct error *err)
{
	struct builder *b = self;

	(void)err;
	switch (query) {
	case CATALOG_PRIVILEGES:
		builder_common(b, SCHEMA_privileges, fields);
		break;
	case CATALOG_COMMENTS:
		builder_common(b, SCHEMA_comment, fields);
		break;
	case CATALOG_LABELS:
		builder_common(b, SCHEMA_security_labels, fields);
		break;
	case CATALOG_DEPENDENCIES:
		builder_edge(b, fields);
		break;
	case CATALOG_UNMODELLED:
		builder_unmodelled(b, fields);
		break;
	case CATALOG_ROLE:
		b->role = schema_pool_text(b->pool, fields[0]);
		break;
	default:
		builder_object(b, (enum schema_kind)query, fields, count);
		break;
	}
	return true;
}

bool
catalog_read(struct pg_conn *c, const struct catalog_options *options, struct schema_pool *pool,
	     struct schema_model **out, struct error *err)
{
	const char *queries[CATALOG_QUERIES];
	struct builder b;

	builder_init(&b, pool);
	for (size_t i = 0; i < CATALOG_QUERIES; i++)
		queries[i] = catalog_query(i, pg_server_version_num(c));
	bool ok = pg_stream(c, catalog_settings, queries, CATALOG_QUERIES,
			    (struct pg_row_sink){take, &b}, err);
	if (ok) {
		*out = builder_finish(&b, options);
		(*out)->server_version = schema_pool_text(pool, pg_server_version(c));
	} else {
		error_wrap(err, "reading the structure of %s", pg_place(c));
	}
	builder_fini(&b);
	return ok;
}
