SELECT coalesce(max(queue), 0) FROM intent WHERE queue IS NOT NULL;
