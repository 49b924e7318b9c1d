#!/bin/sh
# Plants one fault after another and runs seeds until one of the simulator's checks notices. Prints the table of
# docs/reliability.md: the fault, the safeguard that it breaks, the check that found it first, and in how many seeds.
#
#   tests/sim/faults.sh [COUNT [NAME…]]     COUNT seeds at the most for each (3000)
#
# The simulator is CONFITURE_SIM, built with -DCONFITURE_FAULTS=ON. Exit 1 when a fault was not found.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sim=${CONFITURE_SIM:-$here/../../build/faults/tests/sim/confiture_sim}
count=${1:-3000}
[ $# -eq 0 ] || shift
[ -x "$sim" ] || { echo "no simulator at $sim: cmake -DCONFITURE_SIM=ON -DCONFITURE_FAULTS=ON"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$sim" --faults >"$work/faults"
[ -s "$work/faults" ] || { echo "$sim has no faults planted"; exit 77; }
tab=$(printf '\t')
missed=0 found=0
echo "| fault | the safeguard that it breaks | found by | seeds |"
echo "|---|---|---|---|"
while IFS=$tab read -r name safeguard; do
	case " $* " in "  " | *" $name "*) ;; *) continue ;; esac
	CONFITURE_FAULT=$name timeout 600 "$sim" --seeds "1:$count" --jobs 1 --stop-after 1 --repeat-every 0 >"$work/out" 2>&1
	line=$(grep -m 1 '^seed [0-9]*: ' "$work/out")
	if [ -n "$line" ]; then
		found=$((found + 1))
		seed=${line#seed }
		check=${line#*: }
		echo "| $name | $safeguard | ${check%%:*} | ${seed%%:*} |"
	else
		missed=$((missed + 1))
		echo "| $name | $safeguard | **not found** | $count |"
		tail -n 2 "$work/out" >&2
	fi
done <"$work/faults"
echo "$found faults found, $missed not"
[ "$missed" -eq 0 ]
