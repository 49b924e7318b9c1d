#!/bin/sh
# Runs seeds of the simulator, those that found something once before all others.
#
#   tests/sim/run.sh [FROM COUNT [JOBS]]
#
# The simulator is CONFITURE_SIM, else the one of build/release. Exit 1 when a seed has a finding, 77 when nothing was
# built.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sim=${CONFITURE_SIM:-$here/../../build/release/tests/sim/confiture_sim}
from=${1:-1} count=${2:-10000} jobs=${3:-2}
if [ ! -x "$sim" ]; then
	echo "no simulator at $sim: cmake -B build/release -DCMAKE_BUILD_TYPE=Release -DCONFITURE_TESTS=OFF -DCONFITURE_SIM=ON"
	exit 77
fi
echo "commit $(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)"
status=0
known=0
for seed in $(sed 's/#.*//' "$here/seeds.txt"); do
	known=$((known + 1))
	"$sim" --seed "$seed" --times 3 >"${TMPDIR:-/tmp}/confiture-sim-seed.$$" 2>&1 ||
		{ cat "${TMPDIR:-/tmp}/confiture-sim-seed.$$"; status=1; }
	rm -f "${TMPDIR:-/tmp}/confiture-sim-seed.$$"
done
echo "$known known seeds"
"$sim" --seeds "$from:$count" --jobs "$jobs" --stop-after 20 || status=1
exit $status
