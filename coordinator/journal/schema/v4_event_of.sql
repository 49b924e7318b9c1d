CREATE INDEX event_of ON event (subject);
