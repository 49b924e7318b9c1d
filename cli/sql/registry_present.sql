-- Whether the Python tool keeps its intents here, as the search_path finds them.
SELECT pg_catalog.to_regclass('tb_pggit_intent')::pg_catalog.text
