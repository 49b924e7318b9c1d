/*
 * What an event did to the rows is told by the rows themselves, not by words that a program would
 * have to interpret years later. The SQL that reads them and the SQL that puts them back stand side
 * by side, one pair for each kind.
 */
#include "coordinator/journal/image.h"

#include <string.h>

#include "shared/base/banned.h"

/* `clear` NULL: the row stays, and gets the values that are told: the text of statements, which no
 * event holds, is only there. */
static const struct {
	const char *name, *rows, *clear, *put;
} kinds[] = {
	[IMAGE_JOB] = {"job", journal_sql_image_job, NULL, journal_sql_image_job_put},
	[IMAGE_JOB_NEW] = {"job_new", journal_sql_image_job_new, journal_sql_image_job_new_clear,
			   journal_sql_image_job_new_put},
	[IMAGE_ATTEMPT] = {"attempt", journal_sql_image_attempt, journal_sql_image_attempt_clear,
			   journal_sql_image_attempt_put},
	[IMAGE_WORKER] = {"worker", journal_sql_image_worker, journal_sql_image_worker_clear,
			  journal_sql_image_worker_put},
	[IMAGE_TARGET] = {"target", journal_sql_image_target, journal_sql_image_target_clear,
			  journal_sql_image_target_put},
	[IMAGE_TARGET_NAME] = {"target_name", journal_sql_image_target_name,
			       journal_sql_image_target_name_clear, journal_sql_image_target_put},
	[IMAGE_TOKEN] = {"token", journal_sql_image_token, journal_sql_image_token_clear,
			 journal_sql_image_token_put},
	[IMAGE_UPKEEP] = {"upkeep", journal_sql_image_upkeep, journal_sql_image_upkeep_clear,
			  journal_sql_image_upkeep_put},
	[IMAGE_INTENT_NEW] = {"intent_new", journal_sql_image_intent_new, NULL,
			      journal_sql_image_intent_new_put},
	[IMAGE_INTENT] = {"intent", journal_sql_image_intent, NULL, journal_sql_image_intent_put},
	[IMAGE_INTENT_LEASE] = {"intent_lease", journal_sql_image_intent_lease,
				journal_sql_image_intent_lease_clear,
				journal_sql_image_intent_lease_put},
	[IMAGE_INTENT_KEY] = {"intent_key", journal_sql_image_intent_key,
			      journal_sql_image_intent_key_clear, journal_sql_image_intent_key_put},
	[IMAGE_INTENT_CONFLICT] = {"intent_conflict", journal_sql_image_intent_conflict, NULL,
				   journal_sql_image_intent_conflict_put},
	[IMAGE_CLAIM_NUMBER] = {"claim_number", journal_sql_image_claim_number,
				journal_sql_image_claim_number_clear,
				journal_sql_image_claim_number_put},
	[IMAGE_VERSION] = {"version", journal_sql_image_version, journal_sql_image_version_clear,
			   journal_sql_image_version_put},
};

static bool
kind_named(const char *name, size_t *out)
{
	for (*out = 0; *out < ARRAY_LEN(kinds); (*out)++) {
		if (strcmp(kinds[*out].name, name) == 0)
			return true;
	}
	return false;
}

static bool
add_step(struct journal *j, const struct audit_image *image, struct text *out, struct error *err)
{
	struct query q = query_begin(j, kinds[image->kind].rows);
	bool row, ok;

	query_text(&q, image->key);
	ok = query_step(&q, &row, err);
	if (ok) {
		text_printf(out, "[\"%s\",", kinds[image->kind].name);
		json_put_string(out, span_str(image->key));
		text_put_char(out, ',');
		text_put_span(out, query_col_span(&q, 0));
		text_put_char(out, ']');
	}
	query_end(&q);
	return ok;
}

bool
image_body(struct journal *j, const struct audit_image *images, size_t count, struct text *out,
	   struct error *err)
{
	text_put_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_put_char(out, ',');
		if (!add_step(j, &images[i], out, err))
			return false;
	}
	text_put_char(out, ']');
	return true;
}

bool
image_all(struct journal *j, const char *keys, struct error *err)
{
	struct query q = query_begin(j, keys);
	struct arena a;
	bool row, ok;

	arena_init(&a);
	while ((ok = query_step(&q, &row, err)) && row) {
		struct audit_image image = {.key = query_col(&q, &a, 1)};
		size_t kind;
		if (!kind_named(query_col(&q, &a, 0), &kind))
			continue;
		image.kind = (enum journal_image)kind;
		struct audit_entry entry = {.actor = "coordinator",
					    .kind = "journal.upgrade",
					    .subject = image.key,
					    .images = &image,
					    .image_count = 1};
		ok = journal_audit_add(j, &entry, err);
		if (!ok)
			break;
	}
	query_end(&q);
	arena_fini(&a);
	return ok;
}

bool
image_put(struct journal *j, const char *kind, const char *key, const char *rows, struct error *err)
{
	struct query q;
	size_t i;

	if (!kind_named(kind, &i))
		return error_set(err, E_JRNL_003, "the journal %s tells of rows of kind %s",
				 j->path, kind);
	if (kinds[i].clear != NULL) {
		q = query_begin(j, kinds[i].clear);
		query_text(&q, key);
		if (!query_run(&q, err))
			return false;
	}
	q = query_begin(j, kinds[i].put);
	query_text(&q, rows);
	return query_run(&q, err);
}
