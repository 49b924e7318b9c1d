/*
 * From what PostgreSQL says to what we say: one table from SQLSTATE to our codes. A SQLSTATE is the
 * only part of a server's error that does not depend on its language, so nothing here reads words,
 * except for the line number of COPY data, which has no field of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

/* The first row whose prefix fits counts. */
static const struct state_row {
	const char *prefix;
	enum error_id id;
	bool retryable;
	const char *hint; /* NULL: the code's own remedy */
} states[] = {
	{"08", E_TARGET_005, true, NULL},    /* connection exception */
	{"57P01", E_TARGET_005, true, NULL}, /* admin_shutdown: restart, pg_terminate_backend */
	{"57P02", E_TARGET_005, true, NULL}, /* crash_shutdown */
	{"57P05", E_TARGET_005, true, NULL}, /* idle_session_timeout */
	{"25P03", E_TARGET_005, true, NULL}, /* idle_in_transaction_session_timeout */
	{"57P03", E_CONFIG_006, true,
	 "the server is starting up or shutting down; run the same command again in a moment"},
	{"57P04", E_CONFIG_006, false, "the database was dropped; name another one"},
	{"28P01", E_CONFIG_006, false,
	 "check user and password: in the URL, in PGPASSWORD, or in the file that PGPASSFILE "
	 "names"},
	{"28", E_CONFIG_006, false,
	 "check the user name, and the server's pg_hba.conf for this client and database"},
	{"3D000", E_CONFIG_006, false, "create it, or name another one in the URL: createdb NAME"},
	{"53300", E_POOL_1200, true, NULL},   /* too_many_connections */
	{"53100", E_TARGET_004, false, NULL}, /* disk_full */
	{"53200", E_TARGET_004, true, NULL},  /* out_of_memory */
	{"53400", E_TARGET_004, false, NULL}, /* configuration_limit_exceeded */
	{"42501", E_TARGET_003, false, NULL}, /* insufficient_privilege */
	{"25006", E_TARGET_001, false, NULL}, /* read_only_sql_transaction */
	{"40P01", E_SQL_702, true, NULL},     /* deadlock_detected */
	{"40001", E_SQL_702, true, NULL},     /* serialization_failure */
	{"55P03", E_SQL_703, true, NULL},     /* lock_not_available */
};

#define LOST "the connection to %s was lost"

void
pg_error_by_state(const char *sqlstate, enum error_id fallback, struct error *err,
		  const char *message)
{
	const struct state_row *row = NULL;

	for (size_t i = 0; sqlstate != NULL && row == NULL && i < ARRAY_LEN(states); i++) {
		if (strncmp(sqlstate, states[i].prefix, strlen(states[i].prefix)) == 0)
			row = &states[i];
	}
	error_set(err, row ? row->id : fallback, "%s", message);
	if (row != NULL && row->hint != NULL)
		error_hint(err, "%s", row->hint);
	if (err == NULL)
		return;
	err->retryable = row != NULL && row->retryable;
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", sqlstate ? sqlstate : "");
}

/* "COPY t, line 3, column a: …" */
static void
note_copy_line(const char *context, struct error *err)
{
	const char *line = context ? strstr(context, ", line ") : NULL;

	if (line != NULL && strncmp(context, "COPY ", 5) == 0)
		error_detail_int(err, "copy_line", strtoll(line + strlen(", line "), NULL, 10));
}

static void
put_field(struct text *t, const char *label, const char *value)
{
	if (value != NULL)
		text_printf(t, "%s%s%s", t->len > 0 ? "\n" : "", label, value);
}

static void
fill_from_result(const PGresult *r, enum error_id fallback, struct error *err)
{
	const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
	const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
	const char *primary = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	struct text t;

	pg_error_by_state(PQresultErrorField(r, PG_DIAG_SQLSTATE), fallback, err,
			  "the server refused a statement");
	text_init(&t, ERROR_TEXT);
	put_field(&t, "", primary ? primary : PQresultErrorMessage(r));
	put_field(&t, "DETAIL: ", PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
	put_field(&t, "HINT: ", PQresultErrorField(r, PG_DIAG_MESSAGE_HINT));
	put_field(&t, "CONTEXT: ", context);
	error_cause(err, "%s", t.ptr);
	text_fini(&t);
	if (err == NULL)
		return;
	if (position != NULL)
		err->at.column = (uint32_t)strtoul(position, NULL, 10);
	note_copy_line(context, err);
}

bool
pg_error_of(struct pg_conn *c, const PGresult *r, enum error_id fallback, struct error *err)
{
	bool told = r != NULL && PQresultErrorField(r, PG_DIAG_SQLSTATE) != NULL;
	char words[ERROR_TEXT];

	if (!told && (r == NULL || PQresultStatus(r) == PGRES_FATAL_ERROR))
		c->lost = true;
	if (told)
		fill_from_result(r, fallback, err);
	if (!pg_lost(c) && told) {
		if (err != NULL && error_is(err, E_TARGET_005))
			snprintf(err->message, sizeof(err->message), LOST, c->place);
		return false;
	}
	if (!pg_lost(c)) {
		error_set(err, fallback, "the server gave an answer that was not expected");
		error_cause(err, "%s", PQerrorMessage(c->conn));
		return false;
	}
	/* The server may have said why before the line went dead. */
	snprintf(words, sizeof(words), "%s", told && err ? err->cause : PQerrorMessage(c->conn));
	words[strcspn(words, "\n")] = '\0';
	error_set(err, E_TARGET_005, LOST, c->place);
	error_cause(err, "%s", words);
	if (err != NULL) {
		err->retryable = true;
		snprintf(err->sqlstate, sizeof(err->sqlstate), "%s",
			 told ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : "");
	}
	return false;
}
