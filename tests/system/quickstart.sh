#!/bin/sh
# deploy/quickstart.sh as a person runs it: every chapter to its end, nothing left behind; and with --keep, what it says
# one can try is what one can, and its last line cleans up.
#
#   quickstart.sh BUILD
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
CONFITURE_BUILD=$1
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/confiture-qs.XXXXXX")
export CONFITURE_BUILD TMPDIR NO_COLOR=1
chmod 755 "$TMPDIR"
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# Whatever went wrong: what was started here ends here.
sweep() {
	for pid in "$TMPDIR"/confiture-quickstart.*/*.pid; do
		[ -f "$pid" ] && kill -9 "$(cat "$pid")"
	done
	for pg in "$TMPDIR"/confiture-quickstart.*/pg; do
		[ -d "$pg" ] && (. "$ROOT/deploy/common.sh" && cluster_stop "$pg")
	done
	rm -rf "$TMPDIR"
}
trap sweep EXIT
trap 'exit 130' INT TERM

has() { grep -qF -- "$1" "$TMPDIR/out" || fail "the output lacks: $1"; }

nothing_is_left() {
	for left in "$TMPDIR"/confiture-quickstart.*; do
		[ ! -e "$left" ] || fail "left behind: $left"
	done
	for process in /proc/[0-9]*/cmdline; do
		if tr '\0' ' ' 2>/dev/null <"$process" | grep -q "$TMPDIR/confiture-quickstart"; then
			fail "still runs: $(tr '\0' ' ' <"$process")"
		fi
	done
}

run_it() {
	sh "$ROOT/deploy/quickstart.sh" "$@" >"$TMPDIR/out" 2>&1 </dev/null
	code=$?
	[ "$code" -eq 0 ] || { fail "quickstart.sh $*: exit $code"; cat "$TMPDIR/out"; }
}

run_it
has "✗ Preflight failed"
has "agent:ann, good until it is revoked"
has "production/eu  0"
has "production/us  0"
has "✓ 2 of 2 targets succeeded"
has "attempt 1: 0 of 0 steps committed"
has "007      tidy_users            applied"
has "event(s), each as it was written"
has "All of it is cleaned up"
grep -q confiture_ "$TMPDIR/out" && fail "a token was shown"
nothing_is_left

run_it --keep
has "Everything is still there"
said=$TMPDIR/said
grep -E '^ +export CONFITURE_COORDINATOR|^project:|^programs:|^ +confiture |^try: ' "$TMPDIR/out" |
	sed -E 's/^(project:|programs:|try:)? +//' >"$said"
[ "$(wc -l <"$said")" -ge 9 ] || { fail "it says little to try"; cat "$said"; }
(
	set -eu
	while read -r command; do
		echo "\$ $command"
		eval "$command" </dev/null
	done <"$said"
) >"$TMPDIR/tried" 2>&1 || { fail "what it says to try does not work"; cat "$TMPDIR/tried"; }
eval "$(sed -n 's/^clean up: *//p' "$TMPDIR/out")" || fail "its own words do not clean up"
nothing_is_left
[ "$failures" -eq 0 ] && echo "passed"
[ "$failures" -eq 0 ]
