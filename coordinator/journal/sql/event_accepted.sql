SELECT CAST(detail AS INTEGER) FROM upkeep WHERE task = 'journal.accept';
