INSERT INTO {fence} AS f (ledger, token, backend_pid, backend_start, journal, job, attempt, coordinator)
SELECT $1::text, 1, pg_catalog.pg_backend_pid(), a.backend_start, $2::text, $3::text, $4::bigint, $5::text
  FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a
    ON CONFLICT (ledger) DO UPDATE
       SET token = f.token + 1, backend_pid = excluded.backend_pid, backend_start = excluded.backend_start,
           journal = excluded.journal, job = excluded.job, attempt = excluded.attempt, taken_at = excluded.taken_at,
           coordinator = coalesce(excluded.coordinator, f.coordinator)
RETURNING f.token,
          CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 140000
               THEN pg_catalog.set_config('idle_session_timeout', '0', false) END
