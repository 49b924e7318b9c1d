/* Where the journal lies: git's common directory, the project, or the user's state directory. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/journal_place.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

/* The place for `project` (below the fixture's folder), shown relative to that folder. */
static const char *
place_of(struct fixture *f, const char *project, struct journal_place *place)
{
	struct arena *a = &f->cli.arena;
	struct error err = {0};
	size_t prefix = strlen(f->folder);

	if (!journal_place_find(a, arena_printf(a, "%s/%s", f->folder, project), place, &err))
		return err.code->name;
	CHECK_INT(strncmp(place->file, f->folder, prefix), 0);
	return place->file + prefix + 1;
}

static void
a_clone_keeps_it_in_its_git_directory_and_so_do_folders_below(void)
{
	struct journal_place place;
	struct fixture f;

	fixture_begin(&f);
	fixture_file("clone/.git/HEAD", "ref: refs/heads/main\n");
	fixture_file("clone/deep/below/file", "");
	CHECK_STR(place_of(&f, "clone", &place), "clone/.git/confiture/journal.db");
	CHECK_STR(place_of(&f, "clone/deep/below", &place), "clone/.git/confiture/journal.db");
	CHECK(place.moved == NULL);
	CHECK(access(place.folder, F_OK) != 0);
	fixture_end(&f);
}

static void
every_worktree_shares_the_journal_of_its_clone(void)
{
	struct journal_place place;
	struct fixture f;

	fixture_begin(&f);
	fixture_file("clone/.git/HEAD", "ref: refs/heads/main\n");
	fixture_file("clone/.git/worktrees/w/HEAD", "ref: refs/heads/w\n");
	fixture_file("clone/.git/worktrees/w/commondir", "../..\n");
	fixture_file("tree/.git", "gitdir: ../clone/.git/worktrees/w\n");
	CHECK_STR(place_of(&f, "tree", &place), "clone/.git/confiture/journal.db");
	fixture_end(&f);
}

static void
a_submodule_has_a_journal_of_its_own(void)
{
	struct journal_place place;
	struct fixture f;

	fixture_begin(&f);
	fixture_file("clone/.git/HEAD", "x\n");
	fixture_file("clone/.git/modules/sub/HEAD", "x\n");
	fixture_file("clone/sub/.git", "gitdir: ../.git/modules/sub\n");
	CHECK_STR(place_of(&f, "clone/sub", &place), "clone/.git/modules/sub/confiture/journal.db");
	fixture_end(&f);
}

static void
without_git_it_lies_in_the_project(void)
{
	struct journal_place place;
	struct fixture f;

	fixture_begin(&f);
	fixture_file("plain/db/x", "");
	CHECK_STR(place_of(&f, "plain", &place), "plain/.confiture/journal.db");
	/* Things that only look like git are passed over. */
	fixture_file("odd/.git/config", "");
	CHECK_STR(place_of(&f, "odd", &place), "odd/.confiture/journal.db");
	fixture_file("gone/.git", "gitdir: ../nowhere\n");
	CHECK_STR(place_of(&f, "gone", &place), "gone/.confiture/journal.db");
	fixture_end(&f);
}

static void
a_place_that_cannot_be_used_moves_it_to_the_state_directory_and_says_so(void)
{
	struct journal_place first, second;
	struct error err = {0};
	struct fixture f;

	fixture_begin(&f);
	fixture_file("plain/.confiture", "a file in the way\n");
	fixture_file("other/.confiture", "a file in the way\n");
	setenv("XDG_STATE_HOME", arena_printf(&f.cli.arena, "%s/state", f.folder), 1);
	CHECK_HAS(place_of(&f, "plain", &first), "state/confiture/");
	CHECK_HAS(first.moved, "plain/.confiture is no folder, so the journal lies in ");
	place_of(&f, "other", &second);
	CHECK(strcmp(first.file, second.file) != 0);
	REQUIRE(journal_place_make(&first, &err));
	CHECK(access(first.folder, W_OK) == 0);
	fixture_end(&f);
}

static void
without_any_place_it_is_an_error_with_a_way_out(void)
{
	const char *home = getenv("HOME");
	char *kept = home ? strdup(home) : NULL;
	struct journal_place place;
	struct fixture f;

	fixture_begin(&f);
	fixture_file("plain/.confiture", "a file in the way\n");
	unsetenv("HOME");
	CHECK_STR(place_of(&f, "plain", &place), "JRNL_001");
	if (kept != NULL)
		setenv("HOME", kept, 1);
	free(kept);
	fixture_end(&f);
}

static void
its_folder_is_for_its_owner_alone(void)
{
	struct journal_place place;
	struct error err = {0};
	struct fixture f;
	struct stat st;

	fixture_begin(&f);
	fixture_file("plain/db/x", "");
	place_of(&f, "plain", &place);
	REQUIRE(journal_place_make(&place, &err));
	REQUIRE(journal_place_make(&place, &err));
	REQUIRE(stat(place.folder, &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0700);
	fixture_end(&f);
}

static void
network_file_systems_are_known_by_their_number(void)
{
	CHECK(journal_place_remote(0x6969));
	CHECK(journal_place_remote(0xFF534D42));
	CHECK(journal_place_remote((long)(int)0xFF534D42));
	CHECK(journal_place_remote(0x01021997));
	CHECK(journal_place_remote(0x65735546));
	CHECK(!journal_place_remote(0xEF53));
	CHECK(!journal_place_remote(0x01021994));
	CHECK(!journal_place_remote(0x9123683E));
}

static const struct unit_case cases[] = {
	CASE(a_clone_keeps_it_in_its_git_directory_and_so_do_folders_below),
	CASE(every_worktree_shares_the_journal_of_its_clone),
	CASE(a_submodule_has_a_journal_of_its_own),
	CASE(without_git_it_lies_in_the_project),
	CASE(a_place_that_cannot_be_used_moves_it_to_the_state_directory_and_says_so),
	CASE(without_any_place_it_is_an_error_with_a_way_out),
	CASE(its_folder_is_for_its_owner_alone),
	CASE(network_file_systems_are_known_by_their_number),
};

int
main(int argc, char **argv)
{
	return unit_main("cli journal place", cases, ARRAY_LEN(cases), argc, argv);
}
