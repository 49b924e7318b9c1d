CREATE INDEX claim_number_of ON claim_number (intent);
