#!/bin/bash
# Loads the completion script of a program and presses TAB at several places.
#
#   bash_completion.sh SCRIPT PROGRAM
set -u
source "$1" || exit 1
failed=0

# offers "<words expected>" PROGRAM …
offers() {
	local expected=$1
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	"_${1//-/_}"
	if [ "${COMPREPLY[*]}" != "$expected" ]; then
		echo "after \"$*\": offers \"${COMPREPLY[*]}\", expected \"$expected\"" >&2
		failed=1
	fi
}

case $2 in
confiture)
	offers "migrate" confiture mi
	offers "up" confiture migrate u
	offers "down down-to" confiture migrate do
	offers "fail warn ignore" confiture migrate up --on-checksum-mismatch ""
	offers "json" confiture migrate up -f j
	offers "--verify-checksums --verbose" confiture migrate up --ver
	offers "--through" confiture migrate baseline --th
	offers "" confiture migrate down --through
	offers "ROLLBACK_600 ROLLBACK_601 ROLLBACK_602" confiture explain ROLLBACK_6
	offers "zsh" confiture completion z
	offers "" confiture verify --fi
	;;
confiture-coordinator)
	offers "--check-config" confiture-coordinator --ch
	offers "token" confiture-coordinator to
	offers "revoke" confiture-coordinator token rev
	offers "create list revoke" confiture-coordinator token ""
	offers "copy rebuild accept" confiture-coordinator journal ""
	offers "bash zsh fish" confiture-coordinator --completion ""
	;;
confiture-worker)
	offers "--sample-config" confiture-worker --sa
	offers "" confiture-worker to
	;;
*)
	echo "no cases for $2" >&2
	failed=1
	;;
esac
exit $failed
