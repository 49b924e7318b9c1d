/*
 * Seeds differ in mood, not only in luck: a few are calm, most have some kinds of faults and not
 * the others, so that a fault which needs peace elsewhere to show itself has its chance.
 */
#include "tests/sim/scenario.h"

#include <stdio.h>

#include "shared/base/runtime.h"

#include "shared/base/banned.h"

const char *
chaos_name(enum chaos_kind kind)
{
	static const char *const names[] = {
#define X(name) #name,
		CHAOS(X)
#undef X
	};

	return names[kind];
}

const char *
order_kind_name(enum order_kind kind)
{
	static const char *const names[] = {"apply", "rollback", "down-to", "baseline", "status"};

	return names[kind];
}

const char *
scenario_target(size_t number)
{
	static const char *const names[TARGETS_MOST] = {"production/t1", "production/t2",
							"production/t3"};

	return names[number];
}

/* ---- what is wanted ---- */
static enum order_kind
choose_kind(struct dice *d)
{
	static const enum order_kind kinds[] = {ORDER_APPLY,   ORDER_APPLY,    ORDER_APPLY,
						ORDER_APPLY,   ORDER_ROLLBACK, ORDER_ROLLBACK,
						ORDER_DOWN_TO, ORDER_BASELINE, ORDER_STATUS};

	return kinds[dice_below(d, sizeof(kinds) / sizeof(kinds[0]))];
}

static void
make_order(struct plan *p, struct dice *d, struct order *o, size_t client, size_t number)
{
	*o = (struct order){.kind = number == 0 && client == 0 ? ORDER_APPLY : choose_kind(d)};
	o->target = dice_below(d, p->target_count);
	o->files = (enum project_files)dice_below(d, PROJECT_KINDS);
	if (o->kind == ORDER_DOWN_TO || o->kind == ORDER_BASELINE || dice_once_in(d, 4))
		o->version = project_version(dice_below(d, 3));
	if (o->kind == ORDER_ROLLBACK) {
		o->version = NULL;
		o->steps = (int64_t)dice_between(d, 1, 3);
	}
	snprintf(o->key, sizeof(o->key), "key-%zu-%zu", client, number);
	o->pause_ns = dice_below(d, 3 * NS_PER_S);
	o->cancel = dice_once_in(d, 5);
	o->cancel_after_ns = dice_below(d, 8 * NS_PER_S);
	o->twins = dice_once_in(d, 4) ? (unsigned)dice_between(d, 1, 3) : 0;
	o->other = dice_once_in(d, 8);
	o->watchers = dice_once_in(d, 3) ? (unsigned)dice_between(d, 1, 2) : 0;
	o->waits_for_worker = dice_once_in(d, 4);
}

static void
make_orders(struct plan *p, struct dice *d)
{
	size_t at = 0;

	p->client_count = dice_between(d, 1, 3);
	if (dice_once_in(d, 8))
		p->client_count = CLIENTS_MOST;
	for (size_t c = 0; c < p->client_count; c++) {
		struct plan_client *client = &p->clients[c];
		client->orders = &p->orders[at];
		client->count = dice_between(d, 1, p->client_count > 3 ? 2 : 4);
		for (size_t i = 0; i < client->count; i++)
			make_order(p, d, &p->orders[at++], c, i);
	}
}

/* ---- what is claimed ---- */
const char *
claim_wish_sql(const struct claim_wish *w)
{
	static const char *const texts[][3] = {
		{"DROP TABLE a4", "ALTER TABLE a4 DROP COLUMN n",
		 "ALTER TABLE a4 RENAME COLUMN n TO m"},
		{"DROP TABLE b1", "ALTER TABLE b1 DROP COLUMN n",
		 "ALTER TABLE b1 RENAME COLUMN n TO m"},
	};

	return texts[w->table][w->statement];
}

static void
make_wish(struct dice *d, struct claim_wish *w, size_t client, size_t number)
{
	*w = (struct claim_wish){.table = dice_below(d, 2), .statement = dice_below(d, 3)};
	w->waits = dice_once_in(d, 2);
	w->pretends = dice_once_in(d, 4);
	w->steals = dice_once_in(d, 3);
	w->ttl_ms = (int64_t)dice_between(d, 500, 8000);
	w->pause_ns = dice_below(d, 3 * NS_PER_S);
	w->hold_ns = NS_PER_MS * dice_between(d, 1, 3000);
	w->renewals = (unsigned)dice_below(d, 3);
	w->end = (enum wish_end)dice_below(d, 4);
	snprintf(w->key, sizeof(w->key), "wish-%zu-%zu", client, number);
}

static void
make_wishes(struct plan *p, struct dice *d)
{
	size_t at = 0;

	if (dice_once_in(d, 3))
		return;
	for (size_t c = 0; c < p->client_count; c++) {
		struct plan_client *client = &p->clients[c];
		client->wishes = &p->wishes[at];
		client->wish_count = dice_below(d, WISHES_MOST + 1);
		for (size_t i = 0; i < client->wish_count; i++)
			make_wish(d, &p->wishes[at++], c, i);
	}
}

/* ---- who is there ---- */
static void
make_workers(struct plan *p, struct dice *d)
{
	p->target_count = dice_between(d, 1, TARGETS_MOST);
	p->worker_count = dice_between(d, 1, WORKERS_MOST);
	for (size_t t = 0; t < p->target_count; t++) {
		p->workers[dice_below(d, p->worker_count)].serves[t] = true;
		for (size_t w = 0; w < p->worker_count; w++)
			p->workers[w].serves[t] |= !dice_once_in(d, 3);
	}
}

/* ---- what goes wrong ---- */
static void
make_net(struct plan *p, struct dice *d)
{
	p->calm_net = (struct simnet_rules){.delay_least_ns = NS_PER_MS / 10,
					    .delay_most_ns = 2 * NS_PER_MS};
	p->net = p->calm_net;
	if (dice_once_in(d, 4))
		return;
	p->net.delay_most_ns = NS_PER_MS * dice_between(d, 1, 60);
	p->net.slow_once_in = dice_once_in(d, 2) ? (uint32_t)dice_between(d, 20, 200) : 0;
	p->net.slow_most_ns = NS_PER_S * dice_between(d, 1, 6);
	p->net.wild = dice_once_in(d, 3);
	p->net.lose_once_in = dice_once_in(d, 2) ? (uint32_t)dice_between(d, 10, 200) : 0;
	p->net.repeat_once_in = (uint32_t)dice_between(d, 8, 100);
}

static void
make_chaos(struct plan *p, struct dice *d)
{
	uint64_t share = dice_between(d, 2, 8);

	p->chaos_until_ns = NS_PER_S * dice_between(d, 10, 60);
	p->chaos_every_ns = NS_PER_MS * dice_between(d, 300, 8000);
	for (int i = 0; i < CHAOS_KINDS; i++)
		p->chaos[i] = dice_once_in(d, share);
	if (p->chaos[CHAOS_connection_cut])
		p->connection_cut_once_in = (uint32_t)dice_between(d, 20, 400);
}

static void
make_calm(struct plan *p)
{
	p->net = p->calm_net;
	for (int i = 0; i < CHAOS_KINDS; i++)
		p->chaos[i] = false;
	p->chaos[CHAOS_clock_jump] = true;
	p->connection_cut_once_in = 0;
}

bool
plan_is_calm(const struct plan *p)
{
	for (int i = 0; i < CHAOS_KINDS; i++) {
		if (p->chaos[i] && i != CHAOS_clock_jump)
			return false;
	}
	return p->net.slow_once_in == 0 && !p->net.wild;
}

void
plan_make(struct plan *p, uint64_t seed)
{
	static const int64_t leases[] = {2000, 4000, 10000};
	struct dice dice = {seed * 0x2545f4914f6cdd1dULL + 1}, *d = &dice;

	(void)dice_next(d);
	*p = (struct plan){.seed = seed};
	p->lease_ms = leases[dice_below(d, 3)];
	p->fresh_journal = dice_once_in(d, 10);
	p->preempt_once_in = (uint32_t)(dice_once_in(d, 2) ? dice_between(d, 4, 64) : 0);
	p->disk = (struct simdisk_rules){.sync_least_ns = NS_PER_MS / 10,
					 .sync_most_ns = NS_PER_MS * dice_between(d, 1, 20)};
	p->statement_most_ns =
		dice_once_in(d, 3) ? NS_PER_MS * dice_between(d, 1, 5000) : 20 * NS_PER_MS;
	make_workers(p, d);
	make_orders(p, d);
	make_net(p, d);
	make_chaos(p, d);
	if (dice_once_in(d, 12))
		make_calm(p);
	if (dice_once_in(d, 4))
		p->open_jobs = (int64_t)dice_between(d, 1, 3);
	make_wishes(p, d);
	p->old_journal = dice_once_in(d, 8);
}
