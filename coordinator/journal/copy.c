/* Copies that can be trusted: each is opened and walked as a journal before it counts as one. */
#include "coordinator/journal/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

static bool
copy_into(struct runtime *rt, const char *from, const char *beside, struct error *err)
{
	struct journal *j;

	if (!journal_open(rt, from, false, &j, err))
		return false;
	if (j == NULL)
		return error_set(err, E_JRNL_001, "there is no journal %s", from);
	struct query q = query_begin(j, journal_sql_copy_into);
	query_text(&q, beside);
	bool ok = query_run(&q, err);
	journal_close(j);
	return ok;
}

static bool
prove(struct runtime *rt, const char *path, struct error *err)
{
	struct audit_report report;
	struct journal *j;
	struct arena a;

	if (!journal_open(rt, path, false, &j, err))
		return false;
	arena_init(&a);
	bool ok = j != NULL && journal_audit_verify(j, &a, true, &report, err);
	if (ok && !report.ok) {
		error_set(err, E_AUDIT_001, "the copy %s of the journal is broken", path);
		error_cause(err, "%s", report.problem);
		ok = false;
	}
	arena_fini(&a);
	journal_close(j);
	return ok;
}

static bool
sync_path(const char *path, int flags, struct error *err)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	int why = errno;

	if (fd >= 0)
		close(fd);
	return ok || error_errno(err, E_JRNL_001, why, "%s cannot be written", path);
}

static bool
refuse_existing(const char *to, struct error *err)
{
	error_set(err, E_JRNL_001, "%s is there already: a copy is never written over a file", to);
	error_hint(err, "name a file that is not there");
	return false;
}

static bool
move(const char *beside, const char *to, struct error *err)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(to, '/');

	snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - to + 1),
		 slash == NULL ? "." : to);
	if (!sync_path(beside, O_RDWR, err))
		return false;
	/* Never over a file that is there: it may be an older copy, or the running journal itself.
	 */
	if (link(beside, to) != 0)
		return errno == EEXIST
			       ? refuse_existing(to, err)
			       : error_errno(err, E_JRNL_001, errno, "%s cannot be written", to);
	(void)unlink(beside);
	return sync_path(folder, O_RDONLY | O_DIRECTORY, err);
}

static bool
note(struct runtime *rt, const char *from, const char *to, struct error *err)
{
	struct journal *j;

	if (!journal_open(rt, from, false, &j, err))
		return false;
	bool ok = j == NULL || journal_upkeep_note(j, "journal.copy", to, err);
	journal_close(j);
	return ok;
}

bool
journal_copy(struct runtime *rt, const char *from, const char *to, struct error *err)
{
	char beside[PATH_MAX];

	if (snprintf(beside, sizeof(beside), "%s.new", to) >= (int)sizeof(beside))
		return error_set(err, E_JRNL_001, "the path of the copy %s is too long", to);
	/* Told before the work; move() holds it against a file that comes meanwhile. */
	if (access(to, F_OK) == 0)
		return refuse_existing(to, err);
	(void)unlink(beside);
	/* Empty and for nobody else's eyes before there is anything in it. */
	int fd = open(beside, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_errno(err, E_JRNL_001, errno, "%s cannot be written", beside);
	close(fd);
	bool ok =
		copy_into(rt, from, beside, err) && prove(rt, beside, err) && move(beside, to, err);
	if (!ok)
		(void)unlink(beside);
	return ok && note(rt, from, to, err);
}
