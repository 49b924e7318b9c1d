/*
 * The cases' file, and one case: the rules' answer beside the server's.
 *
 *   A: first text          (one line; statements end with semicolons)
 *   B: second text
 *   => [same] object       (or "-": the object is not looked at)
 */
#include "tests/db/conflict/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "shared/sql/catalogue.h"

#include "shared/base/banned.h"

static bool
take_line(struct arena *arena, struct pairs *out, struct pair *p, const char *line)
{
	if (strncmp(line, "A: ", 3) == 0 && p->a == NULL) {
		p->a = arena_str(arena, line + 3);
	} else if (strncmp(line, "B: ", 3) == 0 && p->a != NULL && p->b == NULL) {
		p->b = arena_str(arena, line + 3);
	} else if (strncmp(line, "=> ", 3) == 0 && p->b != NULL) {
		line += 3;
		p->same = strncmp(line, "same ", 5) == 0;
		line += p->same ? 5 : 0;
		p->about = strcmp(line, "-") == 0 ? NULL : arena_str(arena, line);
		out->items =
			arena_grow(arena, out->items, out->count, &out->cap, sizeof(*out->items));
		out->items[out->count++] = *p;
		*p = (struct pair){0};
	} else {
		return *line == '\0' || *line == '#';
	}
	return true;
}

bool
pairs_read(struct arena *arena, const char *path, struct pairs *out)
{
	FILE *f = fopen(path, "r");
	struct pair p = {0};
	char line[4096];
	int number = 0;
	bool good = f != NULL;

	while (good && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		number++;
		if (p.a == NULL)
			p.line = number;
		good = take_line(arena, out, &p, line);
	}
	good = good && p.a == NULL;
	if (!good)
		fprintf(stderr, "%s:%d: not a case\n", path, number);
	if (f != NULL)
		fclose(f);
	return good;
}

/* ---- one pair ---- */

static void
tell(const struct pair *p, const char *what, const struct verdict *v,
     const struct conflict_list *found)
{
	printf("%s at line %d\n  A: %s\n  B: %s\n  truth: %s: %.300s\n", what, p->line, p->a, p->b,
	       truth_word(v->truth), v->why);
	for (size_t i = 0; i < found->count; i++)
		printf("  said: %s %s %s: %s\n", conflict_severity_word(found->items[i].severity),
		       conflict_type_word(found->items[i].type), found->items[i].object,
		       found->items[i].reason);
	if (found->count == 0)
		printf("  said: nothing\n");
}

static void
compare(const struct pair *p, const struct verdict *v, const struct conflict_list *found,
	struct tally *tally)
{
	bool conflict = v->truth == TRUTH_DIFFER || v->truth == TRUTH_FAIL;
	bool grave = v->truth == TRUTH_FAIL || (v->truth == TRUTH_DIFFER && p->same);

	if (conflict && found->worst < CONFLICT_WARNING) {
		tally->missed++;
		tell(p, "MISSED", v, found);
	} else if (grave && found->worst < CONFLICT_ERROR) {
		tally->too_mild++;
		tell(p, "TOO MILD", v, found);
	} else if (v->truth == TRUTH_COMMUTE && found->worst == CONFLICT_ERROR) {
		tally->false_alarm++;
		tell(p, "FALSE ALARM", v, found);
	} else if (conflict && p->about != NULL && strcmp(found->items[0].object, p->about) != 0) {
		tally->misnamed++;
		tell(p, "MISNAMED", v, found);
	}
}

void
pair_judge(const struct pair *p, const struct sql_footprint *known, unsigned slot,
	   struct tally *tally)
{
	struct sql_footprint a = {0}, b = {0};
	struct conflict_list found = {0};
	struct arena arena;

	arena_init(&arena);
	sql_footprint_of(&arena, span_str(p->a), NULL, &a);
	sql_footprint_of(&arena, span_str(p->b), NULL, &b);
	sql_footprint_expand(&arena, &a, known);
	sql_footprint_expand(&arena, &b, known);
	conflict_between(&arena, &a, &b, &found);
	struct verdict v = oracle_ask(&arena, slot, p->a, p->b);
	tally->matrix[v.truth][found.worst]++;
	if (v.truth != TRUTH_LEFT_OUT)
		compare(p, &v, &found, tally);
	else if (p->line > 0)
		tell(p, "LEFT OUT", &v, &found);
	arena_fini(&arena);
}

/* ---- all of them ---- */

enum { PROCESSES = 2 };

static void
add(struct tally *to, const struct tally *from)
{
	for (int truth = 0; truth <= TRUTH_LEFT_OUT; truth++) {
		for (int s = 0; s <= CONFLICT_ERROR; s++)
			to->matrix[truth][s] += from->matrix[truth][s];
	}
	to->missed += from->missed;
	to->too_mild += from->too_mild;
	to->false_alarm += from->false_alarm;
	to->misnamed += from->misnamed;
}

/* Each process takes every n-th of the pairs that may be asked about beside others, or one takes
 * all that may not, and sends its tally when it is through. */
static void
judge_share(const struct pairs *pairs, bool roles, unsigned slot, unsigned processes, int out)
{
	struct tally tally = {0};
	struct sql_footprint known = {0};
	struct arena arena;
	size_t n = 0;

	arena_init(&arena);
	sql_footprint_of(&arena, span_str(oracle_base()), NULL, &known);
	for (size_t i = 0; i < pairs->count; i++) {
		const struct pair *p = &pairs->items[i];
		if (oracle_touches_roles(p->a, p->b) == roles && n++ % processes == slot)
			pair_judge(p, &known, slot, &tally);
	}
	arena_fini(&arena);
	fflush(stdout);
	_exit(write(out, &tally, sizeof(tally)) == (ssize_t)sizeof(tally) ? 0 : 1);
}

static bool
judge_in(const struct pairs *pairs, bool roles, unsigned processes, struct tally *tally)
{
	int pipes[PROCESSES][2];
	pid_t children[PROCESSES];
	bool good = true;

	fflush(stdout);
	for (unsigned p = 0; p < processes; p++) {
		if (pipe(pipes[p]) != 0 || (children[p] = fork()) < 0)
			abort();
		if (children[p] == 0)
			judge_share(pairs, roles, p, processes, pipes[p][1]);
		close(pipes[p][1]);
	}
	for (unsigned p = 0; p < processes; p++) {
		struct tally share;
		int status;
		bool got = read(pipes[p][0], &share, sizeof(share)) == (ssize_t)sizeof(share);
		if (got)
			add(tally, &share);
		good = waitpid(children[p], &status, 0) == children[p] && status == 0 && got &&
		       good;
		close(pipes[p][0]);
	}
	return good;
}

bool
pairs_judge(const struct pairs *pairs, struct tally *tally)
{
	return judge_in(pairs, false, PROCESSES, tally) && judge_in(pairs, true, 1, tally);
}

void
tally_print(const struct tally *t)
{
	printf("%-10s %8s %8s %8s %8s\n", "truth", "none", "info", "warning", "error");
	for (int truth = 0; truth <= TRUTH_LEFT_OUT; truth++) {
		printf("%-10s", truth_word((enum truth)truth));
		for (int s = 0; s <= CONFLICT_ERROR; s++)
			printf(" %8zu", t->matrix[truth][s]);
		printf("\n");
	}
	printf("missed %zu, too mild %zu, false alarms %zu, misnamed %zu\n", t->missed, t->too_mild,
	       t->false_alarm, t->misnamed);
}
