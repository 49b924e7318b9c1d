/*
 * The switch between fibres is a dozen instructions where the machine is known, since ucontext asks
 * the kernel for the signal mask twice with every switch, and a seed makes some ten thousand of
 * them. Stacks are kept for the next world: the pages that they touched once are not paid again.
 */
#include "tests/sim/fiber.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#include "shared/base/banned.h"

enum { STACK = 512 * 1024, GUARD = 4096, STEP_MOST_NS = 40000 };

enum fiber_state { FIBER_READY, FIBER_WAITING, FIBER_ENDED };

struct fiber {
	void *sp; /* where it stopped */
	char *stack;
	fiber_fn fn;
	void *arg;
	const char *name;
	struct fiber_group *group;
	struct fiber *next; /* of the group, or of the spare ones */
	struct fiber **link;
	enum fiber_state state;
	size_t ready; /* in the list of those that can run, from 1 */
	struct fiber *held_next;
	bool held_listed;
	struct wait_list *list;
	struct fiber *list_next, **list_link;
	struct timer timer;
	bool timed_out;
	struct wait_list ended;
#if !defined(__x86_64__)
	ucontext_t context;
#endif
};

struct sched {
	struct dice dice;
	uint64_t now_ns, steps, timer_order;
	struct fiber *current;
	struct fiber **ready;
	size_t ready_count, ready_cap;
	struct timer **timers; /* heap, from 1 */
	size_t timer_count, timer_cap;
	void *sp; /* of the scheduler */
#if !defined(__x86_64__)
	ucontext_t context;
#endif
};

static struct fiber *spare;

static void *
need(void *p)
{
	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

/* ---- the switch ---- */
static struct sched *running; /* of the world that runs in this thread */

static void
fiber_main(void)
{
	struct sched *s = running;
	struct fiber *f = s->current;

	f->fn(f->arg);
	s = running;
	f->state = FIBER_ENDED;
	wait_list_wake(s, &f->ended);
	fiber_yield(s);
	abort();
}

#if defined(__x86_64__)
/* Keeps what a callee must keep, and goes on where `to` stopped. */
void sim_switch(void **from, void *to);
__asm__(".text\n"
	".globl sim_switch\n"
	".type sim_switch, @function\n"
	"sim_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size sim_switch, .-sim_switch\n");

static void
context_make(struct fiber *f)
{
	/* Six registers, the address to go to, and one for the alignment that a call leaves. */
	void **top = (void **)(void *)(f->stack + STACK) - 8;

	memset(top, 0, 8 * sizeof(*top));
	top[6] = (void *)(uintptr_t)fiber_main;
	f->sp = top;
}

static void
switch_to(struct sched *s, struct fiber *f)
{
	sim_switch(&s->sp, f->sp);
}

static void
switch_back(struct sched *s, struct fiber *f)
{
	sim_switch(&f->sp, s->sp);
}
#else
static void
context_make(struct fiber *f)
{
	getcontext(&f->context);
	f->context.uc_stack.ss_sp = f->stack;
	f->context.uc_stack.ss_size = STACK;
	f->context.uc_link = NULL;
	makecontext(&f->context, fiber_main, 0);
}

static void
switch_to(struct sched *s, struct fiber *f)
{
	swapcontext(&s->context, &f->context);
}

static void
switch_back(struct sched *s, struct fiber *f)
{
	swapcontext(&f->context, &s->context);
}
#endif

/* ---- timers: a heap ---- */
static bool
before(const struct timer *a, const struct timer *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void
place(struct sched *s, size_t at, struct timer *t)
{
	s->timers[at] = t;
	t->index = at;
}

static void
sift_up(struct sched *s, size_t at, struct timer *t)
{
	while (at > 1 && before(t, s->timers[at / 2])) {
		place(s, at, s->timers[at / 2]);
		at /= 2;
	}
	place(s, at, t);
}

static void
sift_down(struct sched *s, size_t at, struct timer *t)
{
	for (;;) {
		size_t child = at * 2;
		if (child > s->timer_count)
			break;
		if (child < s->timer_count && before(s->timers[child + 1], s->timers[child]))
			child++;
		if (!before(s->timers[child], t))
			break;
		place(s, at, s->timers[child]);
		at = child;
	}
	place(s, at, t);
}

void
timer_arm(struct sched *s, struct timer *t, uint64_t at_ns)
{
	timer_disarm(s, t);
	if (s->timer_count + 2 > s->timer_cap) {
		s->timer_cap = s->timer_cap ? s->timer_cap * 2 : 256;
		s->timers = need(realloc(s->timers, s->timer_cap * sizeof(struct timer *)));
	}
	t->at_ns = at_ns;
	t->order = ++s->timer_order;
	sift_up(s, ++s->timer_count, t);
}

void
timer_disarm(struct sched *s, struct timer *t)
{
	size_t at = t->index;

	if (at == 0)
		return;
	struct timer *last = s->timers[s->timer_count--];
	t->index = 0;
	if (last == t)
		return;
	if (at > 1 && before(last, s->timers[at / 2]))
		sift_up(s, at, last);
	else
		sift_down(s, at, last);
}

/* ---- who can run ---- */
static void
make_ready(struct sched *s, struct fiber *f)
{
	struct fiber_group *g = f->group;

	f->state = FIBER_READY;
	if (g->held) {
		if (!f->held_listed) {
			f->held_next = g->held_ready;
			g->held_ready = f;
			f->held_listed = true;
		}
		return;
	}
	if (s->ready_count == s->ready_cap) {
		s->ready_cap = s->ready_cap ? s->ready_cap * 2 : 64;
		s->ready = need(realloc(s->ready, s->ready_cap * sizeof(struct fiber *)));
	}
	s->ready[s->ready_count++] = f;
	f->ready = s->ready_count;
}

static void
unready(struct sched *s, struct fiber *f)
{
	if (f->ready == 0)
		return;
	struct fiber *last = s->ready[--s->ready_count];
	s->ready[f->ready - 1] = last;
	last->ready = f->ready;
	f->ready = 0;
}

static void
leave_list(struct fiber *f)
{
	if (f->list == NULL)
		return;
	*f->list_link = f->list_next;
	if (f->list_next != NULL)
		f->list_next->list_link = f->list_link;
	f->list = NULL;
}

static void
wake(struct sched *s, struct fiber *f, bool timed_out)
{
	leave_list(f);
	timer_disarm(s, &f->timer);
	f->timed_out = timed_out;
	make_ready(s, f);
}

void
wait_list_wake(struct sched *s, struct wait_list *list)
{
	while (list->first != NULL)
		wake(s, list->first, false);
}

static void
timer_wakes(void *self)
{
	struct fiber *f = self;

	wake(f->group->sched, f, true);
}

/* ---- fibres ---- */
static struct fiber *
fiber_take(void)
{
	struct fiber *f = spare;

	if (f != NULL) {
		char *stack = f->stack;
		spare = f->next;
		*f = (struct fiber){.stack = stack};
		return f;
	}
	f = need(calloc(1, sizeof(*f)));
	char *map = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (map == MAP_FAILED || mprotect(map, GUARD, PROT_NONE) != 0)
		abort();
	f->stack = map + GUARD;
	return f;
}

static void
fiber_release(struct fiber *f)
{
	struct sched *s = f->group->sched;

	unready(s, f);
	leave_list(f);
	timer_disarm(s, &f->timer);
	*f->link = f->next;
	if (f->next != NULL)
		f->next->link = f->link;
	f->next = spare;
	spare = f;
}

struct fiber *
fiber_start(struct fiber_group *g, const char *name, fiber_fn fn, void *arg)
{
	struct fiber *f = fiber_take();

	assert(!g->dropped);
	f->fn = fn;
	f->arg = arg;
	f->name = name;
	f->group = g;
	f->timer.fire = timer_wakes;
	f->timer.self = f;
	f->next = g->fibers;
	f->link = &g->fibers;
	if (f->next != NULL)
		f->next->link = &f->next;
	g->fibers = f;
	context_make(f);
	make_ready(g->sched, f);
	return f;
}

void
fiber_join(struct fiber *f)
{
	struct sched *s = f->group->sched;

	while (f->state != FIBER_ENDED)
		(void)fiber_wait(s, &f->ended, SCHED_FOREVER);
	fiber_release(f);
}

struct fiber *
fiber_current(const struct sched *s)
{
	return s->current;
}

const char *
fiber_name(const struct fiber *f)
{
	return f->name;
}

struct fiber_group *
fiber_group_of(const struct fiber *f)
{
	return f->group;
}

void
fiber_yield(struct sched *s)
{
	struct fiber *f = s->current;

	if (f->state != FIBER_ENDED)
		make_ready(s, f);
	switch_back(s, f);
}

bool
fiber_wait(struct sched *s, struct wait_list *list, uint64_t deadline_ns)
{
	struct fiber *f = s->current;

	if (deadline_ns <= s->now_ns)
		return false;
	f->state = FIBER_WAITING;
	f->timed_out = false;
	if (list != NULL) {
		f->list = list;
		f->list_next = list->first;
		f->list_link = &list->first;
		if (f->list_next != NULL)
			f->list_next->list_link = &f->list_next;
		list->first = f;
	}
	if (deadline_ns != SCHED_FOREVER)
		timer_arm(s, &f->timer, deadline_ns);
	switch_back(s, f);
	return !f->timed_out;
}

void
fiber_sleep(struct sched *s, uint64_t ns)
{
	if (ns == 0)
		fiber_yield(s);
	else
		(void)fiber_wait(s, NULL, s->now_ns + ns);
}

/* ---- groups ---- */
void
group_init(struct fiber_group *g, struct sched *s)
{
	*g = (struct fiber_group){.sched = s};
}

void
group_hold(struct fiber_group *g)
{
	g->held = true;
	for (struct fiber *f = g->fibers; f != NULL; f = f->next) {
		if (f->ready == 0)
			continue;
		unready(g->sched, f);
		make_ready(g->sched, f);
	}
}

void
group_go_on(struct fiber_group *g)
{
	g->held = false;
	while (g->held_ready != NULL) {
		struct fiber *f = g->held_ready;
		g->held_ready = f->held_next;
		f->held_listed = false;
		make_ready(g->sched, f);
	}
}

void
group_drop(struct fiber_group *g)
{
	assert(g->sched->current == NULL || g->sched->current->group != g);
	g->dropped = true;
	g->held_ready = NULL;
	g->fuse = 0;
	while (g->fibers != NULL)
		fiber_release(g->fibers);
}

/* ---- the scheduler ---- */
struct sched *
sched_new(struct dice *dice)
{
	struct sched *s = need(calloc(1, sizeof(*s)));

	s->dice = dice_fork(dice);
	s->now_ns = 1;
	return s;
}

void
sched_free(struct sched *s)
{
	free(s->ready);
	free(s->timers);
	free(s);
}

uint64_t
sched_now(const struct sched *s)
{
	return s->now_ns;
}

uint64_t
sched_steps(const struct sched *s)
{
	return s->steps;
}

static void
fire_due(struct sched *s)
{
	while (s->timer_count > 0 && s->timers[1]->at_ns <= s->now_ns) {
		struct timer *t = s->timers[1];
		timer_disarm(s, t);
		t->fire(t->self);
	}
}

static void
step(struct sched *s)
{
	struct fiber *f = s->ready[dice_below(&s->dice, s->ready_count)];
	struct fiber_group *g = f->group;

	unready(s, f);
	s->steps++;
	s->now_ns += 1 + dice_below(&s->dice, STEP_MOST_NS);
	s->current = f;
	switch_to(s, f);
	s->current = NULL;
	if (g->fuse > 0 && --g->fuse == 0)
		g->on_fuse(g->self);
}

enum sched_end
sched_run(struct sched *s, bool (*done)(void *self), void *self, uint64_t most_steps)
{
	running = s;
	while (!done(self)) {
		if (s->steps >= most_steps)
			return SCHED_ENDLESS;
		fire_due(s);
		if (s->ready_count > 0)
			step(s);
		else if (s->timer_count > 0)
			s->now_ns = s->timers[1]->at_ns;
		else
			return SCHED_STUCK;
	}
	return SCHED_DONE;
}
