-- runs outside a transaction, statement by statement: readers and writers go on meanwhile
CREATE INDEX CONCURRENTLY orders_placed_at_idx ON orders (placed_at);
