#!/bin/sh
# Benchmarks of a Release build folder ($1): once with a server that does not sync (our own cost shows most), once with
# one that does (what a user sees).
cmake --build "$1" --target bench >/dev/null || exit 1
"$1/tests/bench/bench"
status=$?
"$1/tests/bench/bench" --fsync || status=$?
exit $status
