/* What the doctor says of a journal, wherever it lies: its chain, its file, its copies. */
#include "cli/doctor.h"

#include "shared/base/banned.h"

/* Less than that, or less than the file once more, and its growth or a copy of it may fail. */
enum { FREE_MIN = 64 * 1024 * 1024 };

static const int64_t mib = 1024 * 1024;

static void
look_at_chain(struct doctor *d, const char *file, const struct audit_report *r)
{
	doctor_note(d, "journal", NULL, r->ok ? "ok" : "fail", "%s%s%lld event(s), %s",
		    file != NULL ? file : "", file != NULL ? ": " : "", (long long)r->events,
		    r->ok		 ? "chain unbroken"
		    : r->problem != NULL ? r->problem
					 : "the chain is broken");
}

static void
look_at_space(struct doctor *d, const struct journal_health *h)
{
	bool little = h->free_bytes < FREE_MIN || h->free_bytes < h->bytes;

	if (h->free_bytes == INT_NULL)
		return;
	doctor_note(d, "journal", NULL, little ? "warn" : "ok",
		    "the file has %lld MiB, its disk %lld MiB to spare",
		    (long long)((h->bytes + mib - 1) / mib), (long long)(h->free_bytes / mib));
}

/* A journal of a project is nobody's task to copy: the databases know what was applied. */
static void
look_at_copies(struct doctor *d, const char *file, const struct journal_health *h)
{
	if (h->copied_at != NULL)
		doctor_note(d, "journal", NULL, "ok", "last copied at %s to %s", h->copied_at,
			    h->copy != NULL ? h->copy : "a file");
	else if (file == NULL)
		doctor_note(d, "journal", NULL, "warn",
			    "never copied; copies.folder in coordinator.yaml names a place");
}

void
doctor_report(struct doctor *d, const char *file, const struct audit_report *r)
{
	look_at_chain(d, file, r);
	if (r->health == NULL)
		return;
	if (r->health->checksums)
		doctor_note(d, "journal", NULL, "ok", "every page carries a checksum");
	else
		doctor_note(d, "journal", NULL, "warn",
			    "its pages carry no checksums, it was made before there were any; a "
			    "copy of it has them (confiture-coordinator journal copy)");
	look_at_space(d, r->health);
	look_at_copies(d, file, r->health);
}
