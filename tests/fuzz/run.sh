#!/bin/sh
# Lets every fuzzer of a build folder search, one after another.
#
#   tests/fuzz/run.sh [FOLDER [SECONDS]]
#
# FOLDER is a build of type Fuzz (else CONFITURE_FUZZERS, else build/fuzz); SECONDS are for all of them together (else
# FUZZ_SECONDS, else 60). What crashes lies in FOLDER/crashes, beside the inputs found in FOLDER/found, from which the
# next search begins. Exit 1 when there is a finding, 77 when nothing was built.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${CONFITURE_FUZZERS:-$here/../../build/fuzz}}
seconds=${2:-${FUZZ_SECONDS:-60}}
set -- "$folder"/tests/fuzz/fuzz_*
if [ ! -x "$1" ]; then
	echo "no fuzzers in $folder: cmake -B $folder -DCMAKE_BUILD_TYPE=Fuzz -DCMAKE_C_COMPILER=clang; cmake --build $folder"
	exit 77
fi
folder=$(cd "$folder" && pwd)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fuzzers="" count=0
for program in "$folder"/tests/fuzz/fuzz_*; do
	[ -f "$program" ] && [ -x "$program" ] && fuzzers="$fuzzers $(basename "$program")" count=$((count + 1))
done
each=$((seconds / count))
[ "$each" -gt 0 ] || each=1

# search NAME: prints what libFuzzer counted; a finding with the command that shows it again.
search() {
	program=$folder/tests/fuzz/$1 found=$folder/found/$1 crashes=$folder/crashes/$1
	rm -rf "$crashes"
	mkdir -p "$found" "$crashes"
	if ! "$program" -max_total_time="$each" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$crashes/" "$found" "$here/corpus/$1" >"$log" 2>&1; then
		tail -n 60 "$log"
		for input in "$crashes"/*; do
			[ -f "$input" ] && echo "FINDING: $program $input"
		done
		echo "once mended, keep it as a seed: cp INPUT $here/corpus/$1/"
		return 1
	fi
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	kept=$(find "$found" -type f | wc -l)
	echo "$1: $each s, $runs inputs, $kept kept"
	[ "${runs:-0}" -gt 0 ]
}

findings=0
for fuzzer in $fuzzers; do
	[ -d "$here/corpus/$fuzzer" ] || { echo "$fuzzer: has no seeds"; findings=$((findings + 1)); continue; }
	search "$fuzzer" || findings=$((findings + 1))
done
echo "$count fuzzers, $findings with findings"
[ "$findings" -eq 0 ]
