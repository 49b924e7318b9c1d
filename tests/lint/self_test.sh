#!/bin/sh
# The lint can fail: a small house that it likes, then the same house with one breach of each kind, each named.
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0 seen=0

put() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}

# The house that is in order.
build_house() {
	rm -rf "$scratch/house"
	mkdir "$scratch/house"
	cd "$scratch/house" || exit 2
	git init -q .
	mkdir -p tests/lint
	cp "$here/rooms.txt" tests/lint/
	echo '#define BANNED' | put shared/base/banned.h
	echo 'int text_of(int x);' | put shared/base/text.h
	printf '#include "shared/base/text.h"\n\n#include "shared/base/banned.h"\n\nint\ntext_of(int x)\n{\n\treturn x;\n}\n' |
		put shared/base/text.c
	echo 'add_library(base STATIC text.c)' | put shared/base/CMakeLists.txt
	echo 'add_subdirectory(base)' | put shared/CMakeLists.txt
	printf 'add_subdirectory(%s)\n' shared coordinator tests | put CMakeLists.txt
	printf 'foreach(room base)\n  add_subdirectory(unit/${room})\nendforeach()\n' | put tests/CMakeLists.txt
	printf '#include "journal_sql.h"\n#include "shared/base/text.h"\n\n#include "shared/base/banned.h"\n\n%s\n' \
		'const char *sql = journal_sql_job_add;' | put coordinator/journal/jobs.c
	echo 'INSERT INTO job VALUES ($1)' | put coordinator/journal/sql/job_add.sql
	printf 'add_library(coordinator STATIC\n  journal/jobs.c)\nembed_sql(coordinator journal_sql journal/sql/job_add.sql)\n' |
		put coordinator/CMakeLists.txt
	echo '#define CHECK(x)' | put tests/support/unit.h
	printf '#include "tests/support/unit.h"\n\n#include "shared/base/banned.h"\n\n%s\n' \
		'static void
check_two(int a)
{
	CHECK(a == 2);
}

static void
one_and_one_is_two(void)
{
	check_two(1 + 1);
}

static const struct unit_case cases[] = {
	CASE(one_and_one_is_two),
};' | put tests/unit/base/sum_test.c
	echo 'unit_test(unit_base_sum SOURCES sum_test.c LINK base)' | put tests/unit/base/CMakeLists.txt
}

# names WORDS: the lint fails on the house as it stands now, with one breach, and says so.
names() {
	seen=$((seen + 1))
	said=$(sh "$here/rooms.sh" "$scratch/house") && { echo "passes: $1"; failed=$((failed + 1)); }
	[ "$said" = "$1" ] || { echo "expected: $1"; echo "it says:  $said"; failed=$((failed + 1)); }
	build_house
}

long_function() {
	printf '\nint\nlong_one(void)\n{\n'
	i=0
	while [ $i -lt 70 ]; do echo '	;'; i=$((i + 1)); done
	echo '}'
}

build_house
said=$(sh "$here/rooms.sh" "$scratch/house") || { echo "a house in order is refused: $said"; exit 1; }

sed -i '1i #include "cli/cli.h"' shared/base/text.c
names 'shared/base/text.c:1: shared/base may not include cli/cli.h'
sed -i '1i #include "journal_sql.h"' shared/base/text.c
names 'shared/base/text.c:1: shared/base may not include journal_sql.h'
sed -i '1i #include "text.h"' shared/base/text.c
names 'shared/base/text.c:1: shared/base may not include text.h'
sed -i '1i #include <sqlite3.h>' shared/base/text.c
names 'shared/base/text.c:1: only coordinator/journal may see <sqlite3.h>'
sed -i '1i #include <pg_query/x.h>' coordinator/journal/jobs.c
names 'coordinator/journal/jobs.c:1: only shared/sql may see <pg_query/x.h>'
echo 'int x;' | put shared/attic/x.h
sed -i '1i #include "shared/attic/x.h"' tests/unit/base/sum_test.c
names 'shared/attic/x.h: is in no room of tests/lint/rooms.txt'
echo 'const char *p = secret_reveal(s);' >>coordinator/journal/jobs.c
names 'coordinator/journal/jobs.c:7: secrets are not opened here'
long_function >>shared/base/text.c
names 'shared/base/text.c:13: a function of 71 lines; 70 are the most'
yes '' | head -n 592 >>shared/base/text.c
names 'shared/base/text.c: 601 lines; 600 are the most'
sed -i '/banned.h/d' shared/base/text.c
names 'shared/base/text.c: banned.h must be the last include'
sed -i 's/.*banned.h"/&\n#include <stdio.h>/' tests/unit/base/sum_test.c
names 'tests/unit/base/sum_test.c: banned.h must be the last include'
printf '/* %s: later */\n' TODO >>shared/base/text.c
names 'shared/base/text.c:10: unfinished work'
printf '#if %s\n#endif\n' 0 >>shared/base/text.c
names 'shared/base/text.c:10: unfinished work'
echo 'int y;' | put shared/base/alone.h
names 'shared/base/alone.h: is included nowhere'
cp shared/base/text.c shared/base/more.c
names 'shared/base/more.c: is in no CMakeLists.txt'
cp tests/unit/base/sum_test.c tests/unit/base/more_test.c
names 'tests/unit/base/more_test.c: is in no CMakeLists.txt'
echo 'add_library(base STATIC text.c gone.c)' >shared/base/CMakeLists.txt
names 'shared/base/CMakeLists.txt: shared/base/gone.c does not exist'
echo 'foreach(room other)' >tests/CMakeLists.txt
names 'tests/unit/base/CMakeLists.txt: is added by none above it'
echo 'SELECT 1' | put coordinator/journal/sql/job_gone.sql
names 'coordinator/journal/sql/job_gone.sql: is used nowhere'
sed -i 's/journal_sql_job_add/""/' coordinator/journal/jobs.c
names 'coordinator/journal/sql/job_add.sql: is used nowhere'
sed -i 's/CHECK(a == 2)/puts("CHECK(a)") \/* CHECK *\//' tests/unit/base/sum_test.c
names 'tests/unit/base/sum_test.c:18: one_and_one_is_two checks nothing'
printf 'see /%s/me/house\n' home >NOTES
names "NOTES:1:see /home/me/house: a path of one machine"

# links PAGE TARGET SAYS: a page with that link is refused with those words; "" = it is fine.
links() {
	seen=$((seen + 1))
	printf '# House\n\n## The Rooms, all\n\n`[no](link.md)` [a link](%s)\n' "$2" | put "$1"
	said=$(sh "$here/links.sh" "$scratch/house")
	[ "$said" = "$3" ] || { echo "expected: $3"; echo "it says:  $said"; failed=$((failed + 1)); }
	build_house
}
links README.md '#the-rooms-all' ''
links README.md 'https://example.org/gone.md' ''
links README.md 'docs/gone.md' 'README.md:5: docs/gone.md: no such file'
links docs/a/b.md '../gone.md' 'docs/a/b.md:5: ../gone.md: no such file'
links docs/a/b.md 'b.md#cellar' 'docs/a/b.md:5: b.md#cellar: no such heading'

# Planted faults: one switch that is planted, has a row and stands in the document's table.
faults_house() {
	build_house
	mkdir -p tests/faults docs cli worker
	cp "$here/../faults/run.sh" tests/faults/
	printf '#define FAULTS(F) \\\n\tF(late, "nothing is late")\n\nenum fault;\n' | put shared/base/faults.h
	echo 'bool on = FAULT(late);' >>shared/base/text.c
	echo 'late unit_base_sum one_and_one_is_two' | put tests/faults/found_by.txt
	sh tests/faults/run.sh --table | put docs/reliability.md
}

# faults SAYS: the lint of faults says that, as its first line; "" = it is fine.
faults() {
	seen=$((seen + 1))
	said=$(sh "$here/faults.sh" "$scratch/house" | head -n 1)
	[ "$said" = "$1" ] || { echo "expected: $1"; echo "it says:  $said"; failed=$((failed + 1)); }
	faults_house
}
faults_house
faults ''
sed -i 's/F(late.*/&  \\\n\tF(new, "nothing is new")/' shared/base/faults.h
faults 'new: no row in tests/faults/found_by.txt says what finds it'
sed -i 's/FAULT(late)/false/' shared/base/text.c
faults 'late: is planted nowhere'
echo 'early sim 50' >>tests/faults/found_by.txt
faults 'early: shared/base/faults.h has no such switch'
echo 'late sim some' >>tests/faults/found_by.txt
faults 'late: "some" is no number of seeds'
echo 'late unit_base_sum two_and_two_are_four' >>tests/faults/found_by.txt
faults 'late: unit_base_sum has no test two_and_two_are_four'
echo 'late unit_base_other one_and_one_is_two' >>tests/faults/found_by.txt
faults 'late: unit_base_other has no test one_and_one_is_two'
sed -i 's/nothing is late/all is well/' docs/reliability.md
faults 'docs/reliability.md has another table than tests/faults/run.sh --table prints'
sed -i 's/"nothing is late"/SAFE/' shared/base/faults.h
faults '0 of 1 switches were read'

echo "$seen kinds of breach, $failed not named"
[ "$failed" -eq 0 ]
