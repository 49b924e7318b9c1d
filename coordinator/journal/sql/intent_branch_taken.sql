SELECT 1 FROM intent WHERE branch_name = ?1;
