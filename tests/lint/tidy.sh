#!/bin/sh
# clang-tidy over all sources; $1 is a build folder with compile_commands.json, built, since headers with SQL are made
# there. It may be a build of gcc, whose options clang does not all know.
cd "$(dirname "$0")/../.." || exit 2
[ -f "$1/compile_commands.json" ] || { echo "usage: tests/lint/tidy.sh BUILD"; exit 2; }
git ls-files 'shared/*.c' 'coordinator/*.c' 'worker/*.c' 'cli/*.c' |
	xargs -P 2 -n 4 clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p "$1"
