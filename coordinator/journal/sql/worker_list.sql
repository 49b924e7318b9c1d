SELECT name, version, draining, last_seen FROM worker ORDER BY name;
