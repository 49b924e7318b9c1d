/* Files fetched from a coordinator: complete, checked, bounded, and nobody else's. */
#include "worker/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/digest/digest.h"
#include "tests/support/unit.h"
#include "tests/unit/worker/scripted.h"
#include "worker/control.h"

#include "shared/base/banned.h"

enum { CHUNK = 1000, LARGE = 200000, DAY_MS = 86400000 };

/* What the scripted coordinator has, and how it misbehaves. */
struct shelf {
	char content[LARGE];
	size_t size;
	int64_t lie_total; /* added to the total */
	bool flip;	   /* one byte is wrong */
	bool empty;	   /* pieces without bytes */
	int cut_every;	   /* each n-th ask is not answered */
	int asks;
	struct job_control *cancel; /* at the third ask */
};

static void
hand_out(struct scripted *s, struct net_request *r)
{
	struct shelf *shelf = s->self;
	const struct bundle_get *ask = r->body;
	char piece[CHUNK];
	size_t at = (size_t)ask->offset, len = shelf->size - at < CHUNK ? shelf->size - at : CHUNK;

	shelf->asks++;
	if (shelf->cut_every > 0 && shelf->asks % shelf->cut_every == 0) {
		scripted_refuse(s, r, E_CONFIG_006, true);
		return;
	}
	if (shelf->cancel != NULL && shelf->asks == 3)
		control_cancel(shelf->cancel);
	memcpy(piece, shelf->content + at, len);
	if (shelf->flip)
		piece[0] ^= 1;
	struct bundle_chunk chunk = {.total = (int64_t)shelf->size + shelf->lie_total,
				     .data = span_of(piece, shelf->empty ? 0 : len)};
	scripted_reply(s, r, &chunk);
}

struct fixture {
	char dir[64];
	struct scripted s;
	struct shelf shelf;
	struct job_control control;
	struct spool *spool;
	struct bundle_file files[3];
	char sha[3][SHA256_HEX];
	struct bundle_info bundle;
	struct bundle_source *source;
	struct error err;
};

static void
fill(struct shelf *shelf, size_t size)
{
	shelf->size = size;
	for (size_t i = 0; i < size; i++)
		shelf->content[i] = (char)('a' + i % 23);
}

static struct spool_config
config_of(const struct fixture *f)
{
	return (struct spool_config){
		.dir = f->dir, .most_bytes = 10 * LARGE, .keep_ms = 7 * (int64_t)DAY_MS};
}

/* One file of that size in the job: 001.up.sql. */
static void
setup(struct fixture *f, size_t size)
{
	*f = (struct fixture){0};
	snprintf(f->dir, sizeof(f->dir), "/tmp/confiture_spool.%d", (int)getpid());
	fill(&f->shelf, size);
	scripted_start(&f->s, hand_out, &f->shelf);
	control_init(&f->control, f->s.rt, f->s.client, "w", "job-1", 1);
	control_renewed(&f->control, runtime_boot_ns(f->s.rt), 60000);
	struct spool_config config = config_of(f);
	REQUIRE(spool_open(f->s.rt, &config, &f->spool, &f->err));
	sha256_of(span_of(f->shelf.content, size), f->sha[0]);
	f->files[0] = (struct bundle_file){
		.name = "001.up.sql", .sha256 = f->sha[0], .size = (int64_t)size};
	f->bundle.files.items = f->files;
	f->bundle.files.count = 1;
	f->source = spool_source_new(f->spool, &f->control, &f->bundle);
}

static void
remove_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(path);
}

static void
teardown(struct fixture *f)
{
	spool_source_free(f->source);
	spool_close(f->spool);
	scripted_stop(&f->s);
	control_fini(&f->control);
	remove_dir(f->dir);
}

/* A new attempt with the same files. */
static void
next_attempt(struct fixture *f)
{
	spool_source_free(f->source);
	f->source = spool_source_new(f->spool, &f->control, &f->bundle);
	f->shelf.asks = 0;
}

static const char *
path_in(const struct fixture *f, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

/* Files in the folder, the lock apart. */
static int
kept(const struct fixture *f)
{
	DIR *dir = opendir(f->dir);
	struct dirent *e;
	int n = 0;

	REQUIRE(dir != NULL);
	while ((e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Opens and reads all; whether it is what the shelf holds. */
static bool
read_same(struct fixture *f, const char *name)
{
	static char buf[LARGE + 1];
	struct sql_source file;
	size_t len = 0, got = 1;

	if (!f->source->ops->open(f->source, name, &file, &f->err))
		return false;
	while (got > 0 && len < sizeof(buf)) {
		if (!file.read(file.self, buf + len, sizeof(buf) - len, &got, &f->err))
			got = 0;
		len += got;
	}
	f->source->ops->close(f->source, &file);
	return len == f->shelf.size && memcmp(buf, f->shelf.content, len) == 0;
}

static void
a_file_is_fetched_once_in_pieces_and_read_often(void)
{
	struct fixture f;

	setup(&f, LARGE);
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(f.shelf.asks, LARGE / CHUNK);
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(f.shelf.asks, LARGE / CHUNK);
	next_attempt(&f);
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(f.shelf.asks, 0);
	CHECK_INT(kept(&f), 1);
	struct stat st;
	REQUIRE(stat(path_in(&f, f.sha[0]), &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	teardown(&f);
}

static void
an_empty_file_needs_no_transfer(void)
{
	struct fixture f;

	setup(&f, 0);
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(f.shelf.asks, 0);
	teardown(&f);
}

static void
a_transfer_that_is_cut_goes_on_where_it_was(void)
{
	struct fixture f;

	setup(&f, 20 * CHUNK + 7);
	f.shelf.cut_every = 7;
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(f.shelf.asks, 21 + 21 / 6);
	teardown(&f);
}

/* What must be refused with nothing kept. */
static void
refused(struct fixture *f, const char *words)
{
	CHECK(!read_same(f, "001.up.sql"));
	CHECK(error_is(&f->err, E_MIGR_102));
	CHECK_HAS(f->err.message, words);
	CHECK_INT(kept(f), 0);
	/* and well afterwards */
	f->shelf.flip = f->shelf.empty = false;
	f->shelf.lie_total = 0;
	CHECK(read_same(f, "001.up.sql"));
	teardown(f);
}

static void
bytes_of_another_hash_are_refused_and_not_kept(void)
{
	struct fixture f;

	setup(&f, LARGE);
	f.shelf.flip = true;
	refused(&f, "does not have the SHA-256");
}

static void
another_size_than_the_job_states_is_refused(void)
{
	struct fixture f;

	setup(&f, LARGE);
	f.shelf.lie_total = 1;
	refused(&f, "more or fewer bytes");
	setup(&f, LARGE);
	f.shelf.empty = true;
	refused(&f, "more or fewer bytes");
}

static void
a_file_that_was_damaged_on_disk_is_fetched_again(void)
{
	struct fixture f;

	setup(&f, LARGE);
	CHECK(read_same(&f, "001.up.sql"));
	next_attempt(&f);
	int fd = open(path_in(&f, f.sha[0]), O_WRONLY);
	REQUIRE(fd >= 0 && pwrite(fd, "X", 1, 77) == 1);
	close(fd);
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(f.shelf.asks, LARGE / CHUNK);
	teardown(&f);
}

static void
a_cancel_ends_a_transfer(void)
{
	struct fixture f;

	setup(&f, LARGE);
	f.shelf.cancel = &f.control;
	CHECK(!read_same(&f, "001.up.sql"));
	CHECK(error_is(&f.err, E_JOB_004));
	CHECK_INT(f.shelf.asks, 3);
	CHECK_INT(kept(&f), 0);
	teardown(&f);
}

static void
names_and_hashes_are_never_paths(void)
{
	struct fixture f;

	setup(&f, CHUNK);
	CHECK(!read_same(&f, "../../etc/passwd"));
	CHECK(error_is(&f.err, E_MIGR_102));
	static const char *const bad[] = {"../../../../../../../../etc/passwd", "", NULL,
					  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
					  "AAAAAAAA"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		f.files[0].sha256 = bad[i];
		CHECK(!read_same(&f, "001.up.sql"));
		CHECK(error_is(&f.err, E_MIGR_102));
	}
	CHECK_INT(f.shelf.asks, 0);
	teardown(&f);
}

static void
the_least_used_files_make_room_for_new_ones(void)
{
	struct fixture f;
	struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

	setup(&f, LARGE);
	CHECK(read_same(&f, "001.up.sql"));
	spool_close(f.spool);
	REQUIRE(utimensat(AT_FDCWD, path_in(&f, f.sha[0]), old, 0) == 0);
	struct spool_config config = config_of(&f);
	config.most_bytes = LARGE + LARGE / 2;
	config.keep_ms = INT64_C(1000) * 365 * DAY_MS;
	REQUIRE(spool_open(f.s.rt, &config, &f.spool, &f.err));
	f.shelf.content[0] = 'Z';
	sha256_of(span_of(f.shelf.content, LARGE), f.sha[1]);
	f.files[0].sha256 = f.sha[1];
	next_attempt(&f);
	CHECK(read_same(&f, "001.up.sql"));
	CHECK_INT(kept(&f), 1);
	CHECK(access(path_in(&f, f.sha[1]), F_OK) == 0);
	teardown(&f);
}

static void
a_file_larger_than_the_spool_is_refused(void)
{
	struct fixture f;

	setup(&f, LARGE);
	spool_close(f.spool);
	struct spool_config config = config_of(&f);
	config.most_bytes = LARGE - 1;
	REQUIRE(spool_open(f.s.rt, &config, &f.spool, &f.err));
	next_attempt(&f);
	CHECK(!read_same(&f, "001.up.sql"));
	CHECK_HAS(f.err.message, "does not fit into the worker's spool");
	CHECK_INT(f.shelf.asks, 0);
	teardown(&f);
}

static void
old_files_and_left_overs_go(void)
{
	struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	struct fixture f;

	setup(&f, CHUNK);
	CHECK(read_same(&f, "001.up.sql"));
	REQUIRE(utimensat(AT_FDCWD, path_in(&f, f.sha[0]), old, 0) == 0);
	spool_clean(f.spool);
	CHECK_INT(kept(&f), 0);
	CHECK(read_same(&f, "001.up.sql"));
	close(open(path_in(&f, "part-9"), O_CREAT | O_WRONLY, 0600));
	spool_clean(f.spool);
	CHECK_INT(kept(&f), 2);
	spool_close(f.spool);
	struct spool_config config = config_of(&f);
	REQUIRE(spool_open(f.s.rt, &config, &f.spool, &f.err));
	next_attempt(&f);
	CHECK_INT(kept(&f), 1);
	CHECK(access(path_in(&f, f.sha[0]), F_OK) == 0);
	teardown(&f);
}

static void
the_folder_belongs_to_one_worker_alone(void)
{
	struct spool *second = NULL;
	struct fixture f;

	setup(&f, CHUNK);
	struct spool_config config = config_of(&f);
	CHECK(!spool_open(f.s.rt, &config, &second, &f.err));
	CHECK(error_is(&f.err, E_CONFIG_005));
	CHECK_HAS(f.err.message, "is used by another worker");
	spool_close(f.spool);
	f.spool = NULL;
	REQUIRE(chmod(f.dir, 0755) == 0);
	CHECK(!spool_open(f.s.rt, &config, &f.spool, &f.err));
	CHECK_HAS(f.err.message, "may be entered by others");
	config.dir = "/proc/nowhere/spool";
	CHECK(!spool_open(f.s.rt, &config, &f.spool, &f.err));
	CHECK_HAS(f.err.message, "cannot be made");
	f.spool = NULL;
	teardown(&f);
}

static const struct unit_case cases[] = {
	CASE(a_file_is_fetched_once_in_pieces_and_read_often),
	CASE(an_empty_file_needs_no_transfer),
	CASE(a_transfer_that_is_cut_goes_on_where_it_was),
	CASE(bytes_of_another_hash_are_refused_and_not_kept),
	CASE(another_size_than_the_job_states_is_refused),
	CASE(a_file_that_was_damaged_on_disk_is_fetched_again),
	CASE(a_cancel_ends_a_transfer),
	CASE(names_and_hashes_are_never_paths),
	CASE(the_least_used_files_make_room_for_new_ones),
	CASE(a_file_larger_than_the_spool_is_refused),
	CASE(old_files_and_left_overs_go),
	CASE(the_folder_belongs_to_one_worker_alone),
};

int
main(int argc, char **argv)
{
	return unit_main("spool", cases, ARRAY_LEN(cases), argc, argv);
}
