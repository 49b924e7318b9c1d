/*
 * How a journal file comes to the version this program knows. A version is a list of statements
 * that end by recording its number, run in one transaction: a crash leaves the version before or
 * the version after, never something between.
 */
#include "coordinator/journal/image.h"

#include "journal_schema.h"

#include "shared/base/banned.h"

/* "COnF" as a number; also in v1_application.sql, and in the header of every journal file. */
enum { APPLICATION_ID = 1129270854 };
/* Since then a journal says whether its pages carry checksums, and its events what they changed;
 * and since then what they changed of intents. */
enum { VERSION_OF_CHECKSUMS = 3, VERSION_OF_INTENT_IMAGES = 5 };

static const char *const version_1[] = {
	journal_schema_v1_application, journal_schema_v1_meta,	      journal_schema_v1_event,
	journal_schema_v1_event_kept,  journal_schema_v1_event_fixed, journal_schema_v1_job,
	journal_schema_v1_job_open,    journal_schema_v1_attempt,     journal_schema_v1_job_event,
	journal_schema_v1_reply,       journal_schema_v1_done,
};

/* What a coordinator of its own remembers: who serves what, who may come in, files on their way. */
static const char *const version_2[] = {
	journal_schema_v2_worker,      journal_schema_v2_target,
	journal_schema_v2_token,       journal_schema_v2_bundle_file,
	journal_schema_v2_bundle_part, journal_schema_v2_cancel_asked,
	journal_schema_v2_done,
};

/* What shows damage, what rows can be made anew from, what was done for the file's upkeep. */
static const char *const version_3[] = {
	journal_schema_v3_checksums,  journal_schema_v3_event_mark, journal_schema_v3_upkeep,
	journal_schema_v3_event_body, journal_schema_v3_done,
};

/* What agents mean to change, and what they hold. */
static const char *const version_4[] = {
	journal_schema_v4_intent,
	journal_schema_v4_intent_lapse,
	journal_schema_v4_intent_of_agent,
	journal_schema_v4_intent_queue,
	journal_schema_v4_intent_claiming,
	journal_schema_v4_intent_key,
	journal_schema_v4_intent_key_of,
	journal_schema_v4_intent_conflict,
	journal_schema_v4_intent_conflict_a,
	journal_schema_v4_intent_conflict_b,
	journal_schema_v4_claim_number,
	journal_schema_v4_version,
	journal_schema_v4_event_of,
	journal_schema_v4_done,
};

/* Leases in rows of their own, which are small: they are written again and again, all of an agent's
 * at each of its commands and everybody's after a pause. */
static const char *const version_5[] = {
	journal_schema_v5_intent_lease,
	journal_schema_v5_intent_lease_fill,
	journal_schema_v5_intent_lease_lapse,
	journal_schema_v5_intent_lease_of_agent,
	journal_schema_v5_intent_lapse_drop,
	journal_schema_v5_intent_of_agent_drop,
	journal_schema_v5_intent_ttl_ms_drop,
	journal_schema_v5_intent_lease_boot_drop,
	journal_schema_v5_intent_lease_until_ms_drop,
	journal_schema_v5_intent_lease_wall_us_drop,
	journal_schema_v5_claim_number_of,
	journal_schema_v5_intent_row,
	journal_schema_v5_done,
};

const struct journal_version journal_versions[] = {
	{version_1, ARRAY_LEN(version_1)}, {version_2, ARRAY_LEN(version_2)},
	{version_3, ARRAY_LEN(version_3)}, {version_4, ARRAY_LEN(version_4)},
	{version_5, ARRAY_LEN(version_5)},
};
const size_t journal_version_count = ARRAY_LEN(journal_versions);

static bool
check_application(struct journal *j, struct error *err)
{
	int64_t application = 0, tables = 0;

	/* In this order: another process may make the journal between the two, number and tables
	 * in one transaction. Tables without the number are somebody else's only then. */
	if (!journal_get_int(j, journal_sql_table_count, &tables, err) ||
	    !journal_get_int(j, journal_sql_application_id, &application, err))
		return false;
	if (application == APPLICATION_ID || (application == 0 && tables == 0))
		return true;
	return error_set(err, E_JRNL_002, "%s is a database of another program, not a journal",
			 j->path);
}

/* A statement that makes or changes tables runs once in a file's life: not kept prepared. */
static bool
run_once(struct journal *j, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(j->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK || journal_failed(j, rc, err);
}

static bool
name_journal(struct journal *j, struct error *err)
{
	char id[ID_TEXT], now[TIME_TEXT];
	struct query q = query_begin(j, journal_sql_meta_add);

	runtime_id(j->rt, id);
	time_print(j->rt->ops->wall_us(j->rt), now);
	query_text(&q, id);
	query_text(&q, now);
	return query_run(&q, err);
}

static bool
upgrade_one(struct journal *j, const struct journal_version *v, int64_t number, struct error *err)
{
	int64_t found = 0;

	if (!journal_run(j, journal_sql_begin_write, err))
		return false;
	bool ok = journal_get_int(j, journal_sql_user_version, &found, err);
	/* Another process may have been faster. */
	if (ok && found < number) {
		for (size_t i = 0; ok && i < v->count; i++)
			ok = run_once(j, v->statements[i], err);
		if (ok && number == 1)
			ok = name_journal(j, err);
		if (ok && number == VERSION_OF_CHECKSUMS)
			ok = (!journal_disk(j).checked ||
			      journal_run(j, journal_sql_meta_checked, err)) &&
			     image_all(j, journal_sql_image_keys, err);
		if (ok && number == VERSION_OF_INTENT_IMAGES)
			ok = image_all(j, journal_sql_image_intent_keys, err);
	}
	if (ok)
		ok = journal_commit(j, err);
	if (!ok)
		journal_rollback(j);
	return ok;
}

bool
journal_upgrade(struct journal *j, const struct journal_version *versions, size_t count,
		struct error *err)
{
	int64_t found = 0;

	if (!check_application(j, err) ||
	    !journal_get_int(j, journal_sql_user_version, &found, err))
		return false;
	if (found > (int64_t)count) {
		error_set(err, E_JRNL_003, "the journal %s was written by a newer confiture",
			  j->path);
		error_detail_int(err, "version", found);
		error_detail_int(err, "known", (int64_t)count);
		return false;
	}
	for (int64_t number = found + 1; number <= (int64_t)count; number++) {
		if (!upgrade_one(j, &versions[number - 1], number, err))
			return error_wrap(err, "moving the journal to version %lld",
					  (long long)number);
	}
	j->schema_version = (int64_t)count;
	return true;
}
