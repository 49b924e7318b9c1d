DELETE FROM version;
