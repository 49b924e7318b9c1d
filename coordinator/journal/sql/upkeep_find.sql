SELECT time, detail FROM upkeep WHERE task = ?1;
