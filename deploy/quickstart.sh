#!/bin/sh
# The main job, end to end, on a machine with nothing but git: installs what is needed, builds, starts a throwaway
# PostgreSQL with a development, a staging and two production databases that are already at migration 004, adopts them,
# catches a broken migration in a preflight and takes the mended one to production: through a coordinator and a worker
# beside each of the two databases, one of which is killed in the middle of a migration.
#
#   deploy/quickstart.sh           cleans up behind itself
#   deploy/quickstart.sh --keep    leaves everything running for you to play with
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/deploy/common.sh"

KEEP=no
case ${1:-} in
--keep) KEEP=yes ;;
-h | --help) sed -n '2,8p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
"") ;;
*) die "unknown option $1; try --help" ;;
esac

# A build that is there already, for the test of this script.
BUILT=${CONFITURE_BUILD:-$ROOT/build/release}
if [ -z "${CONFITURE_BUILD:-}" ]; then
	install_packages $BUILD_PACKAGES
	say "building (release)"
	mkdir -p "$ROOT/build"
	build Release "$BUILT" -DCONFITURE_TESTS=OFF
fi
PROGRAMS="$BUILT/cli:$BUILT/coordinator:$BUILT/worker/daemon"
PATH="$PROGRAMS:$PATH"
unset CONFITURE_COORDINATOR CONFITURE_TOKEN_FILE CONFITURE_DATABASE_URL DATABASE_URL

WORK=$(mktemp -d "${TMPDIR:-/tmp}/confiture-quickstart.XXXXXX")
chmod 755 "$WORK"
clean_up() {
	status=$?
	trap - EXIT INT TERM HUP
	if [ "$KEEP" = no ] || [ "$status" -ne 0 ]; then
		for name in eu us coordinator; do
			[ ! -f "$WORK/$name.pid" ] || stop $name
		done
		cluster_stop "$WORK/pg"
		rm -rf "$WORK"
	fi
	exit "$status"
}

# start NAME PROGRAM: a service with the settings NAME.yaml, until something ends it.
start() {
	"$2" --config "$WORK/$1.yaml" >>"$WORK/$1.log" 2>&1 &
	echo $! >"$WORK/$1.pid"
}
# stop NAME [SIGNAL]: ends it, and waits until it is gone.
stop() {
	pid=$(cat "$WORK/$1.pid")
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || :
	rm -f "$WORK/$1.pid"
}
# until_true COMMAND…: waits for what must come within 20 s.
until_true() {
	tries=400
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			tail -n 5 "$WORK"/*.log >&2
			die "waited in vain for: $*"
		fi
		sleep 0.05
	done
}
said() { grep -q "$2" "$WORK/$1.log"; }
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then BOLD=$(printf '\033[1m') DIM=$(printf '\033[2m') PLAIN=$(printf '\033[0m'); else BOLD="" DIM="" PLAIN=""; fi
chapter() { printf '\n%s== %s%s\n' "$BOLD" "$*" "$PLAIN"; }
remark() { printf '%s%s%s\n' "$DIM" "$*" "$PLAIN"; }
# Shows a command, runs it, and insists on the exit code that is meant to come.
run() {
	expected=$1
	shift
	printf '\n%s$ %s%s\n' "$BOLD" "$*" "$PLAIN"
	code=0
	"$@" || code=$?
	[ "$code" -eq "$expected" ] || die "exit code $code where $expected was expected"
	[ "$code" -eq 0 ] || remark "exit $code"
}

chapter "A throwaway PostgreSQL with four databases, each at migration 004 by hand"
cluster_start "$WORK/pg"
BIN=$(postgres_bin)
url() { echo "postgresql:///$1?host=$WORK/pg&user=postgres"; }
mkdir "$WORK/shop"
cd "$WORK/shop"
confiture init . --quiet
cp "$ROOT"/deploy/quickstart/00[1-4]_*.sql db/migrations/
for database in local staging production_eu production_us; do
	"$BIN/psql" -Xqd "$(url postgres)" -c "CREATE DATABASE $database"
	cat db/migrations/00[1-4]_*.up.sql | "$BIN/psql" -Xqd "$(url $database)" -v ON_ERROR_STOP=1
done
echo "database_url: $(url local)" >db/environments/local.yaml
echo "database_url: $(url staging)" >db/environments/staging.yaml
echo "databases: local, staging, production_eu, production_us"

chapter "1. Adopt them: tell the ledger about that history without running it again"
run 0 confiture migrate baseline --through 004 --env local,staging
run 0 confiture migrate status --env staging

chapter "2. A new migration, with a slip in it. The preflight replays it on a copy"
cp "$ROOT/deploy/quickstart/005_add_user_bio.broken.sql" db/migrations/005_add_user_bio.up.sql
cp "$ROOT/deploy/quickstart/005_add_user_bio.down.sql" db/migrations/
run 7 confiture migrate preflight --throwaway --env staging

chapter "3. Mended, and one more that builds an index while everybody works"
cp "$ROOT"/deploy/quickstart/005_add_user_bio.up.sql "$ROOT"/deploy/quickstart/006_* db/migrations/
run 0 confiture migrate preflight --throwaway --check-down --allow-non-transactional --env staging
run 0 confiture migrate up --env staging

chapter "4. Production: a coordinator, and a worker beside each database"
PORT=$(free_port)
cat >"$WORK/coordinator.yaml" <<YAML
listen: ws://127.0.0.1:$PORT/rpc
journal: $WORK/journal/journal.db
lease: 1s   # how soon the job of a dead worker is given to the next
YAML
COORDINATOR="confiture-coordinator --config $WORK/coordinator.yaml"
remark "Who may do what is a token; it is shown once. Nobody but a worker ever holds a URL of production."
for identity in agent:ann worker:eu@production worker:us@production; do
	name=${identity#*:} name=${name%@*}
	printf '\n%s$ %s token create %s > %s%s\n' "$BOLD" "$COORDINATOR" $identity "$name.token" "$PLAIN"
	(umask 077 && $COORDINATOR token create $identity 2>&1 >"$WORK/$name.token")
done
start coordinator confiture-coordinator
until_true said coordinator 'coordinator started'
for region in eu us; do
	cat >"$WORK/$region.yaml" <<YAML
coordinator: ws://127.0.0.1:$PORT/rpc
token_file: $WORK/$region.token
spool_dir: $WORK/$region.spool
targets:
  production/$region:
    database_url: $(url production_$region)
YAML
	start $region confiture-worker
done
remark "From here on every command goes to the coordinator:"
run 0 export "CONFITURE_COORDINATOR=ws://127.0.0.1:$PORT/rpc" "CONFITURE_TOKEN_FILE=$WORK/ann.token"
online() { [ "$(confiture worker list -f json | grep -c '"online"')" -ge "$1" ]; }
until_true online 2
run 0 confiture worker list
run 0 confiture migrate baseline --through 004 --env production

chapter "5. The same preflight, the same up; both databases, one after the other"
run 0 confiture migrate preflight --throwaway --allow-non-transactional --env production
run 0 confiture migrate up --env production

chapter "6. A worker is killed in the middle of a migration"
cp "$ROOT"/deploy/quickstart/007_* db/migrations/
printf '\n%s$ confiture migrate up --env production/us &%s\n' "$BOLD" "$PLAIN"
confiture migrate up --env production/us >"$WORK/up.out" 2>&1 &
UP=$!
working() { "$BIN/psql" -XAtqd "$(url production_us)" -c "SELECT 1/count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()"; }
until_true working
remark "The statement runs. kill -9 of its worker, and of the coordinator too:"
stop us KILL
stop coordinator KILL
start coordinator confiture-coordinator
start us confiture-worker
remark "Both are started again. The new worker asks the database first, and does what is not there:"
code=0
wait $UP || code=$?
cat "$WORK/up.out"
[ "$code" -eq 0 ] || die "exit code $code where 0 was expected"
run 0 confiture migrate up --env production/eu

chapter "7. Where everything stands"
run 0 confiture migrate status --env production
run 0 confiture job list
run 0 confiture audit verify

if [ "$KEEP" = yes ]; then
	chapter "Everything is still there"
	cat <<TEXT
project:   cd $WORK/shop
programs:  export PATH=$PROGRAMS:\$PATH
production, through the coordinator:
           export CONFITURE_COORDINATOR=$CONFITURE_COORDINATOR CONFITURE_TOKEN_FILE=$CONFITURE_TOKEN_FILE
try:       confiture worker list
           confiture doctor
           confiture migrate down --env production/eu --detach
           confiture job list
staging and local, from here:
try:       confiture migrate down --env staging --embedded
           confiture migrate up --env staging --dry-run --embedded
logs:      tail $WORK/*.log
clean up:  ( . $ROOT/deploy/common.sh; processes_stop \$(cat $WORK/*.pid); cluster_stop $WORK/pg; rm -rf $WORK )
TEXT
else
	chapter "Done. All of it is cleaned up"
	cat <<TEXT
play on:   deploy/quickstart.sh --keep
your own:  docs/tutorial.md walks through adopting a database that you already have,
           docs/guides/operations.md through running a coordinator and workers
TEXT
fi
