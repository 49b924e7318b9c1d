#!/bin/sh
# Benchmarks of a Release build folder ($1). Those with a server run twice: once with one that does not sync (our own
# cost shows most), once with one that does (what a user sees).
cmake --build "$1" --target bench bench_build bench_fleet bench_stream bench_journal bench_intents bench_structure \
	>/dev/null || exit 1
status=0
for options in "" --fsync; do
	"$1/tests/bench/bench" $options || status=$?
	"$1/tests/bench/bench_build" $options || status=$?
	"$1/tests/bench/bench_fleet" $options || status=$?
done
"$1/tests/bench/bench_structure" || status=$?
"$1/tests/bench/bench_stream" || status=$?
"$1/tests/bench/bench_journal" || status=$?
"$1/tests/bench/bench_intents" || status=$?
exit $status
