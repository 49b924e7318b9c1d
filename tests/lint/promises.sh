#!/bin/sh
# Each test that docs/reliability.md names exists, in the source of a test that is built.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
cd "$ROOT" || exit 2
status=0 count=0
for name in $(grep -oE '`p[0-9][0-9]_[a-z0-9_]+`' docs/reliability.md | tr -d '`' | sort -u); do
	count=$((count + 1))
	grep -rqE --include='*.c' "^$name\\(void\\)" tests || { echo "docs/reliability.md: no test $name"; status=1; }
done
[ "$count" -gt 0 ] || { echo "docs/reliability.md names no test"; exit 1; }
exit $status
