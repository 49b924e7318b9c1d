#!/bin/sh
# Runs the commands of a document: every line "$ command" of its ```console blocks ("> " continues one), in one shell,
# in an empty folder, against a throwaway PostgreSQL. What stands below a command must appear in its output, line by
# line ("…" stands for anything between; durations and times are not compared); "# exit 7" is the exit code expected.
#
# What it leaves running in the background is ended behind it.
#
#   docs.sh BUILD DOCUMENT…     $SHOP_URL and $COPY_URL are two empty databases, $PORT is a free port
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/deploy/common.sh"
BUILD=$1
shift
WORK=$(mktemp -d "${TMPDIR:-/tmp}/confiture-docs.XXXXXX")
chmod 755 "$WORK"
clean_up() {
	jobs -p >"$WORK/pids"
	[ ! -s "$WORK/pids" ] || processes_stop $(cat "$WORK/pids")
	cluster_stop "$WORK/pg"
	rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cluster_start "$WORK/pg"
mkdir "$WORK/bin"
ln -s "$BUILD/cli/confiture" "$BUILD/coordinator/confiture-coordinator" "$BUILD/worker/daemon/confiture-worker" "$WORK/bin"
PATH="$WORK/bin:$(postgres_bin):$PATH"
export PATH NO_COLOR=1 ASAN_OPTIONS=detect_leaks=0
unset DATABASE_URL CONFITURE_DATABASE_URL CONFITURE_COORDINATOR CONFITURE_TOKEN_FILE 2>/dev/null

failures=0 commands=0
plain() { sed -E 's/[0-9]+(\.[0-9]+)? ?(ms|s)\b/N ms/g; s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]+)?/TIME/g; s/[ \t]+/ /g; s/ $//; s/^ //'; }

flush() {
	[ -n "$command" ] || return 0
	commands=$((commands + 1))
	eval "$command" >"$WORK/out" 2>&1 </dev/null
	code=$?
	if [ "$code" -ne "$want" ]; then
		echo "$document:$at: exit $code instead of $want: $command"
		cat "$WORK/out"
		failures=$((failures + 1))
	fi
	plain <"$WORK/out" >"$WORK/out.plain"
	printf '%s' "$expected" | plain | while IFS= read -r line; do
		[ -z "$line" ] || [ "$line" = "…" ] || grep -qF -- "$line" "$WORK/out.plain" || echo "$line"
	done >"$WORK/lacking"
	if [ -s "$WORK/lacking" ]; then
		echo "$document:$at: these lines are not in the output of: $command"
		sed 's/^/  expected: /' "$WORK/lacking"
		sed 's/^/  printed:  /' "$WORK/out"
		failures=$((failures + 1))
	fi
	command="" expected="" want=0
}

for document in "$@"; do
	for database in shop copy; do
		psql -Xqd "postgresql:///postgres?host=$WORK/pg&user=postgres" -c "DROP DATABASE IF EXISTS $database" \
			-c "CREATE DATABASE $database" 2>/dev/null
	done
	export SHOP_URL="postgresql:///shop?host=$WORK/pg&user=postgres"
	export COPY_URL="postgresql:///copy?host=$WORK/pg&user=postgres"
	PORT=$(free_port)
	export PORT
	folder=$(mktemp -d "$WORK/run.XXXXXX")
	cd "$folder" || exit 2
	inside=no command="" expected="" want=0 number=0
	while IFS= read -r text || [ -n "$text" ]; do
		number=$((number + 1))
		case $inside$text in
		'no```console'*) inside=yes ;;
		'yes```'*) flush; inside=no ;;
		yes'$ '*) flush; command=${text#??} at=$number ;;
		yes'> '*) command="$command
${text#??}" ;;
		yes'# exit '*) want=${text#\# exit } ;;
		yes*) expected="$expected$text
" ;;
		esac
	done <"$ROOT/$document"
	flush
done
echo "$commands commands, $failures failures"
[ "$failures" -eq 0 ] && [ "$commands" -gt 0 ]
