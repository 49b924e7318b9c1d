INSERT INTO claim_number (intent) VALUES (?1) RETURNING number;
