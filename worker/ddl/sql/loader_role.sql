SELECT current_user::pg_catalog.text
