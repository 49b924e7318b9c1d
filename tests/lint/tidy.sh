#!/bin/sh
# clang-tidy over all sources; $1 is a build folder with compile_commands.json.
cd "$(dirname "$0")/../.." || exit 2
git ls-files 'shared/*.c' 'coordinator/*.c' 'worker/*.c' 'cli/*.c' | xargs -P 2 -n 8 clang-tidy --quiet -p "$1"
