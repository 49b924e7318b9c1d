DELETE FROM target;
