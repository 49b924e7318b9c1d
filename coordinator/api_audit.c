/*
 * Reading the audit log. A journal that was never needed has an empty one, which is in order.
 */
#include "coordinator/api.h"

#include "shared/base/banned.h"

enum { AUDIT_PAGE = 100, AUDIT_PAGE_MAX = 1000 };

bool
api_audit_show_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct audit_show_request *m = call->request->body;
	struct audit_log *log = arena_new(&c->round, struct audit_log);
	struct audit_show_request asked = *m;

	if (m->limit <= 0 || m->limit > AUDIT_PAGE_MAX)
		asked.limit = m->limit <= 0 ? AUDIT_PAGE : AUDIT_PAGE_MAX;
	if (c->journal != NULL && !journal_audit_list(c->journal, &c->round, &asked, log, err))
		return false;
	call->reply = log;
	return true;
}

bool
api_audit_verify(struct coordinator *c, struct call *call, struct error *err)
{
	const struct audit_verify *m = call->request->body;
	struct audit_report *report = arena_new(&c->round, struct audit_report);

	*report = (struct audit_report){.ok = true, .first_bad = INT_NULL};
	if (c->journal != NULL) {
		struct journal_health *health = arena_new(&c->round, struct journal_health);
		if (!journal_audit_verify(c->journal, &c->round, m->full, report, err) ||
		    !journal_health_read(c->journal, &c->round, health, err))
			return false;
		report->health = health;
	}
	call->reply = report;
	return true;
}
