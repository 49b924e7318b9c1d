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
catalog_read_all(struct catalog_reading *all, size_t count, struct schema_pool *pool,
		 struct error *err)
{
	const char *queries[PG_STREAMS][CATALOG_QUERIES];
	struct pg_stream streams[PG_STREAMS], *failed = NULL;
	struct builder b[PG_STREAMS];

	for (size_t i = 0; i < count; i++) {
		builder_init(&b[i], pool);
		for (size_t q = 0; q < CATALOG_QUERIES; q++)
			queries[i][q] = catalog_query(q, pg_server_version_num(all[i].conn));
		streams[i] = (struct pg_stream){
			all[i].conn, catalog_settings, queries[i], CATALOG_QUERIES, {take, &b[i]}};
	}
	bool ok = pg_streams(streams, count, &failed, err);
	if (!ok && failed != NULL)
		error_wrap(err, "reading the structure of %s", pg_place(failed->conn));
	for (size_t i = 0; i < count; i++) {
		if (ok) {
			all[i].model = builder_finish(&b[i], &all[i].options);
			all[i].model->server_version =
				schema_pool_text(pool, pg_server_version(all[i].conn));
		}
		builder_fini(&b[i]);
	}
	return ok;
}

bool
catalog_read(struct pg_conn *c, const struct catalog_options *options, struct schema_pool *pool,
	     struct schema_model **out, struct error *err)
{
	struct catalog_reading one = {.conn = c};

	if (options != NULL)
		one.options = *options;
	if (!catalog_read_all(&one, 1, pool, err))
		return false;
	*out = one.model;
	return true;
}
