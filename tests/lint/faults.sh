#!/bin/sh
# Every planted fault is planted somewhere, and something is known to find it: each switch of shared/base/faults.h has a
# row in tests/faults/found_by.txt whose test exists, and docs/reliability.md has the table that is printed from both.
#
#   tests/lint/faults.sh [ROOT]
set -u
ROOT=${1:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$ROOT" || exit 2
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

wrong() {
	echo "$1"
	status=1
}

sh tests/faults/run.sh --table | tee "$work/table" | sed -n 's/^| \([a-z_]*\) | .* | .* |$/\1/p' |
	grep -v '^fault$' >"$work/switches"
sed 's/#.*//' tests/faults/found_by.txt | awk 'NF' >"$work/rows"

written=$(grep -c '^[[:space:]]F(' shared/base/faults.h)
[ "$written" -gt 0 ] && [ "$(wc -l <"$work/switches")" -eq "$written" ] ||
	wrong "$(wc -l <"$work/switches") of $written switches were read"
while read -r fault; do
	grep -q "^$fault " "$work/rows" || wrong "$fault: no row in tests/faults/found_by.txt says what finds it"
	grep -rqE --include='*.c' "FAULT\\($fault\\)" cli coordinator worker shared || wrong "$fault: is planted nowhere"
done <"$work/switches"
while read -r fault program test rest; do
	grep -qx "$fault" "$work/switches" || wrong "$fault: shared/base/faults.h has no such switch"
	[ -z "$rest" ] || wrong "$fault: a row is a fault, a program and a test"
	if [ "$program" = sim ]; then
		case $test in *[!0-9]* | "") wrong "$fault: \"$test\" is no number of seeds" ;; esac
	else
		# the last word of unit_coordinator_core is that of core_test.c
		grep -rlE --include='*_test.c' "CASE(_EMBEDDED)?\\($test\\)" tests | grep -q "[/_]${program##*_}_test\.c\$" ||
			wrong "$fault: $program has no test $test"
	fi
done <"$work/rows"
sed -n '/^| fault |/,/^$/p' docs/reliability.md | sed '/^$/d' | diff - "$work/table" >"$work/diff" ||
	{ wrong "docs/reliability.md has another table than tests/faults/run.sh --table prints"; cat "$work/diff"; }
exit $status
