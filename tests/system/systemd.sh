#!/bin/sh
# The units as systemd reads them: no word of complaint, users that can be made, and no more exposure than
# docs/guides/operations.md says. 77 where systemd's own tools are not there.
#
#   systemd.sh BUILD
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
for tool in systemd-analyze systemd-sysusers; do
	command -v $tool >/dev/null || { echo "skipped: there is no $tool here (package systemd)"; exit 77; }
done
WORK=$(mktemp -d "${TMPDIR:-/tmp}/confiture-units.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

cmake --install "$1" --prefix "$WORK" >"$WORK/install.log" 2>&1 || { cat "$WORK/install.log"; exit 1; }
for name in coordinator worker; do
	unit=$WORK/lib/systemd/system/confiture-$name.service
	systemd-analyze verify --man=no "$unit" >"$WORK/said" 2>&1 || fail "$name: verify: exit $?"
	[ ! -s "$WORK/said" ] || { fail "$name: systemd complains"; cat "$WORK/said"; }
	bound=$(sed -n "s/^| \`confiture-$name.service\` | \([0-9.]*\) |.*/\1/p" "$ROOT/docs/guides/operations.md")
	[ -n "$bound" ] || fail "$name: the guide names no exposure"
	score=$(systemd-analyze security --offline=yes --no-pager "$unit" |
		sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
	echo "confiture-$name.service: exposure $score, at most ${bound:-?}"
	awk -v score="${score:-10}" -v bound="${bound:-0}" 'BEGIN { exit !(score + 0 <= bound + 0) }' ||
		fail "$name: the exposure is above what the guide says"
done

mkdir -p "$WORK/image/etc"
systemd-sysusers --root="$WORK/image" "$ROOT/deploy/sysusers.d/confiture.conf" >"$WORK/said" 2>&1 ||
	{ fail "the users cannot be made"; cat "$WORK/said"; }
for user in confiture confiture-worker; do
	grep -q "^User=$user\$" "$ROOT"/deploy/systemd/*.service || fail "no unit runs as $user"
	grep -q "^$user:.*:/usr/sbin/nologin\$" "$WORK/image/etc/passwd" || fail "there is no user $user, without a shell"
done
[ "$failures" -eq 0 ]
