SELECT coalesce(sum(stored), 0) FROM bundle_file;
