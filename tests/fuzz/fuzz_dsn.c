/*
 * Any text as a connection string: what is shown of it holds no password, a refusal quotes nothing
 * of it, and the section of a service file says exactly what libpq reads.
 */
#include <libpq-fe.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shared/base/text.h"
#include "shared/pg/dsn.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

enum { SHORTEST = 4 }; /* a shorter password may stand anywhere by chance */

static const char *
password_of(const PQconninfoOption *options)
{
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, "password") == 0)
			return o->val;
	return NULL;
}

/* Whether a part that may be shown holds the same letters. */
static bool
stands_elsewhere(const PQconninfoOption *options, const char *password)
{
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		if (o->val != NULL && strcmp(o->keyword, "password") != 0 &&
		    strcasestr(o->val, password) != NULL)
			return true;
	return false;
}

static bool
is_made_of_ours(const char *password)
{
	static const char ours[] = "service @local:5432/ user";

	return strstr(ours, password) != NULL;
}

static void
check_shown(struct arena *arena, const char *text, const PQconninfoOption *options)
{
	const char *shown = dsn_print(arena, secret_of(text));
	const char *key = dsn_key(arena, secret_of(text));
	const char *password = password_of(options);

	FUZZ_CHECK(strcmp(shown, "an unreadable connection URL") != 0);
	FUZZ_CHECK(strcmp(key, "invalid") != 0);
	if (password == NULL || strlen(password) < SHORTEST || is_made_of_ours(password) ||
	    strpbrk(password, "@:/, ") != NULL || stands_elsewhere(options, password))
		return;
	FUZZ_CHECK(strstr(shown, password) == NULL);
	FUZZ_CHECK(strstr(key, password) == NULL);
}

static bool
has_line(struct span file, const char *keyword, const char *value)
{
	char line[8192];

	int n = snprintf(line, sizeof(line), "\n%s=%s\n", keyword, value);
	return memmem(file.ptr, file.len, line, (size_t)n) != NULL;
}

static void
check_service(const char *text, const PQconninfoOption *options)
{
	struct error err = {0};
	char file[16384];
	size_t lines = 0, given = 1;

	int fd = memfd_create("service", 0);
	FUZZ_CHECK(fd >= 0);
	bool ok = dsn_write_service(secret_of(text), NULL, fd, &err);
	FUZZ_CHECK(ok == (err.code == NULL));
	ssize_t n = pread(fd, file, sizeof(file), 0);
	close(fd);
	FUZZ_CHECK(n >= 0 && (size_t)n < sizeof(file) && (ok || n == 0));
	for (ssize_t i = 0; i < n; i++)
		lines += file[i] == '\n';
	for (const PQconninfoOption *o = options; ok && o->keyword != NULL; o++) {
		if (o->val == NULL || strcmp(o->keyword, "service") == 0 ||
		    strcmp(o->keyword, "application_name") == 0)
			continue;
		FUZZ_CHECK(has_line(span_of(file, (size_t)n), o->keyword, o->val));
		given++;
	}
	FUZZ_CHECK(!ok || lines == given);
}

static void
run(const char *text)
{
	struct error err = {0};
	struct arena arena;

	arena_init(&arena);
	bool ok = dsn_check(secret_of(text), &err);
	FUZZ_CHECK(ok == (err.code == NULL));
	if (ok) {
		PQconninfoOption *options = PQconninfoParse(text, NULL);
		FUZZ_CHECK(options != NULL);
		check_shown(&arena, text, options);
		check_service(text, options);
		PQconninfoFree(options);
	} else if (strlen(text) >= 2 * SHORTEST && strpbrk(text, "@=") != NULL) {
		/* Without either it has no secret, and may be words of the message itself. */
		FUZZ_CHECK(strstr(err.message, text) == NULL);
	}
	arena_fini(&arena);
}

static void
clear_environment(void)
{
	static const char *const names[] = {"PGHOST",	  "PGHOSTADDR", "PGPORT",    "PGDATABASE",
					    "PGPASSWORD", "PGSERVICE",	"PGPASSFILE"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	setenv("PGUSER", "user", 1);
	setenv("PGSERVICEFILE", "/dev/null", 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4096];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	clear_environment();
	run(text);
	return 0;
}
