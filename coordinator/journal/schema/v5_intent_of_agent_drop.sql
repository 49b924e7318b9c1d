DROP INDEX intent_of_agent;
