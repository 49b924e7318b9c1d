/* Renames without a server: what people type, and texts that no server printed. */
#include <string.h>

#include "shared/schema/rename.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static struct schema_pool *pool;
static struct arena arena;

enum { OBJECTS = 11 };
static const enum schema_kind kinds[OBJECTS] = {
	SCHEMA_KIND_table,  SCHEMA_KIND_column,	    SCHEMA_KIND_constraint, SCHEMA_KIND_index,
	SCHEMA_KIND_view,   SCHEMA_KIND_rule,	    SCHEMA_KIND_function,   SCHEMA_KIND_trigger,
	SCHEMA_KIND_policy, SCHEMA_KIND_statistics, SCHEMA_KIND_publication};

static const char *
text(const char *s)
{
	return schema_pool_text(pool, s);
}

/* A table with a column, and one of each kind that is written of it; all their texts are `sql`. */
static struct schema_model *
model_of(const char *table, const char *column, const char *sql)
{
	struct schema_model *m = arena_new(&arena, struct schema_model);
	const char *address = text(arena_printf(&arena, "public.%s", table));

	*m = (struct schema_model){.objects = arena_array(&arena, OBJECTS, sizeof(*m->objects)),
				   .count = OBJECTS};
	for (size_t i = 0; i < OBJECTS; i++) {
		const struct schema_kind_info *info = schema_kind_info(kinds[i]);
		struct schema_object *o = &m->objects[i];
		const char *name = i == 0 ? table : i == 1 ? column : info->name;

		o->kind = kinds[i];
		o->schema = text("public");
		o->name = text(name);
		o->parent = schema_kind_is_part(o->kind) ? address : NULL;
		o->address = text(i == 0   ? address
				  : i == 1 ? arena_printf(&arena, "%s.%s", address, name)
				  : o->parent != NULL && o->kind != SCHEMA_KIND_index
					  ? arena_printf(&arena, "%s ON %s", name, address)
					  : arena_printf(&arena, "public.%s", name));
		o->needs = arena_new(&arena, uint32_t);
		o->needs_count = o->parent != NULL;
		o->values = arena_array(&arena, info->count, sizeof(*o->values));
		for (size_t k = SCHEMA_COMMON; k < info->count; k++)
			o->values[k] = info->attributes[k].type == SCHEMA_FLAG ? NULL : text(sql);
	}
	return m;
}

static const char sql[] =
	"SELECT \"t\".a, t.a AS b, DISTINCT t.a, 'x''y', E'\\'', $q$ t.a $q$, old.a, new.a, x.y.z, "
	"ARRAY[t.a], 'public.t'::regclass, 'a'::public.e, (a)::text, a FROM public.t, public.\"t\" "
	"q"
	" WHERE q.a REFERENCES public.t(a) ON a USING INDEX RULE TRIGGER INTO public.t (a) FROM "
	"public.t c ON DOMAIN OF a ON public.t.a 'public.t' \"a\" $1 1.5e3 'public.t";

static void
a_text_that_ends_anywhere_is_rewritten_or_left(void)
{
	const struct schema_rename said[] = {{"t", "u"}, {"t.a", "u.b"}};
	const struct schema_model *to = model_of("u", "b", sql);

	for (size_t n = 1; n < sizeof(sql); n++) {
		const struct schema_model *from =
			model_of("t", "a", arena_span(&arena, span_of(sql, n)));
		struct schema_renames r;
		struct error err = {0};

		if (!CHECK(schema_rename(pool, from, to, said, ARRAY_LEN(said), &r, &err)))
			CHECK_STR(err.message, "");
		CHECK_INT(r.step_count, 2);
		CHECK_INT(r.model.count, OBJECTS);
		CHECK_STR(r.model.objects[1].address, "public.u.b");
	}
}

static void
what_is_no_name_of_it_stays(void)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{" SELECT t.a\n   FROM public.t;", " SELECT u.b AS a\n   FROM public.u;"},
		{" SELECT t.a AS b\n   FROM public.t;", " SELECT u.b\n   FROM public.u;"},
		{" SELECT t.a\n   FROM public.t t;", " SELECT t.b AS a\n   FROM public.u t;"},
		{" SELECT t.a FROM x.t", " SELECT t.a FROM x.t"},
		{" SELECT $$t.a public.t$$, 'public.t', 'public.t'::text",
		 " SELECT $$t.a public.t$$, 'public.t', 'public.t'::text"},
		{" SELECT 'public.t'::regclass, public.t(1), t.t.a",
		 " SELECT 'public.u'::regclass, public.u(1), t.t.a"},
		{" SELECT lower(t.a), t.a + 1, t.c FROM ONLY public.t",
		 " SELECT lower(u.b), u.b + 1, u.c FROM ONLY public.u"},
	};
	const struct schema_rename said[] = {{"public.t", "public.u"}, {"public.t.a", "b"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct schema_model *from = model_of("t", "a", rows[i].before);
		const struct schema_model *to = model_of("u", "b", rows[i].before);
		struct schema_renames r;
		struct error err = {0};

		REQUIRE(schema_rename(pool, from, to, said, ARRAY_LEN(said), &r, &err));
		CHECK_STR(r.model.objects[4].values[SCHEMA_view_definition], rows[i].after);
	}
}

static void
what_is_typed_is_cut_at_its_equals_sign(void)
{
	static const struct {
		const char *typed, *old, *new;
	} rows[] = {
		{"a=b", "a", "b"},
		{"\"a=b\"=\"c=d\"", "\"a=b\"", "\"c=d\""},
		{"f(a, b)=g", "f(a, b)", "g"},
		{"a", NULL, NULL},
		{"=b", NULL, NULL},
		{"a=", NULL, NULL},
		{"", NULL, NULL},
		{"\"a=b", NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct schema_rename said = {0};
		bool ok = schema_rename_split(&arena, rows[i].typed, &said);

		CHECK_INT(ok, rows[i].old != NULL);
		CHECK_STR(ok ? said.old : NULL, rows[i].old);
		CHECK_STR(ok ? said.new : NULL, rows[i].new);
	}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_text_that_ends_anywhere_is_rewritten_or_left),
		CASE(what_is_no_name_of_it_stays),
		CASE(what_is_typed_is_cut_at_its_equals_sign),
	};

	arena_init(&arena);
	pool = schema_pool_new();
	int code = unit_main("schema/rename", cases, ARRAY_LEN(cases), argc, argv);
	schema_pool_free(pool);
	arena_fini(&arena);
	return code;
}
