DELETE FROM upkeep WHERE task = 'journal.accept';
