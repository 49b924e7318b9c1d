DELETE FROM version WHERE version = ?1;
