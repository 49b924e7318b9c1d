/*
 * THE command table. The parser, help, man pages, completions, "did you mean" and
 * docs/reference/commands.md all walk it, so that a command exists everywhere or nowhere. The first
 * row is the program itself; a row whose `run` is NULL is a group.
 */
#include "cli/cmds.h"
#include "cli/tables.h"

#include "shared/base/banned.h"

#define OWN(command) .options = command##_options, .examples = command##_examples

const struct command commands[] = {
	{.path = "",
	 .summary = "migrations for PostgreSQL that cannot be lost or applied twice",
	 .description =
		 "Applies SQL migrations, each in one transaction, and records them in a ledger "
		 "inside the database. A run that dies at any point is finished by running the "
		 "same "
		 "command again.",
	 OWN(root),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 fine, 1 findings or SQL, 2 usage or no ledger, 3 database or migration, "
		       "4 schema, 5 configuration, 6 lock held, 7 preflight or git, 8 rollback, "
		       "9 outcome unknown, 10 cancelled",
	 .run = cmd_root},
	{.path = "init",
	 .summary = "start a project: make db/ with its folders and a first configuration",
	 .description =
		 "Makes db/migrations, db/schema, db/seeds and db/environments/local.yaml. A "
		 "file that is there already is never changed.",
	 .arguments = argument_project_path,
	 OWN(init),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 made, 1 db/ exists and nobody agreed",
	 .run = cmd_init},

	{.path = "build",
	 .summary = "put the schema files together into one",
	 .description =
		 "Writes all SQL files of the environment's include_dirs, in order, into one file "
		 "(db/generated/schema_<env>.sql), with a header and a line between them. Each "
		 "file is checked: it must be UTF-8 and end where its last statement ends. --apply "
		 "also runs them in a database in which nobody has made anything yet: all or "
		 "nothing.",
	 OWN(build),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 written, 1 internal, 2 usage, 3 no connection, or a database that is not "
		       "empty, 4 no files, or a file that cannot be used, 5 configuration, "
		       "6 another run works in the database, 9 outcome unknown",
	 .run = cmd_build},

	{.path = "diff",
	 .summary = "show what differs between two structures",
	 .description =
		 "Databases, snapshots and SQL files in any pair: every kind of object with every "
		 "attribute, never rows. SQL files are loaded into an empty database first, in "
		 "whatever order they need; what they give no owner takes that of the other side. "
		 "Our own tables are left out. Writes nothing.",
	 OWN(diff),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 no differences, 1 differences, 2 usage, 3 no connection, 4 no such file, "
		       "or SQL that does not load, 5 configuration, or no snapshot",
	 .run = cmd_diff},
	{.path = "drift",
	 .summary = "say in what a database is not what its schema files say",
	 .description =
		 "Compares as `diff` does, and says how bad each difference is: what is missing is "
		 "critical, other differences are warnings, an index too many is an info. "
		 "Privileges "
		 "and owners count only when they are asked for. Writes nothing.",
	 OWN(drift),
	 .option_sets = sets_connection,
	 .exit_codes =
		 "0 no drift, or none that fails, 1 drift: critical, with --fail-on-warning "
		 "and --schema-dir any, 2 usage, 3 no connection, 4 no such file, or SQL that "
		 "does not load, 5 configuration, or no snapshot",
	 .run = cmd_drift},
	{.path = "introspect",
	 .summary = "print a whole structure: a snapshot for later, or to read",
	 .description =
		 "Every object with its attributes and what it needs, in one round trip. The JSON "
		 "is a snapshot, which `diff` and `fingerprint` take in place of a database.",
	 .arguments = argument_source_or_db,
	 OWN(introspect),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 printed, 2 usage, 3 no connection, 4 no such file, or SQL that does not "
		       "load, 5 configuration, or no snapshot",
	 .run = cmd_introspect},
	{.path = "fingerprint",
	 .summary = "print one hash of a structure",
	 .description = "SHA-256 over all objects: equal where `diff` finds nothing. Knows nothing "
			"of rows, "
			"of the order of making and of the places of columns.",
	 .arguments = argument_source,
	 OWN(fingerprint),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 printed, 2 usage, 3 no connection, 4 no such file, or SQL that does not "
		       "load, 5 configuration, or no snapshot",
	 .run = cmd_fingerprint},

	{.path = "migrate",
	 .summary = "apply, undo, check and write migrations",
	 .option_sets = sets_everywhere,
	 .run = NULL},
	{.path = "migrate up",
	 .summary = "apply pending migrations in version order",
	 .description =
		 "Takes the lock of the database, works out what is pending and runs it file by "
		 "file. Each file is one transaction together with its row in the ledger; a file "
		 "with statements that cannot run in a transaction runs statement by statement and "
		 "is "
		 "resumed where it was cut. The run stops at the first failure, and what was "
		 "applied "
		 "before stays.",
	 OWN(migrate_up),
	 .option_sets = sets_connection,
	 .exit_codes =
		 "0 applied or nothing pending, 1 edited file, --strict, --require-reversible, "
		 "2 usage, 3 migration failed, two files with one version, no connection, "
		 "5 configuration, 6 lock held, 9 outcome unknown, 10 cancelled",
	 .run = cmd_migrate_up},
	{.path = "migrate down",
	 .summary = "undo the newest migrations",
	 .description =
		 "Runs the .down.sql files of the last applied migrations, newest first, each "
		 "in one transaction with its row in the ledger. Nothing is changed unless "
		 "every file that is needed is there.",
	 OWN(migrate_down),
	 .option_sets = sets_connection,
	 .exit_codes = "0 undone or nothing applied, 2 usage, 3 a rollback failed, no connection, "
		       "5 configuration, 6 lock held, 8 .down.sql missing, 9 outcome unknown, "
		       "10 cancelled",
	 .run = cmd_migrate_down},
	{.path = "migrate down-to",
	 .summary = "undo all that was applied after a version",
	 .description = "Plans first and refuses before anything is touched when REVISION is not "
			"applied or a .down.sql file is missing.",
	 .arguments = argument_revision,
	 OWN(migrate_down_to),
	 .option_sets = sets_connection,
	 .exit_codes = "0 undone or already there, 2 usage, 3 REVISION unknown or not applied, a "
		       "rollback failed, no connection, 5 configuration, 6 lock held, 8 .down.sql "
		       "missing, 9 outcome unknown, 10 cancelled",
	 .run = cmd_migrate_down_to},
	{.path = "migrate status",
	 .summary = "show what is applied and what is pending",
	 .description =
		 "Asks a database only when one is named on purpose (--config, --env, "
		 "--group, --database-url, --no-config or CONFITURE_DATABASE_URL); otherwise it "
		 "lists the files as \"unknown\". Writes nothing.",
	 OWN(migrate_status),
	 .option_sets = sets_connection_asked,
	 .exit_codes = "0 nothing pending or no database asked, 1 pending, 2 no ledger, 3 database "
		       "error, 5 configuration",
	 .run = cmd_migrate_status},
	{.path = "migrate current",
	 .summary = "print the newest applied version",
	 .description = "The row of the ledger that was applied last. Writes nothing.",
	 OWN(migrate_current),
	 .option_sets = sets_connection,
	 .exit_codes = "0 printed, 2 no ledger, 3 no connection, 5 configuration",
	 .run = cmd_migrate_current},
	{.path = "migrate baseline",
	 .summary = "record migrations as applied without running them",
	 .description =
		 "For a database that already has what the files would make. Either --through "
		 "or --from-db is needed.",
	 OWN(migrate_baseline),
	 .option_sets = sets_connection,
	 .exit_codes = "0 recorded, 3 no such version, two files with one version, no connection, "
		       "5 neither --through nor --from-db, configuration, 6 lock held",
	 .run = cmd_migrate_baseline},
	{.path = "migrate preflight",
	 .summary = "rehearse what is pending before it meets the real database",
	 .description =
		 "Reads the files always. With --against, --clone or --throwaway it also runs "
		 "the pending migrations on that copy and undoes them. --config, --env or "
		 "--database-url say whose ledger decides what is pending.",
	 OWN(migrate_preflight),
	 .option_sets = sets_connection_asked,
	 .exit_codes = "0 clean, 1 dependents with --check-dependents fail, 2 usage, "
		       "3 no connection, 5 configuration, 7 findings",
	 .run = cmd_migrate_preflight},
	{.path = "migrate generate",
	 .summary = "write the two files of a new migration",
	 .description = "Makes <YYYYMMDDHHMMSS>_<name>.up.sql and .down.sql with the local time as "
			"version, and never a version that exists. It is reserved in the journal "
			"that all worktrees share, or with the coordinator: no two agents make the "
			"same.",
	 .arguments = argument_new_name,
	 OWN(migrate_generate),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 written, 2 usage, 3 folder cannot be used, or no coordinator, "
		       "6 another generate is running",
	 .run = cmd_migrate_generate},
	{.path = "migrate diff",
	 .summary = "say what differs between two structures, and write the migration",
	 .description =
		 "Compares as `diff` does, and with --generate writes <version>_<name>.up.sql, "
		 "which takes OLD to NEW, and .down.sql, which takes it back. The version is that "
		 "of `migrate generate`. What would lose rows or values on the way up is refused; "
		 "on the way down it is marked.",
	 .arguments = argument_old_new,
	 OWN(migrate_diff),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 compared, whether anything differs or not, 2 usage, 3 no connection, or "
		       "the folder cannot be used, 4 no such file, or SQL that does not load, "
		       "5 configuration, no snapshot, or rows or values would be lost, 6 another "
		       "run is making a migration",
	 .run = cmd_migrate_diff},
	{.path = "migrate verify",
	 .summary = "run the .verify.sql checks of applied migrations",
	 .description = "Each file is one SELECT whose first column must be true. It runs in a "
			"read-only transaction.",
	 OWN(migrate_verify),
	 .option_sets = sets_connection_asked,
	 .exit_codes = "0 all true, 1 a check failed, 2 no ledger, 3 no connection, "
		       "5 configuration or not a SELECT",
	 .run = cmd_migrate_verify},
	{.path = "migrate validate",
	 .summary = "check the names of the migration files",
	 .description =
		 "Finds two files with one version and .sql files that are no migration. The "
		 "second alone does not fail.",
	 OWN(migrate_validate),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 fine or only stray files, 1 two files with one version, 3 no such folder",
	 .run = cmd_migrate_validate},

	{.path = "verify-checksums",
	 .summary = "compare applied migration files with the ledger",
	 .description = "The ledger holds the SHA-256 of each file as it was when it ran.",
	 OWN(verify_checksums),
	 .option_sets = sets_connection,
	 .exit_codes = "0 all equal, 1 edited files, 2 no ledger, 3 no connection, 5 configuration",
	 .run = cmd_verify_checksums},
	{.path = "verify",
	 .summary = "old name of verify-checksums",
	 .description = "Deprecated: use `confiture verify-checksums`.",
	 OWN(verify_checksums),
	 .option_sets = sets_connection,
	 .exit_codes = "0 all equal, 1 edited files, 2 no ledger, 3 no connection, 5 configuration",
	 .hidden = true,
	 .run = cmd_verify_checksums},
	{.path = "validate-config",
	 .summary = "check settings and migration files without a database",
	 .description = "Reads the environment's file, confiture.yaml and the migrations folder.",
	 OWN(validate_config),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 valid, 2 usage, 5 not valid",
	 .run = cmd_validate_config},

	{.path = "job",
	 .summary = "look at runs, follow, cancel and settle them",
	 .option_sets = sets_everywhere,
	 .run = NULL},
	{.path = "job list",
	 .summary = "list jobs, newest first",
	 .description = "Every run of up, down, down-to, baseline and preflight is a job in the "
			"journal.",
	 OWN(job_list),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 listed, 1 journal cannot be read",
	 .run = cmd_job_list},
	{.path = "job show",
	 .summary = "show a job and how it ended",
	 .description = "State, times, options and, once it has ended, its result.",
	 .arguments = argument_job,
	 OWN(job_show),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 shown, 1 no such job",
	 .run = cmd_job_show},
	{.path = "job attach",
	 .summary = "follow a job to its end",
	 .description = "Prints the events of a job from --since on and then its result.",
	 .arguments = argument_job,
	 OWN(job_attach),
	 .option_sets = sets_coordinator,
	 .exit_codes = "1 no such job; what the job's own command exits with",
	 .run = cmd_job_attach},
	{.path = "job cancel",
	 .summary = "ask a job to stop",
	 .description =
		 "What was committed before stays. A job that has ended cannot be cancelled.",
	 .arguments = argument_job,
	 OWN(job_cancel),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 asked, 1 no such job, or it has ended",
	 .run = cmd_job_cancel},
	{.path = "job settle",
	 .summary = "settle a job whose outcome is unknown",
	 .description =
		 "Asks the database whether the job's work was committed. --state settles it "
		 "by hand instead.",
	 .arguments = argument_job,
	 OWN(job_settle),
	 .option_sets = sets_connection,
	 .exit_codes = "0 settled, 1 no such job, or its outcome is known, 3 no connection, "
		       "9 still unknown",
	 .run = cmd_job_settle},

	{.path = "worker",
	 .summary = "look at a coordinator's workers, drain and forget them",
	 .option_sets = sets_coordinator,
	 .run = NULL},
	{.path = "worker list",
	 .summary = "list the workers with their targets",
	 .description = "A worker that was ever there is remembered, and shown as offline, until "
			"it is forgotten.",
	 OWN(worker_list),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 listed, 2 no coordinator named, 3 it cannot be reached, 5 token",
	 .run = cmd_worker_list},
	{.path = "worker drain",
	 .summary = "let a worker finish what it runs and take no new job",
	 .description = "Jobs for its targets wait meanwhile. For operators only.",
	 .arguments = argument_worker,
	 OWN(worker_drain),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 done, 2 no coordinator named, 3 it cannot be reached, 5 no such worker, "
		       "token, not an operator",
	 .run = cmd_worker_drain},
	{.path = "worker forget",
	 .summary = "forget a worker or target that will not come back",
	 .description = "A target that is remembered counts in every command on its environment, "
			"and is waited for. For operators only.",
	 .arguments = argument_worker_or_target,
	 OWN(worker_forget),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 done, 2 no coordinator named, 3 it cannot be reached, 5 no such name, "
		       "token, not an operator",
	 .run = cmd_worker_forget},

	{.path = "coordinate",
	 .summary = "say what you mean to change, claim it, and see who is in the way",
	 .option_sets = sets_coordinator,
	 .run = NULL},
	{.path = "coordinate register",
	 .summary = "say what you mean to change",
	 .description = "Reads what the statements touch and compares it with every open intent. "
			"With --claim the objects are yours until the lease ends, all of them or "
			"none; any command of the same agent renews it. Without --claim an intent"
			" that meets others is kept as conflicted.",
	 OWN(coordinate_register),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 registered, also with conflicts, 1 the journal cannot be used, 2 "
		       "usage, 3 no coordinator, 5 not an intent, or another agent's name, 6 "
		       "claimed by another agent",
	 .run = cmd_coordinate_register},
	{.path = "coordinate check",
	 .summary = "say what would conflict, and change nothing",
	 .description = "Compares as register does.",
	 OWN(coordinate_check),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 compared, 2 usage, 3 no coordinator, 5 not an intent, 6 conflicts, "
		       "with --fail-on",
	 .run = cmd_coordinate_check},
	{.path = "coordinate start",
	 .summary = "begin to work on an intent",
	 .description = "Only its owner or an operator does that, as with every move.",
	 OWN(coordinate_start),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 moved, 1 no such intent, or not in a state for that, 3 no coordinator,"
		       " 5 another agent's, 6 its claims are lost",
	 .run = cmd_coordinate_start},
	{.path = "coordinate complete",
	 .summary = "say that the work is done",
	 .description = "The claims stay until they are given back, lapse, or the intent is "
			"merged.",
	 OWN(coordinate_complete),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 moved, 1 no such intent, or not in a state for that, 3 no coordinator,"
		       " 5 another agent's, 6 its claims are lost",
	 .run = cmd_coordinate_complete},
	{.path = "coordinate merge",
	 .summary = "say that its migration files landed",
	 .description = "Ties the intent to the files and lists what they touch beyond it. Its "
			"claims end.",
	 OWN(coordinate_merge),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 moved, 1 no such intent, or not in a state for that, 3 no coordinator,"
		       " 5 another agent's, or a file is not there, 6 its claims are lost",
	 .run = cmd_coordinate_merge},
	{.path = "coordinate renew",
	 .summary = "let the lease of an intent count anew",
	 .description = "Every command of the same agent does that too.",
	 OWN(coordinate_renew),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 renewed, 1 no such intent, or it has ended, 3 no coordinator, 5 "
		       "another agent's, 6 its claims are lost",
	 .run = cmd_coordinate_renew},
	{.path = "coordinate release",
	 .summary = "give the claims of an intent back",
	 .description = "The intent stays. Whoever waits for the objects gets them.",
	 OWN(coordinate_release),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 released, 1 no such intent, or it has ended, 3 no coordinator, 5 "
		       "another agent's, 6 its claims are lost",
	 .run = cmd_coordinate_release},
	{.path = "coordinate abandon",
	 .summary = "give an intent up",
	 .description = "Its claims are free at once.",
	 OWN(coordinate_abandon),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 abandoned, 1 no such intent, or it has ended, 3 no coordinator, 5 "
		       "another agent's",
	 .run = cmd_coordinate_abandon},
	{.path = "coordinate resolve",
	 .summary = "say that a conflict was looked at",
	 .description = "When it was the last of its intent, the intent can go on.",
	 OWN(coordinate_resolve),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 resolved, 1 no such conflict, 3 no coordinator, 5 another agent's",
	 .run = cmd_coordinate_resolve},
	{.path = "coordinate hold",
	 .summary = "keep an intent's lease while a command runs",
	 .description = "Renews the lease until COMMAND ends and exits as COMMAND does. A lease "
			"that is lost meanwhile is said at once.",
	 .arguments = argument_held_command,
	 OWN(coordinate_hold),
	 .option_sets = sets_coordinator,
	 .exit_codes = "1 no such intent, 5 another agent's, 6 its claims are lost; what COMMAND"
		       " exits with",
	 .run = cmd_coordinate_hold},
	{.path = "coordinate status",
	 .summary = "show an intent and its conflicts",
	 OWN(coordinate_status),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 shown, 1 no such intent, 3 no coordinator",
	 .run = cmd_coordinate_status},
	{.path = "coordinate list-intents",
	 .summary = "list intents, newest first",
	 OWN(coordinate_list_intents),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 listed, 3 no coordinator",
	 .run = cmd_coordinate_list_intents},
	{.path = "coordinate conflicts",
	 .summary = "list intents that something is in the way of",
	 OWN(coordinate_conflicts),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 listed, 3 no coordinator",
	 .run = cmd_coordinate_conflicts},
	{.path = "coordinate claims",
	 .summary = "show who holds what and who waits for whom",
	 .description = "Since when, and until when unless it is renewed.",
	 OWN(coordinate_claims),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 shown, 3 no coordinator",
	 .run = cmd_coordinate_claims},
	{.path = "coordinate history",
	 .summary = "show everything that happened to an intent",
	 OWN(coordinate_history),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 shown, 1 no such intent, 3 no coordinator",
	 .run = cmd_coordinate_history},
	{.path = "coordinate watch",
	 .summary = "follow what happens to intents",
	 .description = "One line an event, until it is interrupted or --timeout is over. --since"
			" goes on after the last event that was seen.",
	 OWN(coordinate_watch),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 the time was over, 3 no coordinator",
	 .run = cmd_coordinate_watch},
	{.path = "coordinate import",
	 .summary = "take over the registry of the Python tool",
	 .description =
		 "Its intents, open and ended, with their ids and history. Statements are read"
		 " anew, so conflicts are judged anew. Again: only what is new there.",
	 OWN(coordinate_import),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 taken over, 1 no such tables, 3 no connection, 5 settings",
	 .run = cmd_coordinate_import},

	{.path = "audit",
	 .summary = "read the journal and prove that it is whole",
	 .option_sets = sets_everywhere,
	 .run = NULL},
	{.path = "audit show",
	 .summary = "show the events of the journal",
	 .description = "Who asked for what and when, in order. Holds no statement text.",
	 OWN(audit_show),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 shown, 1 journal cannot be read",
	 .run = cmd_audit_show},
	{.path = "audit verify",
	 .summary = "prove that no event was changed or removed",
	 .description = "Recomputes the chain of hashes from the first event to the last, of the "
			"journal or of a file that `audit export` made.",
	 .arguments = argument_audit_file,
	 OWN(audit_verify),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 whole, 1 broken",
	 .run = cmd_audit_verify},

	{.path = "audit export",
	 .summary = "print the whole chain as a file that proves itself",
	 .description = "Events with all that their hashes cover, and the newest hash. Kept on "
			"another machine, it shows with `audit verify FILE --contained` whether "
			"the journal was cut or rewritten since.",
	 OWN(audit_export),
	 .option_sets = sets_coordinator,
	 .exit_codes = "0 printed, 1 journal cannot be read",
	 .run = cmd_audit_export},

	{.path = "doctor",
	 .summary = "check settings, journal, connection and rights",
	 .description =
		 "Goes through what a run needs, one line each, and says how to mend what is "
		 "wrong. Changes no database and no file; a coordinator's journal keeps "
		 "the status jobs that it asks for.",
	 OWN(doctor),
	 .option_sets = sets_connection,
	 .exit_codes = "0 all well; the code of the worst finding",
	 .run = cmd_doctor},
	{.path = "explain",
	 .summary = "say what an error code means and what to do",
	 .description = "Works offline.",
	 .arguments = argument_code,
	 OWN(explain),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 explained, 2 no such code",
	 .run = cmd_explain},
	{.path = "completion",
	 .summary = "print the completion script of a shell",
	 .description = "Commands, options and their values can then be completed with TAB.",
	 .arguments = argument_shell,
	 OWN(completion),
	 .option_sets = sets_everywhere,
	 .exit_codes = "0 printed, 2 no such shell",
	 .run = cmd_completion},
};

const size_t command_count = ARRAY_LEN(commands);
