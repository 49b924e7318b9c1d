-- Nothing to undo: an empty bio says as little as none.
SELECT 1;
