#!/bin/sh
# Each relative link of README.md and docs/ leads to a file that is there, and each #anchor to one of its headings.
#
#   links.sh [ROOT]
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 2

# The anchors of a page's headings, as forges make them: lower case, blanks to dashes, other punctuation gone.
anchors() {
	awk '/^```/ { code = !code } !code && /^#+ /' "$1" | sed 's/^#* //; s/\[\([^]]*\)\]([^)]*)/\1/g' |
		tr 'A-Z ' 'a-z-' | sed 's/[^a-z0-9_-]//g'
}

# "line target" of each link outside code.
links() {
	awk '/^```/ { code = !code } !code {
		rest = $0; gsub(/`[^`]*`/, "", rest)
		while (match(rest, /\]\([^)]*\)/)) {
			print NR, substr(rest, RSTART + 2, RLENGTH - 3); rest = substr(rest, RSTART + RLENGTH) } }' "$1"
}

dead=$(
	find README.md docs -name '*.md' 2>/dev/null | sort | while read -r page; do
		links "$page" | while read -r line target; do
			case $target in *://* | mailto:*) continue ;; esac
			file=${target%%#*} anchor=""
			case $target in *'#'*) anchor=${target#*#} ;; esac
			[ -n "$file" ] && file=$(dirname "$page")/$file || file=$page
			if [ ! -e "$file" ]; then
				echo "$page:$line: $target: no such file"
			elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF "$anchor"; then
				echo "$page:$line: $target: no such heading"
			fi
		done
	done
)
[ -z "$dead" ] || { echo "$dead"; exit 1; }
