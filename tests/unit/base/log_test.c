/* Lines of a daemon's log, and what it says to its service manager. */
#include "shared/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/base/service.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { ROOM = 16384 };

struct pipe_log {
	int fds[2];
	struct log *log;
	char said[ROOM];
};

static void
begin(struct pipe_log *p, enum log_level least, enum log_format format)
{
	REQUIRE(pipe(p->fds) == 0);
	p->log = log_new(runtime_system(), p->fds[1], least, format);
}

/* What was said, with its time cut off the front. */
static const char *
end(struct pipe_log *p, size_t time_at)
{
	size_t len = 0;
	ssize_t n;

	log_free(p->log);
	close(p->fds[1]);
	while ((n = read(p->fds[0], p->said + len, ROOM - 1 - len)) > 0)
		len += (size_t)n;
	close(p->fds[0]);
	p->said[len] = '\0';
	return len > time_at ? p->said + time_at : p->said;
}

static const size_t time_text = sizeof("2026-11-22T10:00:00.000000Z ") - 1;
static const size_t time_json = sizeof("{\"time\":\"2026-11-22T10:00:00.000000Z\"") - 1;

static void
a_line_for_people_quotes_what_could_be_misread(void)
{
	struct pipe_log p;

	begin(&p, LEVEL_INFO, LOG_TEXT);
	log_put(p.log, LEVEL_INFO, "job begun", "job", "0198-1", "target", "production/eu", "note",
		"two words\n\"and\" a\\ \x1b", "none", NULL, "empty", "", NULL);
	CHECK_STR(end(&p, time_text),
		  "info: job begun job=0198-1 target=production/eu note=\"two words\\n\\\"and\\\" "
		  "a\\\\ \\u001b\" empty=\"\"\n");
}

static void
a_line_for_machines_is_one_json_object(void)
{
	struct pipe_log p;
	struct error err;

	error_set(&err, E_CONFIG_006, "nobody \"there\"");
	error_cause(&err, "refused");
	begin(&p, LEVEL_INFO, LOG_JSON);
	log_error(p.log, LEVEL_WARNING, "link lost", &err, "url", "ws://h/rpc", NULL);
	CHECK_STR(end(&p, time_json),
		  ",\"level\":\"warning\",\"event\":\"link "
		  "lost\",\"code\":\"CONFIG_006\",\"message\":"
		  "\"nobody \\\"there\\\"\",\"cause\":\"refused\",\"url\":\"ws://h/rpc\"}\n");
}

static void
what_is_below_the_level_is_not_said(void)
{
	struct pipe_log p;

	begin(&p, LEVEL_WARNING, LOG_TEXT);
	log_put(p.log, LEVEL_INFO, "quiet", NULL);
	log_put(p.log, LEVEL_ERROR, "first", NULL);
	log_change(p.log, LEVEL_DEBUG, LOG_TEXT);
	log_put(p.log, LEVEL_DEBUG, "second", NULL);
	const char *said = end(&p, time_text);
	CHECK(strstr(said, "quiet") == NULL);
	CHECK(strncmp(said, "error: first\n", 13) == 0);
	CHECK_HAS(said, "debug: second\n");
}

static void
a_value_that_does_not_fit_is_left_out_whole(void)
{
	char *large = malloc(ROOM);
	struct pipe_log p;

	REQUIRE(large != NULL);
	memset(large, 'x', ROOM - 1);
	large[ROOM - 1] = '\0';
	begin(&p, LEVEL_INFO, LOG_JSON);
	log_put(p.log, LEVEL_INFO, "e", "large", large, "small", "1", NULL);
	CHECK_STR(end(&p, time_json), ",\"level\":\"info\",\"event\":\"e\",\"small\":\"1\"}\n");
	free(large);
}

static void
names_of_levels_and_formats_are_read_strictly(void)
{
	enum log_level level = LEVEL_INFO;
	enum log_format format = LOG_TEXT;

	CHECK(log_level_named("error", &level) && level == LEVEL_ERROR);
	CHECK(log_format_named("json", &format) && format == LOG_JSON);
	CHECK(!log_level_named("Error", &level));
	CHECK(!log_format_named("", &format));
}

static void
the_service_manager_hears_what_is_said(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char got[64] = "";

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/confiture_notify.%d",
		 (int)getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	service_notify("READY=1\nSTATUS=well");
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	got[n > 0 ? n : 0] = '\0';
	CHECK_STR(got, "READY=1\nSTATUS=well");
	unsetenv("NOTIFY_SOCKET");
	service_notify("READY=1");
	CHECK(recv(fd, got, sizeof(got), MSG_DONTWAIT) < 0);
	close(fd);
	unlink(address.sun_path);
}

static void
the_watchdog_is_fed_twice_in_its_time(void)
{
	CHECK_INT(service_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	CHECK_INT(service_watchdog_ms(), 15000);
	setenv("WATCHDOG_PID", "1", 1);
	CHECK_INT(service_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	CHECK_INT(service_watchdog_ms(), 0);
	unsetenv("WATCHDOG_USEC");
}

static const struct unit_case cases[] = {
	CASE(a_line_for_people_quotes_what_could_be_misread),
	CASE(a_line_for_machines_is_one_json_object),
	CASE(what_is_below_the_level_is_not_said),
	CASE(a_value_that_does_not_fit_is_left_out_whole),
	CASE(names_of_levels_and_formats_are_read_strictly),
	CASE(the_service_manager_hears_what_is_said),
	CASE(the_watchdog_is_fed_twice_in_its_time),
};

int
main(int argc, char **argv)
{
	return unit_main("log", cases, ARRAY_LEN(cases), argc, argv);
}
