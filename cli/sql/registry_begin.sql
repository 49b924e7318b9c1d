-- One view of all its rows, nothing written, and nobody waited for longer than somebody at a terminal waits.
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '60s'
