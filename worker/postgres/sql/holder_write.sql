INSERT INTO {holder} AS h (lock_id, pid, hostname, usename, command, acquired_at)
VALUES ($1::bigint, $2::integer, $3::text, current_user, $4::text, pg_catalog.now())
    ON CONFLICT (lock_id) DO UPDATE
       SET pid = excluded.pid, hostname = excluded.hostname, usename = excluded.usename,
           command = excluded.command, acquired_at = excluded.acquired_at
