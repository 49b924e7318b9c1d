SELECT count(*) FROM intent WHERE branch_name >= ?1 AND branch_name < ?1 || '~';
