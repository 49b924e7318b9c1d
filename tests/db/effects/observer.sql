-- What the observer works with; made once for each of its sessions.
SET client_min_messages = warning;
SET jit = off;
CREATE TEMP TABLE was (oid oid PRIMARY KEY, relname name, relkind "char", relfilenode oid);
CREATE TEMP TABLE told (id int, role text, via text, named bool, name text, oid oid, least int, lock int, rewrite int, scan int);
-- direct: one that the effect itself is about, not one that only goes with it.
CREATE TEMP TABLE cover (id int, oid oid, direct bool);
-- Everything below a relation, itself first.
CREATE FUNCTION pg_temp.heirs(top oid) RETURNS SETOF oid LANGUAGE sql AS $$
	WITH RECURSIVE h(o) AS (SELECT top UNION SELECT inhrelid FROM h JOIN pg_inherits ON inhparent = o)
	SELECT o FROM h $$;
CREATE FUNCTION pg_temp.parents(top oid) RETURNS SETOF oid LANGUAGE sql AS $$
	WITH RECURSIVE h(o) AS (SELECT top UNION SELECT inhparent FROM h JOIN pg_inherits ON inhrelid = o)
	SELECT o FROM h WHERE o <> top $$;
-- A view stands for what it reads.
CREATE FUNCTION pg_temp.sources(top oid) RETURNS SETOF oid LANGUAGE sql AS $$
	WITH RECURSIVE s(o) AS (SELECT top UNION SELECT d.refobjid FROM s
		JOIN pg_rewrite r ON r.ev_class = o
		JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
		WHERE d.refclassid = 'pg_class'::regclass)
	SELECT pg_temp.heirs(o) FROM s $$;
CREATE FUNCTION pg_temp.referencing(top oid) RETURNS SETOF oid LANGUAGE sql AS $$
	WITH RECURSIVE r(o) AS (SELECT pg_temp.heirs(top) UNION SELECT conrelid FROM r
		JOIN pg_constraint ON confrelid = o AND contype = 'f')
	SELECT o FROM r WHERE o <> top $$;
-- What anything of this name has hanging on it.
CREATE FUNCTION pg_temp.dependents(called text) RETURNS SETOF oid LANGUAGE sql AS $$
	WITH RECURSIVE d(class, o) AS (
		SELECT * FROM (
			SELECT tableoid, oid FROM pg_class WHERE relname = called
			UNION ALL SELECT tableoid, oid FROM pg_proc WHERE proname = called
			UNION ALL SELECT tableoid, oid FROM pg_type WHERE typname = called
			UNION ALL SELECT tableoid, oid FROM pg_foreign_server WHERE srvname = called
			UNION ALL SELECT tableoid, oid FROM pg_extension WHERE extname = called
			UNION ALL SELECT tableoid, oid FROM pg_namespace WHERE nspname = called) first
		UNION
		SELECT step.* FROM d, LATERAL (
			SELECT x.classid, x.objid FROM pg_depend x WHERE x.refclassid = class AND x.refobjid = o
			UNION ALL SELECT 'pg_class'::regclass, r.ev_class FROM pg_rewrite r
			WHERE class = 'pg_rewrite'::regclass AND r.oid = o) step)
	SELECT o FROM d WHERE class = 'pg_class'::regclass
	UNION SELECT t.tgrelid FROM d JOIN pg_trigger t ON class = 'pg_trigger'::regclass AND t.oid = o
	UNION SELECT c.conrelid FROM d JOIN pg_constraint c ON class = 'pg_constraint'::regclass AND c.oid = o
	UNION SELECT a.adrelid FROM d JOIN pg_attrdef a ON class = 'pg_attrdef'::regclass AND a.oid = o
	$$;
