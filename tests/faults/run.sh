#!/bin/sh
# Plants one fault after another and runs what is to notice it, as tests/faults/found_by.txt says; then the same with
# nothing planted, which must pass. Prints which test failed, or in which seed the simulator found it.
#
#   tests/faults/run.sh [BUILD [FAULT…]]   BUILD is of kind Release, with -DCONFITURE_FAULTS=ON (build/faults)
#   tests/faults/run.sh --table            the table of docs/reliability.md
#
# Exit 1 when a fault was not found or a test fails by itself.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
SECONDS_MOST=120

# "fault TAB safeguard", in the order of the header.
switches() {
	sed -n '/^#define FAULTS(F)/,/^$/p' "$ROOT/shared/base/faults.h" | tr -d '\n\\' |
		grep -oE 'F\([a-z_]+,[[:space:]]*"[^"]*"\)' | sed 's/^F(\([a-z_]*\),[[:space:]]*"\(.*\)")$/\1\t\2/'
}

# "fault program test", or "fault sim seeds".
rows() { sed 's/#.*//' "$here/found_by.txt" | awk 'NF { print $1, $2, $3 }'; }

print_table() {
	echo "| fault | the safeguard that it breaks | found by |"
	echo "|---|---|---|"
	switches | while IFS="$(printf '\t')" read -r fault safeguard; do
		by=$(rows | awk -v fault="$fault" '$1 == fault {
			printf "%s%s", by++ ? ", " : "", $2 == "sim" ? "the simulator, " $3 " seeds" : "`" $3 "`" }')
		echo "| $fault | $safeguard | $by |"
	done
}

[ "${1:-}" = --table ] && { print_table; exit 0; }
BUILD=${1:-$ROOT/build/faults}
[ $# -eq 0 ] || shift
sim=$BUILD/tests/sim/confiture_sim
[ -n "$("$sim" --faults 2>/dev/null)" ] || { echo "$sim: not built, or has no faults planted"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted=" $* "

# run_row FAULT PROGRAM TEST: its words in $work/out; FAULT "" plants nothing.
run_row() {
	if [ "$2" = sim ]; then
		CONFITURE_FAULT=$1 "$sim" --seeds "1:$3" --jobs 2 --stop-after 1 --repeat-every 0 >"$work/out" 2>&1
	else
		program=$(find "$BUILD/tests" -type f -name "$2")
		CONFITURE_FAULT=$1 timeout "$SECONDS_MOST" "${program:-false}" "$3" >"$work/out" 2>&1
	fi
}

# What noticed, in words; fails when nothing did. A test that hangs or dies has not told what is wrong.
noticed() {
	if [ "$1" = sim ]; then
		grep -m 1 '^seed [0-9]*: ' "$work/out"
	else
		grep -aqE "Test: $2 .*FAILED" "$work/out" && echo "$2 fails"
	fi
}

rows | while read -r fault program test; do
	case "$wanted" in "  " | *" $fault "*) echo "$fault $program $test" ;; esac
done >"$work/rows"
[ -s "$work/rows" ] || { echo "no such fault: $*"; exit 2; }
bad=0 found=0 passed=0
while read -r fault program test; do
	run_row "$fault" "$program" "$test" </dev/null
	if words=$(noticed "$program" "$test"); then
		found=$((found + 1))
		echo "$fault: $words"
	else
		bad=$((bad + 1))
		echo "$fault: NOT FOUND by $program $test"
		tail -n 5 "$work/out"
	fi
done <"$work/rows"
# The simulator once, with as many seeds as any fault needs.
{ awk '$2 != "sim" { print $2, $3 }' "$work/rows" | sort -u
	awk '$2 == "sim" && $3 > most { most = $3 } END { if (most) print "sim", most }' "$work/rows"; } >"$work/tests"
while read -r program test; do
	if run_row "" "$program" "$test" </dev/null; then
		passed=$((passed + 1))
	else
		bad=$((bad + 1))
		echo "no fault: $program $test FAILS"
		tail -n 20 "$work/out"
	fi
done <"$work/tests"
echo "$(cut -d' ' -f1 "$work/rows" | sort -u | wc -l) faults, found $found times; with none planted $passed tests pass;" \
	"$bad wrong"
[ "$bad" -eq 0 ]
