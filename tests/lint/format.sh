#!/bin/sh
# Every C file is formatted as .clang-format says.
cd "$(dirname "$0")/../.." || exit 2
git ls-files -co --exclude-standard '*.c' '*.h' | sort -u | xargs clang-format --dry-run --Werror
