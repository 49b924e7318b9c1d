# Functions that the quickstart and the test command share. Sourced, never run.
# Debian 12 and what is like it: packages by apt, PostgreSQL's programs below /usr/lib/postgresql.

BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libpq-dev libsqlite3-dev libyaml-dev
libjansson-dev libmsgpack-dev libnng-dev libsodium-dev libpg-query-dev libprotobuf-c-dev
postgresql-15 postgresql-client-15"

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages NAME…: installs those that are missing; does nothing (and needs no rights) when none is.
install_packages() {
	missing=""
	for package in "$@"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || die "these packages are needed:$missing"
	[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
		die "run as root, or as a user with sudo; these packages are needed:$missing"
	say "installing:$missing"
	# The server package would make and start a cluster of its own: we only want the programs.
	if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then
		as_root mkdir -p /etc/postgresql-common/createcluster.d
		echo 'create_main_cluster = false' |
			as_root tee /etc/postgresql-common/createcluster.d/confiture.conf >/dev/null
	fi
	log=$(mktemp)
	if ! { as_root apt-get update -q &&
		as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "the packages could not be installed"
	fi
	rm -f "$log"
}

# build KIND FOLDER [cmake options…]
build() {
	kind=$1 folder=$2
	shift 2
	launcher=""
	command -v ccache >/dev/null && launcher="-DCMAKE_C_COMPILER_LAUNCHER=ccache"
	cmake -S "$ROOT" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE="$kind" $launcher "$@" >"$folder.log" 2>&1 ||
		{ cat "$folder.log" >&2; die "cmake failed"; }
	cmake --build "$folder" >"$folder.log" 2>&1 || { tail -n 60 "$folder.log" >&2; die "the build failed"; }
}

postgres_bin() {
	for bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
		[ -x "$bin/initdb" ] && { echo "$bin"; return; }
	done
	die "PostgreSQL's server programs are not here (package postgresql-15)"
}

# PostgreSQL refuses to run as root: then the user postgres runs it.
unprivileged() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
	else
		"$@"
	fi
}

# cluster_start FOLDER: a throwaway cluster with a private socket in FOLDER; trusts whoever can reach that folder.
cluster_start() {
	cluster=$1
	bin=$(postgres_bin)
	mkdir -p "$cluster"
	if [ "$(id -u)" -eq 0 ]; then chown postgres "$cluster"; fi
	chmod 700 "$cluster"
	(cd "$cluster" && unprivileged "$bin/initdb" -D "$cluster/data" -U postgres -A trust -E UTF8 --locale=C \
		--no-sync >"$cluster.log" 2>&1) || { cat "$cluster.log" >&2; die "initdb failed"; }
	(cd "$cluster" && unprivileged "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/server.log" -w -s \
		-o "-c listen_addresses='' -c unix_socket_directories='$cluster'" start >/dev/null 2>&1) ||
		{ cat "$cluster/server.log" >&2; die "PostgreSQL did not start"; }
}

cluster_stop() {
	[ -d "$1/data" ] || return 0
	bin=$(postgres_bin)
	(cd / && unprivileged "$bin/pg_ctl" -D "$1/data" -m immediate -s stop >/dev/null 2>&1) || :
	rm -rf "$1" "$1.log"
}

# processes_stop PID…: ends them, and waits until they are gone, at most 10 s for each.
processes_stop() {
	kill "$@" 2>/dev/null || :
	for pid in "$@"; do
		tries=200
		while [ "$tries" -gt 0 ] && grep -q . "/proc/$pid/cmdline" 2>/dev/null; do
			tries=$((tries - 1))
			sleep 0.05
		done
	done
}

# A port of this machine that nobody listens on; the kernel's table has them in hexadecimal.
free_port() {
	port=7432
	while grep -qi ":$(printf %04X $port) " /proc/net/tcp; do port=$((port + 1)); done
	echo $port
}
