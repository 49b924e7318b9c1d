DELETE FROM {holder} WHERE lock_id = $1::bigint
