/*
 * Job ids are long; people type their beginning. Without a journal there are no jobs, and asking
 * for one must not make a journal.
 */
#include "cli/job_ids.h"

#include <string.h>

#include "shared/base/banned.h"

enum { LOOK_BACK = 1000 };

bool
job_has_ended(const char *state)
{
	return strcmp(state, "succeeded") == 0 || strcmp(state, "failed") == 0 ||
	       strcmp(state, "cancelled") == 0;
}

static bool
no_such_job(struct cli *cli, const char *typed, struct error *err)
{
	return error_set(
		err, E_JOB_001, "there is no job %s in the journal of %s", cli_safe(cli, typed),
		session_remote(cli_session(cli)) != NULL ? "that coordinator" : "this project");
}

static bool
complete_id(struct cli *cli, const char *typed, const char **id, struct error *err)
{
	struct job_list_request request = {.limit = LOOK_BACK};
	size_t length = strlen(typed), found = 0;
	void *reply;

	*id = typed;
	if (length == ID_TEXT - 1)
		return true;
	if (!session_call(cli_session(cli), MESSAGE_job_list_request, &request, &reply, err))
		return false;
	const struct job_list *list = reply;
	for (size_t i = 0; i < list->jobs.count; i++) {
		if (strncmp(list->jobs.items[i].id, typed, length) != 0)
			continue;
		*id = list->jobs.items[i].id;
		found++;
	}
	if (found > 1) {
		error_set(err, E_USAGE_001, "%zu jobs begin with %s: type more of the id", found,
			  cli_safe(cli, typed));
		error_hint(err, "confiture job list");
		return false;
	}
	return found == 1 || no_such_job(cli, typed, err);
}

bool
job_find(struct cli *cli, const char *typed, struct job_shown **out, struct error *err)
{
	struct job_show request;
	void *reply;

	if (typed[0] == '\0') {
		error_set(err, E_USAGE_001, "the id of the job is empty");
		error_hint(err, "confiture job list");
		return false;
	}
	if (!session_has_journal(cli_session(cli)))
		return no_such_job(cli, typed, err);
	if (!complete_id(cli, typed, &request.job, err) ||
	    !session_call(cli_session(cli), MESSAGE_job_show, &request, &reply, err))
		return false;
	*out = reply;
	return true;
}
