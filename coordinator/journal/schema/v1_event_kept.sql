CREATE TRIGGER event_kept BEFORE DELETE ON event
BEGIN
	SELECT raise(ABORT, 'events are kept');
END;
