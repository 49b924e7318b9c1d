DELETE FROM claim_number;
