#!/bin/sh
# Holds the house: who may include whom, which room alone sees a library, where secrets are opened, how long functions
# and files may be, that every SQL file is used. The table is rooms.txt. Prints each breach; exit 1 when there is one.
cd "$(dirname "$0")/../.." || exit 2
TABLE=tests/lint/rooms.txt
breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT

sources() { git ls-files -co --exclude-standard 'shared/*.[ch]' 'coordinator/*.[ch]' 'worker/*.[ch]' 'cli/*.[ch]' | sort -u; }

# The longest room name that is a prefix of the path.
room_of() {
	awk -v path="$1" '/^#/ || NF < 3 { next } index(path, $1 "/") == 1 && length($1) > length(best) { best = $1 } END { print best }' $TABLE
}

check_includes() {
	for file in $(sources); do
		room=$(room_of "$file")
		[ -n "$room" ] || { echo "$file: is in no room of $TABLE"; continue; }
		allowed=$(awk -v r="$room" '$1 == r { print $2 }' $TABLE | tr ',' ' ')
		grep -n '^#include "' "$file" | sed 's/^\([0-9]*\):#include "\([^"]*\)".*/\1 \2/' | while read -r line path; do
			case $path in */*) ;; *) [ -f "$path" ] || continue ;; esac
			case $path in "$room"/*) [ "$(room_of "$path")" = "$room" ] && continue ;; esac
			ok=no
			for a in $allowed; do
				case $path in "$a" | "$a"/*) [ "$a" = "$path" ] || [ "$(room_of "$path")" = "$a" ] && ok=yes ;; esac
			done
			[ "$ok" = yes ] || echo "$file:$line: $room may not include $path"
		done
	done
}

check_libraries() {
	awk '/^#/ || NF < 3 || $3 == "-" { next } { n = split($3, h, ","); for (i = 1; i <= n; i++) print $1, h[i] }' $TABLE |
	while read -r room header; do
		for file in $(sources); do
			[ "$(room_of "$file")" = "$room" ] && continue
			grep -n "^#include <$header" "$file" | sed "s|^\([0-9]*\):.*|$file:\1: only $room may see <$header>|"
		done
	done
}

# secret_reveal() opens a secret: only where it leaves for its purpose.
check_secrets() {
	for file in $(sources); do
		case $file in shared/base/secret.h | shared/config/* | shared/pg/* | worker/postgres/* | cli/connection.c) continue ;; esac
		grep -n 'secret_reveal' "$file" | sed "s|^\([0-9]*\):.*|$file:\1: secrets are not opened here|"
	done
}

check_shape() {
	for file in $(sources); do
		lines=$(wc -l <"$file")
		[ "$lines" -le 600 ] || case $file in shared/wire/messages.h | shared/wire/results.h) ;; *) echo "$file: $lines lines; 600 are the most" ;; esac
		awk -v f="$file" '/^{/ { start = NR } /^}/ && start { if (NR - start > 70) print f ":" start ": a function of " NR - start " lines; 70 are the most"; start = 0 }' "$file"
		case $file in *.c)
			[ "$(grep '^#include' "$file" | tail -n 1)" = '#include "shared/base/banned.h"' ] ||
				echo "$file: banned.h must be the last include" ;;
		esac
		grep -nE '\b(TODO|FIXME|XXX)\b|^#if 0' "$file" | sed "s|^\([0-9]*\):.*|$file:\1: unfinished work|"
	done
}

check_sql() {
	for file in $(git ls-files -co --exclude-standard '*.sql' | grep -E '^(shared|coordinator|worker)/' | sort -u); do
		stem=$(basename "$file" .sql)
		folder=$(echo "$file" | cut -d/ -f1)
		grep -rqE "[a-z]+_sql_$stem\b|[a-z]+_$stem\b" --include='*.c' --include='*.h' "$folder" ||
			echo "$file: is used nowhere"
	done
}

check_words() {
	git grep -nE '/(wor[k]|roo[t]|hom[e])/[a-z]' -- . ':!tests/lint' | cut -c1-160 | sed 's/$/: a path of one machine/'
}

{ check_includes; check_libraries; check_secrets; check_shape; check_sql; check_words; } >"$breaches"
cat "$breaches"
[ ! -s "$breaches" ]
