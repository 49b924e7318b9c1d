CREATE TRIGGER event_fixed BEFORE UPDATE ON event
BEGIN
	SELECT raise(ABORT, 'events are not changed');
END;
