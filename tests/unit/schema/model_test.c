/* The table of kinds, the pool of texts, the fingerprint, the walk over two models, and snapshots
 * that are wrong. No server. */
#include <stdio.h>
#include <string.h>

#include "shared/schema/diff.h"
#include "shared/schema/fingerprint.h"
#include "shared/snapshot/snapshot.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct schema_pool *pool;
static struct arena arena;

/* ---- the table ---- */
static void
each_kind_has_its_own_name_and_no_attribute_twice(void)
{
	for (int i = 0; i < SCHEMA_KIND_COUNT; i++) {
		const struct schema_kind_info *info = schema_kind_info((enum schema_kind)i);
		CHECK_INT(schema_kind_named(info->name), i);
		for (size_t a = 0; a < info->count; a++)
			for (size_t b = 0; b < a; b++)
				CHECK(strcmp(info->attributes[a].name, info->attributes[b].name) !=
				      0);
	}
	CHECK_INT(schema_kind_named("tables"), SCHEMA_KIND_COUNT);
	CHECK_STR(schema_kind_info(SCHEMA_KIND_column)->attributes[SCHEMA_column_type].name,
		  "type");
	CHECK_STR(schema_kind_info(SCHEMA_KIND_table)->attributes[SCHEMA_owner].name, "owner");
	CHECK_INT(schema_kind_info(SCHEMA_KIND_view)->count, SCHEMA_view_ATTRIBUTES);
}

static void
a_pool_has_each_text_once_however_many_there_are(void)
{
	const char *kept[5000];
	char text[32];

	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		kept[i] = schema_pool_text(pool, text);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		CHECK(schema_pool_text(pool, text) == kept[i]);
		CHECK_STR(kept[i], text);
	}
	CHECK(schema_pool_text(pool, NULL) == NULL);
	CHECK(schema_pool_span(pool, "text 12", 6) == schema_pool_text(pool, "text 1"));
	CHECK(schema_pool_text(pool, "")[0] == '\0');
}

/* ---- two models, from snapshots ---- */
static struct schema_model *
model_of(const char *json)
{
	struct structure *s = NULL;
	struct schema_model *m = NULL;
	struct error err = {0};

	bool ok = record_parse(&arena, &record_structure, span_str(json), (void **)&s, &err) &&
		  snapshot_model(pool, s, &m, &err);
	if (!ok)
		fprintf(stderr, "  %s\n", err.message);
	REQUIRE(ok);
	return m;
}

#define STRUCTURE(objects)                                                                         \
	"{\"source\":\"x\",\"server_version\":null,\"fingerprint\":\"\",\"unmodelled\":[],"        \
	"\"objects\":[" objects "]}"
#define OBJECT(kind, address, name, more, attributes)                                              \
	"{\"schema\":\"public\",\"kind\":\"" kind "\",\"address\":\"" address                      \
	"\",\"name\":\"" name "\",\"fingerprint\":\"\"," more "\"attributes\":{" attributes "}}"

#define COLUMN(table, name, attributes)                                                            \
	OBJECT("column", table "." name, name,                                                     \
	       "\"parent\":\"" table "\",\"needs\":[\"table " table "\"],",                        \
	       "\"of\":\"table\"," attributes)

static const char before[] = STRUCTURE(
	OBJECT("view", "public.v", "v", "\"needs\":[\"table public.t\"],", "\"definition\":\"SELECT 1\"") "," OBJECT(
		"table", "public.t", "t", "",
		"\"owner\":\"ann\"") "," COLUMN("public.t", "a",
						"\"type\":\"integer\",\"position\":"
						"\"1\"") "," OBJECT("table", "public.gone", "gone",
								    "", "") "," COLUMN("pub"
										       "lic"
										       ".go"
										       "ne",
										       "x",
										       "\"t"
										       "ype"
										       "\":"
										       "\"t"
										       "ext"
										       "\","
										       "\"p"
										       "osi"
										       "tio"
										       "n\""
										       ":\""
										       "1"
										       "\""));
static const char after[] = STRUCTURE(
	OBJECT("table", "public.t", "t", "", "\"owner\":\"bob\",\"comment\":\"c\"") "," COLUMN(
		"public.t", "a",
		"\"type\":\"integer\",\"position\":\"7\"") "," COLUMN("public.t", "b",
								      "\"type\":\"text\","
								      "\"position\":\"8\""));

static const char *
words(const struct schema_diff *d)
{
	static char out[1024];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];
		const struct schema_object *o = c->after ? c->after : c->before;
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s%s;",
				      c->before == NULL	 ? "+"
				      : c->after == NULL ? "-"
							 : "~",
				      o->address, c->with_whole ? " with its whole" : "");
		for (size_t k = 0; k < c->count; k++)
			n += (size_t)snprintf(
				out + n, sizeof(out) - n, " %s;",
				schema_kind_info(c->kind)->attributes[c->attributes[k].place].name);
	}
	return out;
}

static void
what_differs_is_told_in_order_and_a_part_with_its_whole(void)
{
	struct schema_diff d;

	schema_diff(&arena, model_of(before), model_of(after), &d);
	CHECK_STR(words(&d), "-public.gone;~public.t; owner; comment;"
			     "-public.gone.x with its whole;+public.t.b;-public.v;");
	schema_diff(&arena, model_of(after), model_of(before), &d);
	CHECK_STR(words(&d), "+public.gone;~public.t; owner; comment;"
			     "+public.gone.x with its whole;-public.t.b;+public.v;");
	schema_diff(&arena, model_of(after), model_of(after), &d);
	CHECK_INT(d.count, 0);
	schema_diff(&arena, model_of(STRUCTURE("")), model_of(STRUCTURE("")), &d);
	CHECK_INT(d.count, 0);
}

static void
places_of_columns_do_not_count_and_texts_cannot_run_together(void)
{
	char one[SHA256_HEX], two[SHA256_HEX];

	schema_fingerprint(model_of(STRUCTURE(OBJECT("enum", "a", "a", "", "\"labels\":\"x\""))),
			   one);
	schema_fingerprint(model_of(STRUCTURE(OBJECT("enum", "ax", "ax", "", "\"labels\":\"\""))),
			   two);
	CHECK(strcmp(one, two) != 0);
	schema_fingerprint(model_of(STRUCTURE(OBJECT("enum", "a", "a", "", "\"comment\":\"x\""))),
			   two);
	CHECK(strcmp(one, two) != 0);
	schema_fingerprint(model_of(STRUCTURE(OBJECT("table", "public.t", "t", "", "") "," COLUMN(
				   "public.t", "a", "\"type\":\"text\",\"position\":\"1\""))),
			   one);
	schema_fingerprint(model_of(STRUCTURE(OBJECT("table", "public.t", "t", "", "") "," COLUMN(
				   "public.t", "a", "\"type\":\"text\",\"position\":\"2\""))),
			   two);
	CHECK_STR(one, two);
}

static void
a_snapshot_that_is_wrong_is_refused_in_words(void)
{
	static const struct {
		const char *json, *words;
	} wrong[] = {
		{STRUCTURE(OBJECT("tabel", "t", "t", "", "")),
		 "no kind of object called \"tabel\""},
		{STRUCTURE(OBJECT("table", "t", "t", "", "\"colour\":\"red\"")),
		 "table t has an attribute \"colour\", which no table has"},
		{STRUCTURE(OBJECT("table", "t", "t", "", "") "," OBJECT("table", "t", "t", "", "")),
		 "table t is there twice"},
		{STRUCTURE(OBJECT("table", "t", "t", "\"needs\":[\"schema s\"],", "")),
		 "table t needs schema s, which is not there"},
		{STRUCTURE(OBJECT("table", "t", "t", "\"needs\":[\"schema\"],", "")),
		 "which is not there"},
		{STRUCTURE(OBJECT("table", "t", "t", "\"needs\":[\"x y\"],", "")),
		 "which is not there"},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct structure *s = NULL;
		struct schema_model *m = NULL;
		struct error err = {0};

		REQUIRE(record_parse(&arena, &record_structure, span_str(wrong[i].json),
				     (void **)&s, &err));
		CHECK(!snapshot_model(pool, s, &m, &err));
		CHECK(error_is(&err, E_DIFFER_400));
		CHECK_HAS(err.message, wrong[i].words);
	}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(each_kind_has_its_own_name_and_no_attribute_twice),
		CASE(a_pool_has_each_text_once_however_many_there_are),
		CASE(what_differs_is_told_in_order_and_a_part_with_its_whole),
		CASE(places_of_columns_do_not_count_and_texts_cannot_run_together),
		CASE(a_snapshot_that_is_wrong_is_refused_in_words),
	};

	arena_init(&arena);
	pool = schema_pool_new();
	int code = unit_main("schema/model", cases, ARRAY_LEN(cases), argc, argv);
	schema_pool_free(pool);
	arena_fini(&arena);
	return code;
}
