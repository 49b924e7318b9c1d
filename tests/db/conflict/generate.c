/*
 * Statements from patterns: $T a table, $C and $D columns of it, $U another table with its column
 * $V, $N a new name, $Y a type, $S a schema, $R a role, $P a privilege, $I a number.
 */
#include "tests/db/conflict/generate.h"

#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"

#include "shared/base/banned.h"

static const struct {
	const char *name;
	const char *columns[6];
} tables[] = {
	{"notes", {"title", "body", "rating", "author", "extra", "id"}},
	{"tags", {"id", "label", "weight", "id", "label", "weight"}},
	{"users", {"id", "name", "mail", "status", "age", "feeling"}},
	{"orders", {"id", "user_id", "total", "code", "note", "placed"}},
	{"cats", {"id", "name", "id", "name", "id", "name"}},
	{"app.settings", {"key", "value", "kind", "key", "value", "kind"}},
	{"app.audit", {"id", "what", "id", "what", "id", "what"}},
	{"events_loose", {"at", "kind", "size", "at", "kind", "size"}},
};

static const char *const patterns[] = {
	"ALTER TABLE $T ADD COLUMN $N $Y",
	"ALTER TABLE $T ADD COLUMN IF NOT EXISTS $N $Y",
	"ALTER TABLE $T ADD COLUMN $N $Y DEFAULT NULL, ADD COLUMN x$I int",
	"ALTER TABLE $T ADD COLUMN $N int NOT NULL DEFAULT $I",
	"ALTER TABLE $T DROP COLUMN $C",
	"ALTER TABLE $T DROP COLUMN IF EXISTS $C",
	"ALTER TABLE $T DROP COLUMN $C CASCADE",
	"ALTER TABLE $T RENAME COLUMN $C TO $N",
	"ALTER TABLE $T ALTER COLUMN $C TYPE text",
	"ALTER TABLE $T ALTER COLUMN $C SET NOT NULL",
	"ALTER TABLE $T ALTER COLUMN $C DROP NOT NULL",
	"ALTER TABLE $T ALTER COLUMN $C SET DEFAULT NULL",
	"ALTER TABLE $T ALTER COLUMN $C DROP DEFAULT",
	"ALTER TABLE $T ALTER COLUMN $C SET STATISTICS $I",
	"ALTER TABLE $T ADD CONSTRAINT $N CHECK ($C IS NOT NULL)",
	"ALTER TABLE $T ADD CHECK ($C IS NOT NULL)",
	"ALTER TABLE $T ADD CONSTRAINT $N UNIQUE ($C)",
	"ALTER TABLE $T ADD UNIQUE ($C, $D)",
	"ALTER TABLE $T ADD CONSTRAINT $N FOREIGN KEY ($C) REFERENCES $U ($V) NOT VALID",
	"ALTER TABLE $T ADD FOREIGN KEY ($C) REFERENCES users",
	"ALTER TABLE $T ADD PRIMARY KEY ($C)",
	"ALTER TABLE $T OWNER TO $R",
	"ALTER TABLE $T SET (fillfactor = 7$I)",
	"ALTER TABLE $T RENAME TO $N",
	"ALTER TABLE $T SET SCHEMA attic",
	"ALTER TABLE $T ENABLE ROW LEVEL SECURITY",
	"ALTER TABLE $T DISABLE ROW LEVEL SECURITY",
	"ALTER TABLE $T REPLICA IDENTITY FULL",
	"ALTER TABLE $T DISABLE TRIGGER ALL",
	"DROP TABLE $T",
	"DROP TABLE IF EXISTS $T",
	"DROP TABLE $T CASCADE",
	"CREATE TABLE $N (a int, b $Y)",
	"CREATE TABLE IF NOT EXISTS $N (a int)",
	"CREATE TABLE $N (a int, b text REFERENCES app.settings (key))",
	"CREATE TABLE $N (LIKE $T INCLUDING ALL)",
	"CREATE TABLE $N AS SELECT $C FROM $T",
	"CREATE TABLE $N AS SELECT * FROM $T",
	"CREATE INDEX $N ON $T ($C)",
	"CREATE INDEX ON $T ($C)",
	"CREATE INDEX ON $T ($C, $D) WHERE $C IS NOT NULL",
	"CREATE UNIQUE INDEX $N ON $T ($C)",
	"CREATE VIEW $N AS SELECT $C, count(*) FROM $T GROUP BY $C",
	"CREATE VIEW $N AS SELECT * FROM $T",
	"CREATE OR REPLACE VIEW $N AS SELECT $C FROM $T",
	"CREATE VIEW $N AS SELECT a.$C AS x, b.$V AS y FROM $T a CROSS JOIN $U b",
	"CREATE MATERIALIZED VIEW $N AS SELECT $C FROM $T",
	"CREATE FUNCTION $N() RETURNS bigint LANGUAGE sql AS 'SELECT count($C) FROM $T'",
	"CREATE OR REPLACE FUNCTION $N(a int) RETURNS int LANGUAGE sql AS 'SELECT $I'",
	"CREATE FUNCTION $N() RETURNS void LANGUAGE plpgsql AS 'BEGIN DELETE FROM $T; END'",
	"CREATE OR REPLACE FUNCTION lonely() RETURNS int LANGUAGE sql AS 'SELECT $I'",
	"DROP FUNCTION lonely()",
	"ALTER FUNCTION lonely() COST $I$I",
	"CREATE TRIGGER $N BEFORE UPDATE ON $T FOR EACH ROW EXECUTE FUNCTION touch()",
	"CREATE TRIGGER $N BEFORE UPDATE OF $C ON $T FOR EACH ROW EXECUTE FUNCTION touch()",
	"CREATE POLICY $N ON $T USING ($C IS NOT NULL)",
	"CREATE STATISTICS $N ON $C, $D FROM $T",
	"CREATE SEQUENCE $N",
	"CREATE SEQUENCE $N OWNED BY $T.$C",
	"CREATE TYPE $N AS ENUM ('a', 'b')",
	"ALTER TYPE mood ADD VALUE '$N'",
	"ALTER TYPE mood RENAME VALUE 'ok' TO '$N'",
	"CREATE DOMAIN $N AS text CHECK (VALUE <> '$I')",
	"ALTER DOMAIN email ADD CONSTRAINT $N CHECK (VALUE <> '$I')",
	"GRANT $P ON $T TO $R",
	"REVOKE $P ON $T FROM $R",
	"GRANT $P ON ALL TABLES IN SCHEMA $S TO $R",
	"ALTER DEFAULT PRIVILEGES IN SCHEMA $S GRANT $P ON TABLES TO $R",
	"COMMENT ON TABLE $T IS '$I'",
	"COMMENT ON COLUMN $T.$C IS '$I'",
	"INSERT INTO $T ($C) VALUES (NULL)",
	"UPDATE $T SET $C = $C",
	"DELETE FROM $T WHERE $C IS NULL",
	"TRUNCATE $T",
	"SELECT $C FROM $T",
	"CREATE SCHEMA IF NOT EXISTS $N",
	"CREATE SCHEMA $N CREATE TABLE inner_one (a int)",
	"ALTER SCHEMA $S RENAME TO $N",
	"CREATE PUBLICATION $N FOR TABLE $T",
	"ALTER PUBLICATION pub ADD TABLE $T",
	"CREATE RULE $N AS ON UPDATE TO $T DO ALSO SELECT $I",
	"ALTER TABLE $T RENAME TO $N; ALTER TABLE $N OWNER TO $R",
	"CREATE TABLE $N (a int); CREATE INDEX ON $N (a)",
	"DROP VIEW plain_view",
	"ALTER VIEW plain_view OWNER TO $R",
	"DROP INDEX users_status",
	"DROP TRIGGER notes_touch ON notes",
	"DROP POLICY notes_own ON notes",
	"DROP SEQUENCE spare",
	"ALTER TABLE $T ALTER COLUMN $C SET DEFAULT nextval('spare')",
};

static const char *const names[] = {"one", "two"};
static const char *const types[] = {"int", "text", "mood", "email", "address", "timestamptz"};
static const char *const schemas[] = {"app", "public"};
static const char *const roles[] = {"reader", "writer"};
static const char *const privileges[] = {"SELECT", "INSERT", "ALL"};

static uint64_t
draw(uint64_t *state, uint64_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state % below;
}

#define PICK(words, state) words[draw(state, ARRAY_LEN(words))]

static const char *
word_for(char what, size_t table, size_t other, size_t column, uint64_t *state, const char *name)
{
	static const char *const digits[] = {"1", "2", "3"};

	switch (what) {
	case 'T':
		return tables[table].name;
	case 'C':
		return tables[table].columns[column];
	case 'D':
		return tables[table].columns[(column + 1) % 3];
	case 'U':
		return tables[other].name;
	case 'V':
		return tables[other].columns[0];
	case 'N':
		return name;
	case 'Y':
		return PICK(types, state);
	case 'S':
		return PICK(schemas, state);
	case 'R':
		return PICK(roles, state);
	case 'P':
		return PICK(privileges, state);
	default:
		return PICK(digits, state);
	}
}

static const char *
statement(struct arena *arena, uint64_t *state, size_t table, size_t column)
{
	const char *pattern = PICK(patterns, state), *name = PICK(names, state);
	size_t other = draw(state, ARRAY_LEN(tables));
	struct text t;

	text_init(&t, 0);
	for (const char *c = pattern; *c != '\0'; c++) {
		if (*c == '$' && c[1] >= 'A' && c[1] <= 'Z')
			text_put(&t, word_for(*++c, table, other, column, state, name));
		else
			text_put_char(&t, *c);
	}
	const char *sql = arena_str(arena, t.ptr);
	text_fini(&t);
	return sql;
}

void
pairs_generate(struct arena *arena, uint64_t seed, size_t count, struct pairs *out)
{
	uint64_t state = seed * 2654435761U + 88172645463325252U;

	for (size_t i = 0; i < count; i++) {
		size_t table = draw(&state, ARRAY_LEN(tables)), column = draw(&state, 6);
		bool together = draw(&state, 8) > 0;
		struct pair p = {.a = statement(arena, &state, table, column)};
		if (!together)
			table = draw(&state, ARRAY_LEN(tables));
		if (draw(&state, 2) == 0)
			column = draw(&state, 6);
		p.b = statement(arena, &state, table, column);
		out->items =
			arena_grow(arena, out->items, out->count, &out->cap, sizeof(*out->items));
		out->items[out->count++] = p;
	}
}
