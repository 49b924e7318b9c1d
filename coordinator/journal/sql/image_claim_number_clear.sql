DELETE FROM claim_number WHERE intent = ?1;
