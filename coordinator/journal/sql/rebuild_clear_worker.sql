DELETE FROM worker;
