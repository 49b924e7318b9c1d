-- Who reads: what a plan makes is this role's before it is anybody else's.
SELECT quote_ident(current_user)
