/* Options, arguments and examples of `confiture coordinate`. */
#include "cli/tables.h"

#include "shared/base/banned.h"

/* clang-format off */
#define OPTION_AGENT_ID \
	{.name = "agent-id", .type = OPTION_TEXT, .value = "AGENT", \
	 .help = "who you are: CONFITURE_AGENT_ID, else user@host; with a coordinator the token's name or NAME/…"}
#define OPTION_INTENT_ID \
	{.name = "intent-id", .type = OPTION_TEXT, .value = "ID", .flags = OPTION_REQUIRED, \
	 .help = "id of the intent, or enough of its start to be unique"}
#define OPTION_TOKEN \
	{.name = "token", .type = OPTION_INT, .value = "N", .choices = "1", \
	 .help = "number of your claims: refused when they were acquired again since"}
#define OPTION_TTL \
	{.name = "ttl", .type = OPTION_DURATION, .value = "DURATION", \
	 .help = "how long without a word from you it lasts (default: 30m with claims, else 24h)"}
#define OPTION_REGISTRY_URL \
	{.name = "database-url", .type = OPTION_TEXT, .value = "URL", .flags = OPTION_SECRET, \
	 .help = "a database with the Python tool's registry: its open intents are read, and count"}
#define OPTION_FEATURE_NAME(flag) \
	{.name = "feature-name", .type = OPTION_TEXT, .value = "NAME", .flags = (flag), \
	 .help = "what it is for"}
#define OPTIONS_OF_CHANGES \
	{.name = "schema-changes", .type = OPTION_TEXT, .value = "SQL|FILE.sql", .flags = OPTION_REQUIRED, \
	 .help = "statements, or a file that ends in .sql"}, \
	{.name = "tables-affected", .type = OPTION_LIST, .value = "TABLE[,TABLE…]", \
	 .help = "tables that the statements do not name"}, \
	{.name = "env", .type = OPTION_TEXT, .value = "NAME", \
	 .help = "it concerns this environment alone: db/environments/NAME.yaml"}, \
	{.name = "branch", .type = OPTION_TEXT, .value = "NAME", \
	 .help = "of the repository (default: the one that is checked out)"}
#define OPTIONS_OF_ANSWER \
	OPTION_FORMAT("text|json", "text"), OPTION_OUTPUT, OPTION_TIMEOUT
#define OPTIONS_OF_MOVE \
	OPTION_INTENT_ID, OPTION_AGENT_ID, OPTION_REGISTRY_URL, OPTIONS_OF_ANSWER
/* clang-format on */

const struct argument argument_held_command[] = {
	{"COMMAND", true, true, "what to run, after --"},
	{NULL, false, false, NULL},
};

const struct option coordinate_register_options[] = {
	OPTION_AGENT_ID,
	OPTION_FEATURE_NAME(OPTION_REQUIRED),
	OPTIONS_OF_CHANGES,
	{.name = "risk-level",
	 .type = OPTION_CHOICE,
	 .value = "LEVEL",
	 .choices = "low|medium|high",
	 .fallback = "low",
	 .help = "how much can go wrong"},
	{.name = "estimated-hours",
	 .type = OPTION_TEXT,
	 .value = "HOURS",
	 .fallback = "0",
	 .help = "how long it will take"},
	{.name = "metadata",
	 .type = OPTION_TEXT,
	 .value = "JSON",
	 .help = "an object that is kept with it"},
	{.name = "claim",
	 .type = OPTION_SWITCH,
	 .help = "hold what it touches: all of it, or exit 6 and who is in the way"},
	{.name = "wait",
	 .type = OPTION_DURATION,
	 .value = "DURATION",
	 .help = "with --claim: queue that long, first come first served"},
	OPTION_TTL,
	{.name = "allow-warnings",
	 .type = OPTION_SWITCH,
	 .help = "only conflicts of severity error make it conflicted"},
	OPTION_REGISTRY_URL,
	OPTIONS_OF_ANSWER,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_END,
};
const char *const coordinate_register_examples[] = {
	"confiture coordinate register --feature-name email --schema-changes email.sql "
	"--claim|say it and hold it",
	"confiture coordinate register --feature-name email --schema-changes "
	"db/migrations/007_email.up.sql --claim --wait 10m|wait for whoever holds it",
	NULL,
};

const struct option coordinate_check_options[] = {
	OPTION_AGENT_ID,
	OPTION_FEATURE_NAME(0),
	OPTIONS_OF_CHANGES,
	{.name = "fail-on",
	 .type = OPTION_CHOICE,
	 .value = "SEVERITY",
	 .choices = "warning|error",
	 .help = "exit 6 when a conflict is at least that severe"},
	OPTION_REGISTRY_URL,
	OPTIONS_OF_ANSWER,
	OPTION_END,
};
const char *const coordinate_check_examples[] = {
	"confiture coordinate check --schema-changes db/migrations/007_email.up.sql --fail-on "
	"error|may this branch go on?",
	NULL,
};

const struct option coordinate_start_options[] = {OPTIONS_OF_MOVE, OPTION_TOKEN, OPTION_END};
const char *const coordinate_start_examples[] = {
	"confiture coordinate start --intent-id 0197|you are at work",
	NULL,
};
const struct option coordinate_complete_options[] = {OPTIONS_OF_MOVE, OPTION_TOKEN, OPTION_END};
const char *const coordinate_complete_examples[] = {
	"confiture coordinate complete --intent-id 0197|the work is done",
	NULL,
};
const struct option coordinate_merge_options[] = {
	OPTIONS_OF_MOVE,
	OPTION_TOKEN,
	{.name = "files",
	 .type = OPTION_LIST,
	 .value = "FILE[,FILE…]",
	 .help = "the migration files that landed"},
	OPTION_END,
};
const char *const coordinate_merge_examples[] = {
	"confiture coordinate merge --intent-id 0197 --files "
	"db/migrations/007_email.up.sql|it landed",
	NULL,
};
const struct option coordinate_renew_options[] = {OPTIONS_OF_MOVE, OPTION_TOKEN, OPTION_TTL,
						  OPTION_END};
const char *const coordinate_renew_examples[] = {
	"confiture coordinate renew --intent-id 0197 --ttl 2h|keep it longer",
	NULL,
};
const struct option coordinate_release_options[] = {OPTIONS_OF_MOVE, OPTION_TOKEN, OPTION_END};
const char *const coordinate_release_examples[] = {
	"confiture coordinate release --intent-id 0197|let others at it",
	NULL,
};
const struct option coordinate_abandon_options[] = {
	OPTIONS_OF_MOVE,
	{.name = "reason",
	 .type = OPTION_TEXT,
	 .value = "TEXT",
	 .flags = OPTION_REQUIRED,
	 .help = "kept in the journal"},
	OPTION_END,
};
const char *const coordinate_abandon_examples[] = {
	"confiture coordinate abandon --intent-id 0197 --reason superseded|give it up",
	NULL,
};

const struct option coordinate_resolve_options[] = {
	{.name = "conflict-id",
	 .type = OPTION_INT,
	 .value = "N",
	 .choices = "0",
	 .flags = OPTION_REQUIRED,
	 .help = "number of the conflict"},
	{.name = "notes",
	 .type = OPTION_TEXT,
	 .value = "TEXT",
	 .flags = OPTION_REQUIRED,
	 .help = "what was agreed; kept in the journal"},
	OPTION_AGENT_ID,
	OPTION_REGISTRY_URL,
	OPTIONS_OF_ANSWER,
	OPTION_END,
};
const char *const coordinate_resolve_examples[] = {
	"confiture coordinate resolve --conflict-id 3 --notes agreed|let it go on",
	NULL,
};

const struct option coordinate_hold_options[] = {
	OPTION_INTENT_ID, OPTION_AGENT_ID, OPTION_TOKEN, OPTION_REGISTRY_URL, OPTION_END,
};
const char *const coordinate_hold_examples[] = {
	"confiture coordinate hold --intent-id 0197 -- make test|keep it while the tests run",
	NULL,
};

const struct option coordinate_import_options[] = {
	{.name = "database-url",
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .flags = OPTION_SECRET | OPTION_REQUIRED,
	 .help = "the database with the Python tool's registry; it is only read"},
	OPTIONS_OF_ANSWER,
	OPTION_END,
};
const char *const coordinate_import_examples[] = {
	"confiture coordinate import --database-url postgresql:///app|from now on here alone",
	NULL,
};

const struct option coordinate_status_options[] = {OPTIONS_OF_MOVE, OPTION_END};
const char *const coordinate_status_examples[] = {
	"confiture coordinate status --intent-id 0197|what it holds and what is in its way",
	NULL,
};

const struct option coordinate_list_intents_options[] = {
	{.name = "status-filter",
	 .type = OPTION_CHOICE,
	 .value = "STATUS",
	 .choices = INTENT_STATES,
	 .help = "only these"},
	{.name = "agent-filter",
	 .type = OPTION_TEXT,
	 .value = "AGENT",
	 .help = "only those of this agent"},
	{.name = "open", .type = OPTION_SWITCH, .help = "only those that have not ended"},
	OPTION_AGENT_ID,
	OPTION_REGISTRY_URL,
	OPTIONS_OF_ANSWER,
	OPTION_END,
};
const char *const coordinate_list_intents_examples[] = {
	"confiture coordinate list-intents --open|who is at what",
	NULL,
};

const struct option coordinate_conflicts_options[] = {OPTION_AGENT_ID, OPTION_REGISTRY_URL,
						      OPTIONS_OF_ANSWER, OPTION_END};
const char *const coordinate_conflicts_examples[] = {
	"confiture coordinate conflicts|what nobody has looked at",
	NULL,
};

const struct option coordinate_claims_options[] = {
	{.name = "agent", .type = OPTION_TEXT, .value = "AGENT", .help = "only what it holds"},
	{.name = "object",
	 .type = OPTION_TEXT,
	 .value = "OBJECT",
	 .help = "only claims on it: users, public.users, users.email"},
	OPTION_AGENT_ID,
	OPTION_REGISTRY_URL,
	OPTIONS_OF_ANSWER,
	OPTION_END,
};
const char *const coordinate_claims_examples[] = {
	"confiture coordinate claims --object users|who holds it, and until when",
	NULL,
};

const struct option coordinate_history_options[] = {OPTIONS_OF_MOVE, OPTION_END};
const char *const coordinate_history_examples[] = {
	"confiture coordinate history --intent-id 0197|every move of it",
	NULL,
};

const struct option coordinate_watch_options[] = {
	{.name = "since",
	 .type = OPTION_INT,
	 .value = "SEQ",
	 .choices = "0",
	 .help = "number of the last event that was seen (default: only what comes)"},
	OPTION_AGENT_ID,
	OPTION_REGISTRY_URL,
	OPTION_FORMAT("text|json|ndjson", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const coordinate_watch_examples[] = {
	"confiture coordinate watch -f ndjson --since 120|one event a line, none left out",
	NULL,
};
