INSERT INTO intent_key (key, intent) VALUES (?1, ?2) ON CONFLICT DO NOTHING;
