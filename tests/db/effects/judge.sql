-- What was measured against what was told: every complaint. $1: locks as {oid: strength}; $2 and $3: the
-- state before and after as {oid: [file, rows read]}; $4: whether scans were looked at.
WITH measured AS (
	SELECT w.oid, w.relname, w.relkind, coalesce(($1::jsonb->>w.oid::text)::int, 0) AS lock,
		coalesce($2::jsonb->w.oid::text->>0 <> $3::jsonb->w.oid::text->>0, false) AS rewritten,
		coalesce(($2::jsonb->w.oid::text->>1)::int < ($3::jsonb->w.oid::text->>1)::int, false) AS scanned
	FROM was w
), allowed AS (
	SELECT c.oid, max(t.lock) AS lock, max(t.rewrite) AS rewrite, max(t.scan) AS scan
	FROM cover c JOIN told t ON t.id = c.id GROUP BY c.oid
)
SELECT string_agg(what, '; ') FROM (
	SELECT format('%s has lock %s, told is %s', relname, m.lock, coalesce(a.lock, 0)) AS what
	FROM measured m LEFT JOIN allowed a ON a.oid = m.oid
	-- The row type of a type is read wherever the type is.
	WHERE m.lock > coalesce(a.lock, 0) AND NOT (m.relkind = 'c' AND m.lock = 1)
	UNION ALL
	SELECT format('%s is written anew', relname)
	FROM measured m LEFT JOIN allowed a ON a.oid = m.oid WHERE m.rewritten AND coalesce(a.rewrite, 0) = 0
		AND NOT (m.relkind = 'S' AND NOT EXISTS (SELECT FROM cover c WHERE c.oid = m.oid AND c.direct))
	UNION ALL
	SELECT format('%s is scanned', relname)
	FROM measured m LEFT JOIN allowed a ON a.oid = m.oid WHERE m.scanned AND coalesce(a.scan, 0) = 0
	UNION ALL
	SELECT format('%s: %s of %s has lock %s, at least %s is told', relname, t.role, t.name, m.lock, t.least)
	FROM told t JOIN cover c ON c.id = t.id AND c.direct JOIN measured m ON m.oid = c.oid
	WHERE m.lock < t.least
	UNION ALL
	SELECT format('%s is not written anew', relname)
	FROM told t JOIN cover c ON c.id = t.id AND c.direct JOIN measured m ON m.oid = c.oid
	WHERE t.rewrite = 2 AND t.least > 0 AND m.relkind IN ('r', 'm', 'i', 'S') AND NOT m.rewritten
		-- Built concurrently it is another index that took the name.
		AND $3::jsonb ? m.oid::text
	UNION ALL
	SELECT format('%s is not scanned', relname)
	FROM told t JOIN cover c ON c.id = t.id AND c.direct JOIN measured m ON m.oid = c.oid
	WHERE $4::bool AND t.scan = 2 AND t.least > 0 AND m.relkind IN ('r', 'm') AND NOT m.scanned
	UNION ALL
	SELECT format('%s is told, and there is no such relation', t.name)
	FROM told t WHERE t.named AND t.least > 0 AND t.oid IS NULL
) x;
