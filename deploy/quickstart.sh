#!/bin/sh
# The main job, end to end, on a machine with nothing but git: installs what is needed, builds, starts a throwaway
# PostgreSQL with a development, a staging and two production databases that are already at migration 004, adopts them,
# catches a broken migration in a preflight and takes the mended one to production.
#
#   deploy/quickstart.sh           cleans up behind itself
#   deploy/quickstart.sh --keep    leaves everything running for you to play with
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/deploy/common.sh"

KEEP=no
case ${1:-} in
--keep) KEEP=yes ;;
-h | --help) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
"") ;;
*) die "unknown option $1; try --help" ;;
esac

install_packages $BUILD_PACKAGES
say "building (release)"
mkdir -p "$ROOT/build"
build Release "$ROOT/build/release" -DCONFITURE_TESTS=OFF
PATH="$ROOT/build/release/cli:$PATH"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/confiture-quickstart.XXXXXX")
chmod 755 "$WORK"
clean_up() {
	status=$?
	trap - EXIT INT TERM HUP
	if [ "$KEEP" = no ] || [ "$status" -ne 0 ]; then
		cluster_stop "$WORK/pg"
		rm -rf "$WORK"
	fi
	exit "$status"
}
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
cat >db/environments/production.yaml <<YAML
targets:
  eu: { database_url: "$(url production_eu)" }
  us: { database_url: "$(url production_us)" }
YAML
echo "databases: local, staging, production_eu, production_us"

chapter "1. Adopt them: tell the ledger about that history without running it again"
run 0 confiture migrate baseline --through 004 --env local,staging,production
run 0 confiture migrate status --env staging

chapter "2. A new migration, with a slip in it. The preflight replays it on a copy"
cp "$ROOT/deploy/quickstart/005_add_user_bio.broken.sql" db/migrations/005_add_user_bio.up.sql
cp "$ROOT/deploy/quickstart/005_add_user_bio.down.sql" db/migrations/
run 7 confiture migrate preflight --throwaway --env staging

chapter "3. Mended, and one more that builds an index while everybody works"
cp "$ROOT"/deploy/quickstart/005_add_user_bio.up.sql "$ROOT"/deploy/quickstart/006_* db/migrations/
run 0 confiture migrate preflight --throwaway --check-down --allow-non-transactional --env staging

chapter "4. Staging first, then both production databases"
run 0 confiture migrate up --env staging
run 0 confiture migrate up --env production

chapter "5. Where everything stands"
run 0 confiture migrate status --env production
run 0 confiture job list

if [ "$KEEP" = yes ]; then
	chapter "Everything is still there"
	cat <<TEXT
project:   cd $WORK/shop
program:   export PATH=$ROOT/build/release/cli:\$PATH
try:       confiture migrate down --env staging
           confiture migrate up --env staging --dry-run
           confiture doctor --env production
clean up:  ( . $ROOT/deploy/common.sh; cluster_stop $WORK/pg; rm -rf $WORK )
TEXT
else
	chapter "Done. All of it is cleaned up"
	cat <<TEXT
play on:   deploy/quickstart.sh --keep
your own:  docs/tutorial.md walks through adopting a database that you already have
TEXT
fi
