/* What the doctor says of a journal, wherever it lies: its chain, its file, its copies. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/journal_place.h"

#include "shared/base/banned.h"

/* Less than the first, or less than the file once more, and its growth or a copy of it may fail;
 * less than the second, and the next job may be refused. */
enum { FREE_MIN = 64 * 1024 * 1024, FREE_LEAST = 1024 * 1024 };

static const int64_t mib = INT64_C(1024) * 1024;

/* `wanted`: what a copy of the file needs. */
static void
say_space(struct doctor *d, const char *file, int64_t free_bytes, int64_t wanted, const char *what)
{
	struct error err = {0};

	if (free_bytes >= FREE_LEAST) {
		bool little = free_bytes < FREE_MIN || free_bytes < wanted;
		doctor_note(d, "journal", NULL, little ? "warn" : "ok",
			    "%s, its disk %lld MiB to spare", what, (long long)(free_bytes / mib));
		return;
	}
	error_set(&err, E_JRNL_001, "%s, and its disk is full", what);
	error_hint(&err, "df -h %s", file != NULL ? file : "(on the coordinator's machine)");
	doctor_error(d, "journal", NULL, "fail", &err);
}

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
look_at_space(struct doctor *d, const char *file, const struct journal_health *h)
{
	if (h->free_bytes == INT_NULL)
		return;
	say_space(d, file, h->free_bytes, h->bytes,
		  arena_printf(&d->cli->arena, "the file has %lld MiB",
			       (long long)((h->bytes + mib - 1) / mib)));
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
	look_at_space(d, file, r->health);
	look_at_copies(d, file, r->health);
}

/* The folder, or the nearest above it that is there: what is missing is made in it. */
static const char *
nearest_folder(struct arena *arena, const char *folder)
{
	char *path = arena_str(arena, folder);

	for (char *slash; access(path, F_OK) != 0 && errno == ENOENT; *slash = '\0') {
		slash = strrchr(path, '/');
		if (slash == NULL || slash == path)
			return "/";
	}
	return path;
}

void
doctor_future_journal(struct doctor *d, const struct journal_place *place)
{
	const char *folder = nearest_folder(&d->cli->arena, place->folder);
	struct stat st;
	struct statvfs fs = {0};
	struct error err = {0};
	int why = stat(folder, &st) != 0	     ? errno
		  : !S_ISDIR(st.st_mode)	     ? ENOTDIR
		  : access(folder, W_OK | X_OK) != 0 ? errno
		  : statvfs(folder, &fs) != 0	     ? errno
		  : (fs.f_flag & ST_RDONLY) != 0     ? EROFS
						     : 0;

	if (why != 0) {
		error_errno(&err, E_JRNL_001, why, "%s cannot be made", place->file);
		doctor_error(d, "journal", NULL, "fail", &err);
		return;
	}
	say_space(d, folder, (int64_t)fs.f_bavail * (int64_t)fs.f_frsize, 0,
		  arena_printf(&d->cli->arena, "%s will be made by the first change", place->file));
}
