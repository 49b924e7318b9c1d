#!/bin/sh
# What the documents name in the code exists: each test in docs/reliability.md, each file and function in
# docs/ARCHITECTURE.md.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
cd "$ROOT" || exit 2
status=0 count=0

missing() {
	echo "$1: there is no $2"
	status=1
}
words() { grep -oE "\`$1\`" "$2" | tr -d '\`' | sort -u; }

for name in $(words 'p[0-9][0-9]_[a-z0-9_]+' docs/reliability.md); do
	count=$((count + 1))
	grep -rqE --include='*.c' "^$name\\(void\\)" tests || missing docs/reliability.md "test $name"
done
for file in $(words '(cli|coordinator|worker|shared|tests)/[a-z_/]+(\.[a-z]+)?/?' docs/ARCHITECTURE.md); do
	count=$((count + 1))
	[ -e "$file" ] || missing docs/ARCHITECTURE.md "file $file"
done
for function in $(words '[a-z_]+\(\)' docs/ARCHITECTURE.md | tr -d '()'); do
	count=$((count + 1))
	grep -rqE --include='*.c' "^$function\\(" cli coordinator worker shared ||
		[ "$function" = pg_try_advisory_lock ] || missing docs/ARCHITECTURE.md "function $function()"
done
[ "$count" -gt 60 ] || { echo "only $count names were found"; exit 1; }
exit $status
