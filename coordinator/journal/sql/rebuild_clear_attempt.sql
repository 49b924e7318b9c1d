DELETE FROM attempt;
