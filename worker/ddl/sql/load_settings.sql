-- What every file begins with: the meaning of a schema must not depend on who loads it, or where.
SELECT pg_catalog.set_config(s.name, s.value, false)
FROM (VALUES
    ('search_path', 'public'),
    ('check_function_bodies', 'off'),
    ('standard_conforming_strings', 'on'),
    ('client_min_messages', 'warning'),
    ('datestyle', 'ISO, MDY'),
    ('intervalstyle', 'postgres'),
    ('timezone', 'UTC'),
    ('default_tablespace', ''),
    ('default_transaction_read_only', 'off'),
    ('lock_timeout', '0'),
    ('statement_timeout', '0'),
    ('synchronous_commit', 'off'),
    ('xmloption', 'content')
) AS s (name, value)
