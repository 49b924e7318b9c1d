SELECT message, request_hash, body FROM reply WHERE identity = ?1 AND key = ?2;
