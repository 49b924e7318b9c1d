/*
 * A line that goes silent: no reset, no answer, as when a cable is pulled somewhere between or a
 * firewall forgets a connection. This process, with the server and the coordinator, has a network
 * namespace of its own; who works on the database runs in a second one, and a pair of virtual
 * cables joins them, one to the server and one to the coordinator. A cable is silenced by telling
 * both ends that the other has a hardware address that nobody has.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/unit.h"
#include "tests/system/killer.h"

#include "shared/base/banned.h"

enum { LEASE_MS = 2000, SILENT_MOST_MS = 6000 };

static const struct {
	const char *near, *far; /* interfaces */
	const char *near_ip, *far_ip;
} cables[LINE_COUNT] = {
	[LINE_TO_SERVER] = {"server0", "server1", "10.201.1.1", "10.201.1.2"},
	[LINE_TO_COORDINATOR] = {"coordinator0", "coordinator1", "10.201.2.1", "10.201.2.2"},
};

static char behind[64]; /* the other namespace's file; "" = there is none */
static bool is_silent[LINE_COUNT];

/* ---- the network ---- */

static bool sh(const char *fmt, ...) PRINTF_LIKE(1, 2);

static bool
sh(const char *fmt, ...)
{
	char command[512];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct process p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	int code = process_run(&p, &(struct process_spec){.argv = argv});
	if (code != 0)
		fprintf(stderr, "%s: exit %d, %s", command, code, p.err ? p.err : "\n");
	process_free(&p);
	return code == 0;
}

static bool
lay_cable(enum line line)
{
	return sh("ip link add %s type veth peer name %s netns %s && ip addr add %s/24 dev %s && "
		  "ip link set %s up",
		  cables[line].near, cables[line].far, behind, cables[line].near_ip,
		  cables[line].near, cables[line].near) &&
	       sh("nsenter --net=%s sh -c 'ip addr add %s/24 dev %s && ip link set %s up'", behind,
		  cables[line].far_ip, cables[line].far, cables[line].far);
}

static int
open_namespace(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* A second one besides the new one that we are in. */
static bool
make_namespaces(void)
{
	int near = open_namespace();

	if (near < 0 || unshare(CLONE_NEWNET) != 0)
		return false;
	int far = open_namespace();
	if (far < 0 || setns(near, CLONE_NEWNET) != 0)
		return false;
	close(near);
	snprintf(behind, sizeof(behind), "/proc/%d/fd/%d", (int)getpid(), far);
	return sh("ip link set lo up") && sh("nsenter --net=%s ip link set lo up", behind);
}

bool
line_begin(void)
{
	int before = open_namespace();

	if (before < 0 || unshare(CLONE_NEWNET) != 0)
		return false;
	bool good =
		make_namespaces() && lay_cable(LINE_TO_SERVER) && lay_cable(LINE_TO_COORDINATOR);
	if (!good) {
		behind[0] = '\0';
		if (setns(before, CLONE_NEWNET) != 0)
			abort();
	}
	close(before);
	return good;
}

bool
line_there(void)
{
	return behind[0] != '\0';
}

const char *
line_address(enum line line)
{
	return cables[line].near_ip;
}

const char *
line_url(struct round *r)
{
	static char url[256];

	snprintf(url, sizeof(url),
		 "postgresql://postgres@%s:5432/%s?tcp_user_timeout=4000&connect_timeout=2",
		 line_address(LINE_TO_SERVER), r->project.database);
	return url;
}

const char *
line_program(struct round *r, const char *name, const char *program)
{
	char file[64];

	if (!line_there())
		return program;
	snprintf(file, sizeof(file), "behind-%s", name);
	project_file(&r->project, file, "#!/bin/sh\nexec nsenter --net=%s '%s' \"$@\"\n", behind,
		     program);
	const char *path = project_path(&r->project, file);
	REQUIRE(chmod(path, 0755) == 0);
	return path;
}

void
line_silence(enum line line, bool silent)
{
	static const char nobody[] = "lladdr 02:00:00:00:00:01 nud permanent";

	if (is_silent[line] == silent)
		return;
	is_silent[line] = silent;
	const char *verb = silent ? "replace" : "del", *address = silent ? nobody : "";
	REQUIRE(sh("ip neigh %s %s dev %s %s", verb, cables[line].far_ip, cables[line].near,
		   address));
	REQUIRE(sh("nsenter --net=%s ip neigh %s %s dev %s %s", behind, verb, cables[line].near_ip,
		   cables[line].far, address));
}

/* ---- the acts ---- */

/* At a point of its work the line falls silent; it goes on and does not know. */
static bool
silence_at_a_point(struct round *r, enum line line)
{
	if (!line_there()) {
		r->skipped = true;
		return false;
	}
	if (!stop_at_a_point(r))
		return false;
	line_silence(line, true);
	process_signal(victim(r), SIGCONT);
	return true;
}

/* Longer than a lease, shorter or longer than it takes to give the connection up. */
static void
stay_silent_a_while(struct round *r)
{
	size_t ms = LEASE_MS + round_below(r, SILENT_MOST_MS - LEASE_MS);

	round_say(r, ", silent for %zu ms", ms);
	nanosleep(&(struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000}, NULL);
}

static void
silence_for_a_while(struct round *r, enum line line)
{
	if (!silence_at_a_point(r, line))
		return;
	stay_silent_a_while(r);
	line_silence(line, false);
}

void
silence_server_for_a_while(struct round *r)
{
	silence_for_a_while(r, LINE_TO_SERVER);
}

void
silence_coordinator_for_a_while(struct round *r)
{
	silence_for_a_while(r, LINE_TO_COORDINATOR);
}

/* Somebody whose line is good does the work; who sits behind the silent one must give up before it
 * speaks again. */
void
silence_server_for_good(struct round *r)
{
	if (!silence_at_a_point(r, LINE_TO_SERVER))
		return;
	let_a_rival_work(r);
	(void)await_end(r, &r->command);
}

/* It is not heard of again while the plain runs are on, and goes on behind its line. */
void
silence_coordinator_for_good(struct round *r)
{
	if (!silence_at_a_point(r, LINE_TO_COORDINATOR))
		return;
	let_a_rival_work(r);
	r->gone_for_good = true;
}
