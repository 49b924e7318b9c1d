/*
 * The longest common sequence of lines, after equal heads and tails are set aside. Where what is
 * left between would need a table beyond a limit, all of it counts as changed.
 */
#include "cli/line_diff.h"

#include "shared/snapshot/structure_words.h"

#include "shared/base/banned.h"

enum { TABLE_CELLS = 4 * 1024 * 1024 };

struct lines {
	struct span *items;
	size_t count;
};

struct differ {
	struct arena *arena;
	struct lines a, b;
	struct line_change *all;
	size_t count;
};

static struct lines
cut(struct arena *arena, const char *text)
{
	struct lines l = {0};
	size_t most = 1;

	for (const char *p = text; *p != '\0'; p++)
		most += *p == '\n' ? 1 : 0;
	l.items = arena_array(arena, most, sizeof(*l.items));
	while (structure_line(&text, &l.items[l.count < most ? l.count : most - 1]))
		l.count++;
	return l;
}

static void
put(struct differ *d, enum line_sign sign, struct span line)
{
	d->all[d->count++] = (struct line_change){.sign = sign, .line = line};
}

/* Lines i… of `a` and k… of `b`, up to their ends: length of the longest common sequence. */
static uint32_t *
lengths(struct differ *d, size_t i, size_t a_end, size_t k, size_t b_end)
{
	size_t width = b_end - k + 1;
	uint32_t *table = arena_array(d->arena, (a_end - i + 1) * width, sizeof(*table));

	for (size_t x = a_end - i; x-- > 0;) {
		for (size_t y = b_end - k; y-- > 0;) {
			uint32_t down = table[(x + 1) * width + y],
				 right = table[x * width + y + 1];

			table[x * width + y] = span_equal(d->a.items[i + x], d->b.items[k + y])
						       ? table[(x + 1) * width + y + 1] + 1
					       : down >= right ? down
							       : right;
		}
	}
	return table;
}

static void
compare(struct differ *d, size_t i, size_t a_end, size_t k, size_t b_end)
{
	size_t first = i, begin = k, width = b_end - k + 1;
	uint32_t *table = NULL;

	if ((a_end - i + 1) < TABLE_CELLS / width)
		table = lengths(d, i, a_end, k, b_end);
	while (i < a_end || k < b_end) {
		bool same = table != NULL && i < a_end && k < b_end &&
			    span_equal(d->a.items[i], d->b.items[k]);
		bool gone = i < a_end && (k == b_end || table == NULL ||
					  table[(i - first + 1) * width + k - begin] >=
						  table[(i - first) * width + k - begin + 1]);

		if (same)
			put(d, LINE_SAME, d->b.items[(i++, k++)]);
		else if (gone)
			put(d, LINE_GONE, d->a.items[i++]);
		else
			put(d, LINE_NEW, d->b.items[k++]);
	}
}

static size_t
fold(struct differ *d, size_t around)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count;) {
		size_t run = 0;
		while (i + run < d->count && d->all[i + run].sign == LINE_SAME)
			run++;
		size_t head = i == 0 ? 0 : around, tail = i + run == d->count ? 0 : around;
		for (size_t n = 0; n < run; n++) {
			bool shown = run <= head + tail + 1 || n < head || n + tail >= run;
			if (shown)
				d->all[kept++] = d->all[i + n];
			else if (n == head)
				d->all[kept++] = (struct line_change){.sign = LINE_SKIPPED,
								      .skipped = run - head - tail};
		}
		i += run;
		while (i < d->count && d->all[i].sign != LINE_SAME)
			d->all[kept++] = d->all[i++];
	}
	return kept;
}

size_t
line_diff(struct arena *arena, const char *before, const char *after, size_t around,
	  struct line_change **out)
{
	struct differ d = {.arena = arena, .a = cut(arena, before), .b = cut(arena, after)};
	size_t i = 0, tail = 0;

	d.all = arena_array(arena, d.a.count + d.b.count + 1, sizeof(*d.all));
	while (i < d.a.count && i < d.b.count && span_equal(d.a.items[i], d.b.items[i]))
		put(&d, LINE_SAME, d.b.items[i++]);
	while (tail < d.a.count - i && tail < d.b.count - i &&
	       span_equal(d.a.items[d.a.count - tail - 1], d.b.items[d.b.count - tail - 1]))
		tail++;
	compare(&d, i, d.a.count - tail, i, d.b.count - tail);
	for (size_t k = d.b.count - tail; k < d.b.count; k++)
		put(&d, LINE_SAME, d.b.items[k]);
	*out = d.all;
	return fold(&d, around);
}
