DELETE FROM upkeep WHERE task = ?1;
