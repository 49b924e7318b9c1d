#ifndef CONFITURE_BASE_ERROR_CODES_H
#define CONFITURE_BASE_ERROR_CODES_H

#include <stddef.h>

/*
 * Every error code there is: ONE table. `confiture explain`, --exit-codes, --exit-codes-json, the
 * JSON envelope and docs/reference/errors.md are printed from it. Codes and exit codes that the
 * Python confiture has keep its meaning.
 *
 *   X(code, exit, severity, meaning, why, remedy)
 *
 * meaning: one line · why: when it happens · remedy: the next step, one runnable command a line
 * where there is one.
 */
enum error_severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_CRITICAL };

/* clang-format off */
#define ERROR_CODES(X) \
	/* -- exit 0: fine, with a remark -- */ \
	X(MIGR_101, 0, WARNING, "migration is already applied", "the ledger holds this version", \
	  "confiture migrate status") \
	X(MIGR_105, 0, INFO, "nothing is pending", "every migration file has a ledger row", "confiture migrate status") \
	/* -- exit 1: internal, SQL, findings -- */ \
	X(INTERNAL_ERROR, 1, ERROR, "unexpected failure", "an error that has no code of its own", \
	  "confiture doctor") \
	X(SQL_001, 1, ERROR, "SQL failed", "the server refused a statement of ours", \
	  "confiture doctor") \
	X(SQL_700, 1, ERROR, "SQL execution failed", "the server refused a statement", "confiture doctor") \
	X(SQL_701, 1, ERROR, "prepared statement failed", "the server refused a prepared statement", \
	  "confiture doctor") \
	X(SQL_702, 1, WARNING, "deadlock", "two sessions waited for each other", "run the same command again") \
	X(SQL_703, 1, ERROR, "lock timeout", "a table lock was not granted in time", "run the same command again") \
	X(INIT_001, 1, ERROR, "the project exists already", "there is a db/ folder and nobody agreed to add to it", \
	  "confiture validate-config") \
	X(JOB_001, 1, ERROR, "no such job", "the journal knows no job of that id", "confiture job list") \
	X(JOB_002, 1, ERROR, "the job is not in a state for that", \
	  "a job moves only along its state table; a finished job cannot be cancelled", "confiture job list") \
	X(JOB_005, 1, ERROR, "the bundle is incomplete", \
	  "a file of it never reached the coordinator, or its bytes do not fit its SHA-256", "run the same command again") \
	X(INTENT_001, 1, ERROR, "no such intent", "the journal knows no intent of that id", \
	  "confiture coordinate list-intents") \
	X(INTENT_002, 1, ERROR, "the intent is not in a state for that", \
	  "an intent moves only along its state table; what has ended is not moved again", \
	  "confiture coordinate list-intents") \
	X(INTENT_004, 1, ERROR, "no such conflict", "the journal knows no conflict of that number", \
	  "confiture coordinate conflicts") \
	X(WIRE_001, 1, ERROR, "malformed or oversize message", \
	  "the bytes are no message of this protocol, or pass a limit; another program may answer at that address", \
	  "confiture doctor") \
	X(JRNL_001, 1, ERROR, "the journal cannot be opened or written", \
	  "its folder is not writable, the disk is full, or another process holds it too long", "confiture doctor") \
	X(JRNL_002, 1, ERROR, "the journal is damaged", "its pages or its chain do not add up", \
	  "confiture audit verify") \
	X(JRNL_003, 1, ERROR, "the journal was written by a newer confiture", \
	  "its schema version is higher than this program knows", "install the newer confiture") \
	X(AUDIT_001, 1, ERROR, "the audit chain is broken", "a record was changed or removed after it was written", \
	  "confiture audit verify") \
	X(AUDIT_002, 1, ERROR, "the journal is not the one that was known", \
	  "its chain does not contain what a worker was told: it was cut, rewritten, or restored from an older copy", \
	  "confiture audit verify\nconfiture-coordinator journal accept") \
	X(CHECKSUM_MISMATCH, 1, ERROR, "an applied migration file was changed", \
	  "the SHA-256 of the file differs from the one recorded when it was applied", \
	  "git log -p -- db/migrations\nconfiture verify-checksums --fix") \
	X(MIGR_120, 1, ERROR, "orphan migration files under strict mode", \
	  "a .sql file is neither .up.sql, .down.sql nor .verify.sql", "confiture migrate validate --fix-naming --dry-run") \
	X(MIGR_121, 1, ERROR, "a migration has no .down.sql", \
	  "--require-reversible asks for one beside every migration", "write the missing .down.sql files") \
	X(MIGR_122, 1, ERROR, "verification failed", "a .verify.sql check was not true", "confiture migrate verify") \
	X(HOOK_1100, 1, ERROR, "a hook failed before execution", "", "") \
	X(HOOK_1101, 1, ERROR, "a hook failed after execution", "", "") \
	X(DIFFER_402, 1, WARNING, "the difference is ambiguous", "", "") \
	/* -- exit 2: usage, and a ledger that is not there -- */ \
	X(USAGE_001, 2, ERROR, "wrong usage", "an option or argument is unknown, missing or malformed", \
	  "confiture --help") \
	X(PRECON_1001, 2, ERROR, "the tracking table does not exist", \
	  "this database was never managed by confiture, or search_path or tracking_table point elsewhere", \
	  "confiture migrate baseline --through VERSION\nconfiture migrate up") \
	/* -- exit 3: database or migration -- */ \
	X(CONFIG_006, 3, ERROR, "cannot connect to the database", \
	  "host, port, database, user or password are wrong, or the server is down", "confiture doctor") \
	X(COORD_001, 3, ERROR, "cannot reach the coordinator", \
	  "its address is wrong, it is down, or the network in between is", "confiture doctor") \
	X(COORD_002, 3, ERROR, "the coordinator speaks another protocol", \
	  "the two programs are more than one protocol version apart", "install the same version of confiture on both sides") \
	X(JOB_006, 3, ERROR, "too many jobs are open", \
	  "jobs are submitted faster than the workers end them; the coordinator keeps no more than its limit", \
	  "confiture job list\nrun the same command again") \
	X(WORKER_001, 3, ERROR, "no worker serves that target now", \
	  "its worker is down, cut off, or draining", "confiture worker list") \
	X(WORKER_003, 3, ERROR, "the worker does not know that kind of job", \
	  "its confiture-worker is older than the command", "install this version of confiture-worker beside the database\n" \
	  "confiture worker list") \
	X(TARGET_001, 3, ERROR, "the server is read-only", \
	  "it is a standby, or default_transaction_read_only is on", "use the address of the primary server") \
	X(TARGET_002, 3, ERROR, "a transaction pooler stands in between", \
	  "the backend changed between two statements; session locks cannot be held through it", \
	  "use the direct address of the server") \
	X(TARGET_003, 3, ERROR, "not enough rights in the database", \
	  "the role may not do what the migration or the ledger needs", "grant the right named above to the role") \
	X(TARGET_004, 3, ERROR, "the server has no room left", "its disk or a limit of it is full", \
	  "free space on the server, then run the same command again") \
	X(TARGET_005, 3, ERROR, "the connection to the database was lost", \
	  "the server restarted, the backend was ended, or the network broke; what was not committed is undone", \
	  "run the same command again") \
	X(TARGET_006, 3, ERROR, "the database is not empty", \
	  "only a fresh database is built; what is in this one would be in the way, or be lost", \
	  "createdb NAME\nconfiture build --apply --database-url URL") \
	X(MIGR_001, 3, ERROR, "migration failed", "a statement of it failed; its transaction was rolled back", \
	  "mend the file, then run the same command again") \
	X(MIGR_004, 3, ERROR, "migration exists already", "a file of that version is there", "confiture migrate status") \
	X(MIGR_010, 3, ERROR, "migration lock timeout", "a statement waited too long for a lock", \
	  "run the same command again") \
	X(MIGR_011, 3, ERROR, "migration file changed while it ran", \
	  "the bytes read differ from those that were submitted", "run the same command again") \
	X(MIGR_100, 3, ERROR, "no such migration", "no file, or no ledger row, has that version", \
	  "confiture migrate status") \
	X(MIGR_102, 3, ERROR, "migration file cannot be used", \
	  "it is unreadable, empty of meaning, or not named as a migration", "confiture migrate validate") \
	X(MIGR_103, 3, ERROR, "migration depends on another", "", "") \
	X(MIGR_104, 3, ERROR, "migration is locked", "", "") \
	X(MIGR_106, 3, ERROR, "two files have the same version", "versions must be unique; both files are named", \
	  "rename one of them, then: confiture migrate validate") \
	X(MIGR_107, 3, ERROR, "transaction control inside a migration", \
	  "each migration runs in one transaction of ours; only a BEGIN … COMMIT around the whole body is accepted", \
	  "remove BEGIN, COMMIT, ROLLBACK from the file") \
	X(MIGR_108, 3, ERROR, "migration file is not UTF-8", "it holds bytes that are no UTF-8, or a NUL", \
	  "iconv -f LATIN1 -t UTF-8 FILE > FILE.utf8") \
	X(MIGR_109, 3, ERROR, "migration file ends in the middle", \
	  "a quote, comment, dollar quote, parenthesis or BEGIN ATOMIC is not closed", "close what was opened at the line above") \
	X(MIGR_110, 3, ERROR, "a statement is too large", "one statement may have up to 64 MiB", \
	  "split the statement, or load the rows with COPY") \
	X(MIGR_111, 3, ERROR, "psql command in a migration", \
	  "lines that start with a backslash are for psql; confiture sends SQL to the server", \
	  "remove the line") \
	X(MIGR_112, 3, ERROR, "the migration would drop the runner's lock", \
	  "pg_advisory_unlock_all, DISCARD ALL and the like end the lock that keeps other runs out", \
	  "remove that statement") \
	X(MIGR_113, 3, ERROR, "a pending migration is written in Python", \
	  "this confiture runs SQL; applied Python migrations are no problem, pending ones cannot be run", \
	  "write its statements into <version>_<name>.up.sql and .down.sql and remove the .py file") \
	X(MIGR_114, 9, ERROR, "the outcome of a statement cannot be settled", \
	  "the run was cut while a statement outside a transaction ran, and the catalogue cannot tell whether it finished", \
	  "look at the database, then: confiture job settle JOB") \
	X(MIGR_115, 3, ERROR, "a migration outside transactions needs the lock", \
	  "--no-lock was given and a pending migration has statements that cannot run in a transaction", \
	  "run without --no-lock") \
	X(MIGR_116, 3, ERROR, "a half-applied file was changed", \
	  "some of its statements are already done and the part that ran reads differently now", \
	  "restore the statements that ran, and continue after them") \
	X(MIGR_117, 3, ERROR, "statements must be allowed to be unsettled", \
	  "a CALL or DO that commits inside cannot be settled after a crash", \
	  "add the line  -- confiture:allow-unsettled  to the file") \
	X(MIGR_118, 3, ERROR, "a pending migration has preconditions in a .yaml file", \
	  "this confiture does not check them, and running the migration without them could do harm", \
	  "write them at the start of the .up.sql file as DO $$ BEGIN IF … THEN RAISE EXCEPTION …; END IF; END $$; " \
	  "and remove the .yaml file") \
	X(GEN_001, 3, ERROR, "generator failed", "", "") \
	/* -- exit 4: schema -- */ \
	X(SCHEMA_001, 4, ERROR, "schema error", "the schema files do not make a database", "mend the file named above") \
	X(SCHEMA_200, 4, ERROR, "syntax error in the schema", \
	  "a schema file is not UTF-8, ends in the middle of something, or the server cannot read a statement of it", \
	  "mend the statement at the line above") \
	X(SCHEMA_201, 4, ERROR, "schema directory is missing", "there is no such folder or file, or it cannot be read", \
	  "confiture init") \
	X(SCHEMA_202, 4, ERROR, "cycle in the schema", \
	  "each of the statements needs what another of them makes, so that none can be first", \
	  "take one of them apart: a foreign key by ALTER TABLE, a view by CREATE OR REPLACE VIEW") \
	X(SCHEMA_203, 4, ERROR, "something is defined twice", "two statements of the schema make an object of the same name", \
	  "remove one of the two") \
	X(SCHEMA_204, 4, ERROR, "schema hash differs", "", "") \
	X(SCHEMA_205, 4, ERROR, "the schema does not load", \
	  "the server refused a statement of the schema files, whatever was loaded before it", \
	  "mend the statement at the line above") \
	X(SCHEMA_206, 4, ERROR, "the schema is too large", \
	  "there are more files, more bytes or deeper folders than a schema may have", \
	  "name the folder that holds the schema only") \
	X(SCHEMA_207, 4, ERROR, "a statement cannot be part of a build", \
	  "a fresh database is built in one transaction: nothing may end it, or refuse to run in one", \
	  "remove the statement at the line above") \
	X(REBUILD_001, 4, ERROR, "rebuild failed", "", "") \
	/* -- exit 5: configuration -- */ \
	X(CONFIG_001, 5, ERROR, "a required setting is missing", "the file or command lacks a value that is needed", \
	  "confiture validate-config") \
	X(CONFIG_002, 5, ERROR, "the configuration file is not valid YAML", "", "confiture validate-config") \
	X(CONFIG_003, 5, ERROR, "the connection URL is not valid", \
	  "it must begin with postgresql:// or postgres://", "confiture validate-config") \
	X(CONFIG_004, 5, ERROR, "the configuration file is missing", "", \
	  "confiture init\nconfiture migrate status --database-url URL") \
	X(CONFIG_005, 5, ERROR, "a setting has a wrong value", "it does not match the pattern or range of the setting", \
	  "confiture validate-config") \
	X(CONFIG_007, 5, ERROR, "two connection sources were given", "only one may say which database is meant", \
	  "remove one of the two") \
	X(CONFIG_008, 5, ERROR, "unknown setting", "the key is not known; a near one is named where there is one", \
	  "confiture validate-config --strict") \
	X(CONFIG_010, 5, ERROR, "no connection URL", "neither option, variable nor file says which database is meant", \
	  "confiture migrate status --database-url URL") \
	X(CONFIG_011, 5, ERROR, "no such environment, group or target", "the project has no file or entry of that name", \
	  "ls db/environments") \
	X(WORKER_002, 5, ERROR, "no worker ever served that target", \
	  "its name is wrong, or it was forgotten on purpose", "confiture worker list") \
	X(AUTH_001, 5, ERROR, "the token is not accepted", "it is missing, wrong, revoked or expired", \
	  "on the coordinator's machine: confiture-coordinator token list\n" \
	  "there, for a new one: confiture-coordinator token create agent:NAME") \
	X(AUTH_002, 5, ERROR, "not allowed for this role", \
	  "the identity of the token may not do that, or not in that environment", \
	  "on the coordinator's machine: confiture-coordinator token list\n" \
	  "there, for one that may: confiture-coordinator token create operator:NAME") \
	X(INTENT_003, 5, ERROR, "another agent's intent", "only its owner or an operator moves an intent", \
	  "confiture coordinate list-intents") \
	X(INTENT_005, 5, ERROR, "too many open intents", "the agent has as many open intents as it may have", \
	  "confiture coordinate list-intents\nconfiture coordinate abandon --intent-id ID --reason TEXT") \
	X(INTENT_006, 5, ERROR, "the intent cannot be taken", \
	  "its agent, metadata, environment or statements are not what an intent is made of", \
	  "confiture coordinate register --help") \
	X(VALID_001, 5, ERROR, "validation failed", "", "") \
	X(VALID_500, 5, ERROR, "row validation failed", "", "") \
	X(VALID_501, 5, ERROR, "foreign key validation failed", "", "") \
	X(VALID_502, 5, ERROR, "custom validation failed", "", "") \
	X(VERIFY_001, 5, ERROR, "a verify file is not a single read-only query", \
	  "a .verify.sql file must be one SELECT, VALUES, TABLE or WITH … SELECT that changes nothing", \
	  "make it one SELECT whose first column is true when all is well") \
	X(SYNC_001, 5, ERROR, "sync failed", "", "") \
	X(SYNC_300, 5, ERROR, "sync source failed", "", "") \
	X(SYNC_301, 5, ERROR, "sync table failed", "", "") \
	X(SYNC_302, 5, ERROR, "sync rule failed", "", "") \
	X(SYNC_303, 5, ERROR, "sync copy failed", "", "") \
	X(DIFF_001, 5, ERROR, "diff failed", "", "") \
	X(DIFFER_400, 5, ERROR, "schema cannot be parsed", "the file is no snapshot of a structure, or holds what does not fit together", \
	  "confiture introspect SRC -o FILE") \
	X(DIFFER_401, 5, ERROR, "schemas cannot be compared", "", "") \
	X(DIFFER_403, 5, ERROR, "the script would lose data", "what is dropped or made anew holds rows or values", \
	  "confiture diff --from … --to … -f sql --allow-data-loss") \
	X(DIFFER_404, 5, ERROR, "not everything is compared", \
	  "something is there of a kind that no comparison knows, and --strict-coverage was given", \
	  "confiture diff --from … --to …") \
	X(DIFFER_405, 5, ERROR, "a rename cannot be done as it was said", \
	  "a name is not there, is taken, or means several things", \
	  "confiture introspect SRC -f text") \
	X(PRECON_1000, 5, ERROR, "a precondition failed", "", "") \
	X(ANON_1400, 5, ERROR, "anonymization profile is invalid", "", "") \
	X(ANON_1401, 5, ERROR, "anonymization strategy is unknown", "", "") \
	X(LINT_1500, 5, ERROR, "lint failed", "", "") \
	X(LINT_1501, 0, WARNING, "lint has remarks", "", "") \
	X(RESTORE_001, 5, ERROR, "restore failed", "", "") \
	X(SEED_001, 5, ERROR, "seed file is invalid", "", "") \
	/* -- exit 6: held by somebody else -- */ \
	X(LOCK_1300, 6, ERROR, "the migration lock is held", "another run works on this database; its holder is named", \
	  "wait for it, or run again with a longer --lock-timeout") \
	X(LOCK_1301, 6, WARNING, "the lock was lost", "the session that held it ended", "run the same command again") \
	X(LOCK_1302, 6, ERROR, "fenced off", "another run took over this database while this one was away", \
	  "confiture migrate status") \
	X(LOCK_1303, 6, ERROR, "the former run's session is still open", \
	  "it sits idle and holds the lock, and this role may not end it", \
	  "as a superuser or member of its role: SELECT pg_terminate_backend(PID)") \
	X(LOCK_1304, 6, ERROR, "this database belongs to another journal", \
	  "a worker of another coordinator serves it, whose claims and jobs this run does not see", \
	  "use that coordinator, or say why not: --foreign-journal --reason TEXT") \
	X(CLAIM_001, 6, ERROR, "claimed by another agent", "its holder is named, with since when and until when", \
	  "confiture coordinate claims\nrun the same command again with --wait 10m") \
	X(CLAIM_002, 6, ERROR, "the claims are no longer held", \
	  "their lease is over or they were given back; others may have changed the objects since", \
	  "confiture coordinate register --claim …") \
	X(CLAIM_003, 6, ERROR, "the number is not that of the claims", \
	  "they were acquired again since, or belong to another intent", "confiture coordinate status --intent-id ID") \
	X(CLAIM_004, 6, ERROR, "waiting would never end", "the agents would wait for each other; the cycle is shown", \
	  "confiture coordinate release --intent-id ID") \
	X(POOL_1200, 6, ERROR, "no connection left", "the server has no free connection slot", \
	  "run the same command again later") \
	X(POOL_1201, 6, ERROR, "connection pool timeout", "", "") \
	/* -- exit 7: git, and preflight findings -- */ \
	X(GIT_001, 7, ERROR, "git failed", "", "") \
	X(GIT_002, 7, ERROR, "not a git repository", "", "") \
	X(GIT_003, 7, ERROR, "base ref cannot be reached", "", "") \
	X(GIT_800, 7, ERROR, "git error", "", "") \
	X(GIT_801, 7, ERROR, "git error", "", "") \
	X(GIT_802, 7, ERROR, "git error", "", "") \
	X(GRANT_001, 7, ERROR, "grant change without migration", "", "") \
	X(PGGIT_900, 7, ERROR, "pggit failed", "", "") \
	X(PGGIT_901, 7, ERROR, "pggit is not installed", "", "") \
	X(PFLIGHT_MISSING_DOWN, 7, ERROR, "migration has no .down.sql", "it could not be rolled back", \
	  "write the .down.sql file") \
	X(PFLIGHT_NON_TRANSACTIONAL, 7, WARNING, "statements outside transactions", \
	  "they cannot be undone by the replay, so they are skipped unless allowed", \
	  "confiture migrate preflight --allow-non-transactional, on a copy that may be used up") \
	X(PFLIGHT_DUPLICATE_VERSION, 7, ERROR, "two files have the same version", "", "rename one of them") \
	X(PFLIGHT_CHECKSUM_MISMATCH, 7, ERROR, "an applied migration file was changed", "", \
	  "confiture verify-checksums") \
	X(PFLIGHT_REPLAY_FAILED, 7, ERROR, "a migration failed in the replay", \
	  "it failed on the copy and would fail in the same way on the real database", "mend the file named above") \
	X(PFLIGHT_DOWN_FAILED, 7, ERROR, "a down file failed in the replay", "the rollback would fail", \
	  "mend the .down.sql file") \
	X(PFLIGHT_DOWN_DIFFERS, 7, ERROR, "a down file does not bring back what was there", \
	  "behind it the structure is not what it was before the up file", "mend the .down.sql file") \
	X(PFLIGHT_SCHEMA_DRIFT, 7, ERROR, "the migrations do not lead to what the schema files say", \
	  "a fresh build and a migrated database would differ", \
	  "confiture migrate diff, or mend the schema files") \
	X(PFLIGHT_PYTHON, 7, ERROR, "a pending migration is written in Python", "it cannot be replayed or applied", \
	  "write its statements into .up.sql and .down.sql and remove the .py file") \
	/* PFLIGHT_REPLICA_*: what a replica, or an application of the former version, may notice */ \
	X(PFLIGHT_REPLICA_ADD_COLUMN, 7, WARNING, "the new column is not safe for readers of the former version", "it has NOT NULL or a default that rewrites", "add it nullable, backfill, then SET NOT NULL") \
	X(PFLIGHT_REPLICA_DROP_COLUMN, 7, WARNING, "a column is dropped", "readers of the former version still name it", "stop using the column, deploy, then drop it") \
	X(PFLIGHT_REPLICA_RENAME_COLUMN, 7, WARNING, "a column is renamed", "readers of the former version know the old name only", "add the new column, copy, switch readers, drop the old one") \
	X(PFLIGHT_REPLICA_CHANGE_TYPE, 7, WARNING, "the type of a column changes", "the table may be rewritten, and readers see another type", "add a new column of the new type, copy, switch readers, drop the old one") \
	X(PFLIGHT_REPLICA_ADD_CONSTRAINT, 7, WARNING, "a constraint is added and validated at once", "the whole table is scanned under a lock", "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in a later migration") \
	X(PFLIGHT_REPLICA_CREATE_INDEX, 7, WARNING, "an index is built under a lock", "writers wait until the index is built", "CREATE INDEX CONCURRENTLY") \
	X(PFLIGHT_REPLICA_DROP_TABLE, 7, WARNING, "a table is dropped", "readers of the former version still name it", "stop using the table, deploy, then drop it") \
	X(PFLIGHT_REPLICA_DROP_OBJECT, 7, WARNING, "an object is dropped", "readers of the former version still name it", "stop using it, deploy, then drop it") \
	X(PFLIGHT_REPLICA_REPLACE_OBJECT, 7, WARNING, "an object is replaced", "whether readers notice depends on what changed", "keep the signature and the columns, or give the new form a new name") \
	X(PFLIGHT_REPLICA_TRUNCATE, 7, WARNING, "a table is emptied", "readers see no rows", "delete in batches") \
	X(PFLIGHT_REPLICA_REVOKE, 7, WARNING, "rights are taken away", "running sessions lose them at once", "deploy without using the right, then revoke it") \
	X(PFLIGHT_REPLICA_SET_NOT_NULL, 7, WARNING, "a column becomes NOT NULL", "the table is scanned under a lock, and writers of the former version may fail", "ADD CHECK (c IS NOT NULL) NOT VALID, VALIDATE it, then SET NOT NULL") \
	X(PFLIGHT_REPLICA_RENAME_OBJECT, 7, WARNING, "an object is renamed", "readers of the former version know the old name only", "make the new name beside the old one, switch readers, drop the old one") \
	X(PFLIGHT_REPLICA_UNCLASSIFIED, 7, WARNING, "a statement could not be judged", "its effect on readers is not known", "read the statement yourself") \
	X(PFLIGHT_LIVE_DEPENDENTS, 7, WARNING, "a replaced object has dependents", "", "") \
	/* -- exit 8: rollback -- */ \
	X(ROLLBACK_001, 8, CRITICAL, "rollback failed", "", "confiture migrate status") \
	X(ROLLBACK_600, 8, CRITICAL, "a migration cannot be rolled back", \
	  "its .down.sql is missing, or it is a Python migration; nothing was changed", "write the .down.sql file") \
	X(ROLLBACK_601, 8, CRITICAL, "a rollback statement failed", "its transaction was rolled back", \
	  "mend the .down.sql file, then run the same command again") \
	X(ROLLBACK_602, 8, CRITICAL, "rollback left an inconsistent state", "", "confiture migrate status") \
	/* -- exit 9, 10 -- */ \
	X(JOB_003, 9, ERROR, "the outcome is unknown", \
	  "the connection was lost at COMMIT, or the run was lost, and the database could not be asked yet", \
	  "confiture job settle JOB") \
	X(JOB_004, 10, ERROR, "cancelled", "somebody asked for it; what was committed before stays", \
	  "confiture migrate status")

/* clang-format on */

enum error_id {
#define ERROR_ID(code, ...) E_##code,
	ERROR_CODES(ERROR_ID)
#undef ERROR_ID
		ERROR_CODE_COUNT
};

struct error_code {
	enum error_id id;
	const char *name;
	int exit_code;
	enum error_severity severity;
	const char *meaning;
	const char *why;
	const char *remedy;
};

const struct error_code *error_code(enum error_id id);
/* NULL when there is no such code. Case does not matter. */
const struct error_code *error_code_named(const char *name);
const char *error_severity_name(enum error_severity s);

/* The order in which exit codes of several targets are compared: 9 > 8 > 3 > 7 > 6 > 5 > 4 > 2 > 1
 * > 10 > 0. */
int exit_code_worst(int a, int b);

#endif
