#!/bin/sh
# Holds the house: who may include whom, which room alone sees a library, where secrets are opened, how long functions
# and files may be, that every source is built, every SQL file used and every test case able to fail. The table is
# rooms.txt, the rules are rooms.awk. Prints each breach; exit 1 when there is one.
#
#   tests/lint/rooms.sh [FOLDER]    another tree than this one (self_test.sh)
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}" || exit 2
breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT

# The files of the tree, the table and the build's lists before what they are held against.
files() {
	echo tests/lint/rooms.txt
	git ls-files -co --exclude-standard '*CMakeLists.txt' '*.[ch]' 'shared/*.sql' 'coordinator/*.sql' \
		'worker/*.sql' 'cli/*.sql' | sort -u | awk '/CMakeLists.txt$/ { print; next } { rest = rest $0 "\n" }
		END { printf "%s", rest }' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}

files | xargs -x -s 1000000 awk -f "$here/rooms.awk" >"$breaches" || echo "rooms.awk broke off" >>"$breaches"
git grep --untracked -nE '/(wor[k]|roo[t]|hom[e])/[a-z]' -- . ':!tests/lint' | cut -c1-160 |
	sed 's/$/: a path of one machine/' >>"$breaches"
cat "$breaches"
[ ! -s "$breaches" ]
