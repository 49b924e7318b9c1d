DROP INDEX intent_lapse;
