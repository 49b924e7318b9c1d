PRAGMA application_id = 1129270854;
