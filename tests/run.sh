#!/bin/sh
# Everything that must hold, in one command: installs what it needs, builds with sanitizers, runs every test through
# ctest. The last line is "N passed, N failed". For people and for CI.
#
#   tests/run.sh            the whole test command (under 20 minutes on two cores)
#   tests/run.sh unit       only the tests of that label, else those whose name matches
#   tests/run.sh --long T   a long target: tsan, valgrind, fuzz, tidy, bench, liveness [KILLS [SECONDS]],
#                           storm [RUNS [SECONDS]], sim [FROM COUNT], faults [NAME…], killer [ROUNDS [SEED]],
#                           kills (each point of a run, embedded and in a fleet), pairs [PART…] (plans over schemas
#                           of others), random [ROUNDS] (plans there and back over structures made at random),
#                           majors [MAJOR…] (structures on other PostgreSQLs); long: the first five
set -u
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/deploy/common.sh"
TEST_PACKAGES="libcunit1-dev git groff-base haproxy iproute2 nginx-light openssl systemd"
FUZZ_PACKAGES="clang libclang-rt-14-dev"
BUILD="$ROOT/build/test"
FUZZ_SECONDS=${FUZZ_SECONDS:-60}
MEMCHECK="valgrind;--quiet;--error-exitcode=99;--leak-check=full;--show-leak-kinds=definite,indirect"
MEMCHECK="$MEMCHECK;--errors-for-leak-kinds=definite,indirect;--suppressions=$ROOT/tests/support/valgrind.supp"

usage() { sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'; }

# ctest's result file as the one line that machines read.
report() {
	count() { sed -n "s/.*<testsuite.*[ \t]$1=\"\([0-9]*\)\".*/\1/p;s/^[ \t]*$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }
	tests=$(count tests "$1") failed=$(count failures "$1") skipped=$(count skipped "$1")
	passed=$((tests - failed - skipped))
	line="$passed passed, $failed failed"
	[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
	echo "$line"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# run_tests FOLDER [ctest options…]: half of what tests do is waiting, so twice as many run as there are cores; what
# makes them much slower takes one for each (AT_ONCE).
run_tests() {
	folder=$1
	shift
	rm -f "$folder/result.xml"
	at_once=${AT_ONCE:-$((2 * $(nproc)))}
	(cd "$folder" && ctest --output-on-failure --parallel "$at_once" --output-junit result.xml "$@") || :
	[ -f "$folder/result.xml" ] || die "ctest did not run"
	report "$folder/result.xml"
}

long_target() {
	target=$1
	shift
	case $target in
	tsan)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build TSan "$ROOT/build/tsan"
		# it would measure the sanitizer's own memory
		AT_ONCE=$(nproc) run_tests "$ROOT/build/tsan" -L '^(unit|db|system)$' -E '^system_limits$'
		;;
	valgrind)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES valgrind
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/valgrind" "-DCONFITURE_TEST_LAUNCHER=$MEMCHECK"
		# Three want within milliseconds or seconds what takes thirty times as long here. The fourth starts a
		# child for every write of every journal that there ever was.
		AT_ONCE=$(nproc) run_tests "$ROOT/build/valgrind" -L '^unit$' \
			-E '^unit_(worker_lease|coordinator_crash|net_nng_calls|coordinator_upgrade)$'
		;;
	fuzz)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES $FUZZ_PACKAGES
		mkdir -p "$ROOT/build"
		build Fuzz "$ROOT/build/fuzz" -DCMAKE_C_COMPILER=clang
		"$ROOT/tests/fuzz/run.sh" "$ROOT/build/fuzz" "$FUZZ_SECONDS"
		;;
	tidy)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES clang-tidy clang-format
		mkdir -p "$ROOT/build"
		build Debug "$BUILD"
		"$ROOT/tests/lint/tidy.sh" "$BUILD"
		;;
	bench)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		"$ROOT/tests/bench/run.sh" "$ROOT/build/long"
		;;
	long)
		status=0
		for each in tsan valgrind fuzz tidy bench; do
			say "== $each"
			long_target $each || status=1
		done
		return $status
		;;
	faults)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/faults" -DCONFITURE_FAULTS=ON
		"$ROOT/tests/faults/run.sh" "$ROOT/build/faults" "$@"
		;;
	sim)
		install_packages $BUILD_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/sim" -DCONFITURE_TESTS=OFF -DCONFITURE_SIM=ON
		CONFITURE_SIM="$ROOT/build/sim/tests/sim/confiture_sim" \
			"$ROOT/tests/sim/run.sh" "${1:-1}" "${2:-100000}" "$(nproc)"
		;;
	liveness)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		cmake --build "$ROOT/build/long" --target liveness >&2 &&
			"$ROOT/build/long/tests/system/liveness" "$@"
		;;
	killer)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		cmake --build "$ROOT/build/long" --target system_killer >&2 &&
			"$ROOT/build/long/tests/system/system_killer" "${1:-1000}" "${2:-1}"
		;;
	storm)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		cmake --build "$ROOT/build/long" --target storm >&2 &&
			"$ROOT/build/long/tests/system/storm" "$@"
		;;
	kills)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Debug "$BUILD"
		status=0
		for each in system_kill system_fleet_kill; do
			CONFITURE_STRIDE=1 "$BUILD/tests/system/$each" || status=1
		done
		return $status
		;;
	pairs)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		[ $# -gt 0 ] || set -- --all 2
		"$ROOT/build/long/tests/db/db_pairs" "$@"
		;;
	random)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		CONFITURE_ROUNDS=${1:-1000} "$ROOT/build/long/tests/db/db_structure_plan" structures_at_random
		;;
	majors)
		install_packages $BUILD_PACKAGES $TEST_PACKAGES
		mkdir -p "$ROOT/build"
		build Release "$ROOT/build/long"
		"$ROOT/tests/db/majors.sh" "$ROOT/build/long" "$@"
		;;
	*) usage; exit 2 ;;
	esac
}

case ${1:-} in
-h | --help) usage; exit 0 ;;
--long) [ $# -ge 2 ] || { usage; exit 2; }; shift; long_target "$@"; exit $? ;;
esac

install_packages $BUILD_PACKAGES $TEST_PACKAGES $FUZZ_PACKAGES clang-format
mkdir -p "$ROOT/build"
say "building with sanitizers"
build Debug "$BUILD"
say "building the release and the fuzzers"
build Release "$ROOT/build/release" -DCONFITURE_TESTS=OFF -DCONFITURE_SIM=ON
build Fuzz "$ROOT/build/fuzz" -DCMAKE_C_COMPILER=clang
export CONFITURE_RELEASE="$ROOT/build/release/cli/confiture"
export CONFITURE_FUZZERS="$ROOT/build/fuzz"
export CONFITURE_SIM="$ROOT/build/release/tests/sim/confiture_sim"
export FUZZ_SECONDS
if [ $# -eq 0 ]; then
	run_tests "$BUILD"
elif (cd "$BUILD" && ctest -N -L "^$1\$" | grep -q 'Test  *#'); then
	run_tests "$BUILD" -L "^$1\$"
else
	run_tests "$BUILD" -R "$1"
fi
