-- What the server's own printers look at, so that every server prints the same text for the same object. With an
-- empty path every name comes out with its schema.
SELECT set_config('search_path', '', true),
       set_config('quote_all_identifiers', 'off', true),
       set_config('datestyle', 'ISO, MDY', true),
       set_config('intervalstyle', 'postgres', true),
       set_config('timezone', 'UTC', true),
       set_config('extra_float_digits', '1', true),
       set_config('row_security', 'off', true);
