/*
 * Disks and memory flip bits, and SQLite's own pages carry nothing that would tell. A wrong row is
 * worse than none here, so each page of the journal's file says whether it is still what was
 * written. The hash is XXH64's: a few instructions for eight bytes, every bit of the input reaches
 * every bit of the result, and two pages that differ in one eight-byte word never collide in it.
 */
#include "coordinator/journal/pages.h"

#include <string.h>

#include "shared/base/banned.h"

enum {
	PAGE_HASHED = PAGE_BYTES - PAGE_RESERVED,
	HEADER_BYTES = 100, /* of SQLite, on the first page */
	HEADER_PAGE_SIZE = 16,
	HEADER_RESERVED = 20,
	STRIPE = 32
};

static const uint64_t prime_1 = 0x9e3779b185ebca87, prime_2 = 0xc2b2ae3d27d4eb4f,
		      prime_3 = 0x165667b19e3779f9, prime_4 = 0x85ebca77c2b2ae63,
		      prime_5 = 0x27d4eb2f165667c5;

/* ---- the hash ---- */
static uint64_t
turn(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

/* In a fixed order, so that a file can be carried to another machine. */
static uint64_t
word_at(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static uint64_t
half_at(const unsigned char *p)
{
	return p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

static uint64_t
stir(uint64_t lane, uint64_t word)
{
	return turn(lane + word * prime_2, 31) * prime_1;
}

static uint64_t
finish(uint64_t h)
{
	h ^= h >> 33;
	h *= prime_2;
	h ^= h >> 29;
	h *= prime_3;
	return h ^ h >> 32;
}

uint64_t
pages_hash(const void *bytes, size_t len, uint64_t seed)
{
	const unsigned char *p = bytes, *end = p + len;
	uint64_t h = seed + prime_5;

	if (len >= STRIPE) {
		uint64_t lane[4] = {seed + prime_1 + prime_2, seed + prime_2, seed, seed - prime_1};
		for (; end - p >= STRIPE; p += STRIPE)
			for (size_t i = 0; i < 4; i++)
				lane[i] = stir(lane[i], word_at(p + 8 * i));
		h = turn(lane[0], 1) + turn(lane[1], 7) + turn(lane[2], 12) + turn(lane[3], 18);
		for (size_t i = 0; i < 4; i++)
			h = (h ^ stir(0, lane[i])) * prime_1 + prime_4;
	}
	h += len;
	for (; end - p >= 8; p += 8)
		h = turn(h ^ stir(0, word_at(p)), 27) * prime_1 + prime_4;
	if (end - p >= 4) {
		h = turn(h ^ half_at(p) * prime_1, 23) * prime_2 + prime_3;
		p += 4;
	}
	for (; p < end; p++)
		h = turn(h ^ *p * prime_5, 11) * prime_1;
	return finish(h);
}

/* ---- one page ---- */
static uint32_t
number_at(int64_t offset)
{
	return (uint32_t)(offset / PAGE_BYTES) + 1;
}

static bool
whole_page(int len, int64_t offset)
{
	return len == PAGE_BYTES && offset % PAGE_BYTES == 0;
}

static bool
intact(const char *page, uint32_t number)
{
	return word_at((const unsigned char *)page + PAGE_HASHED) ==
	       pages_hash(page, PAGE_HASHED, number);
}

/* From the first bytes of a file. */
static enum pages_kind
kind_of(const char *header)
{
	const unsigned char *h = (const unsigned char *)header;
	int size = h[HEADER_PAGE_SIZE] << 8 | h[HEADER_PAGE_SIZE + 1];

	return h[HEADER_RESERVED] == PAGE_RESERVED && size == PAGE_BYTES ? PAGES_CHECKED
									 : PAGES_PLAIN;
}

/* A file whose first page fits its checksum is checked, whatever its header says. */
enum pages_kind
pages_kind_of(struct pages *p, sqlite3_file *file)
{
	char page[PAGE_BYTES];

	if (p->kind == PAGES_UNDECIDED &&
	    file->pMethods->xRead(file, page, PAGE_BYTES, 0) == SQLITE_OK)
		p->kind = intact(page, 1) ? PAGES_CHECKED : kind_of(page);
	return p->kind;
}

/* A part of a page is only believed when the whole page is in order. */
static int
read_part(struct pages *p, sqlite3_file *file, void *buf, int len, int64_t offset)
{
	char page[PAGE_BYTES];
	int64_t skip = offset % PAGE_BYTES;

	if (skip + len > PAGE_BYTES)
		return SQLITE_IOERR_DATA;
	int rc = file->pMethods->xRead(file, page, PAGE_BYTES, offset - skip);
	if (rc != SQLITE_OK)
		return rc;
	if (!intact(page, number_at(offset))) {
		p->damaged = number_at(offset);
		return SQLITE_IOERR_DATA;
	}
	memcpy(buf, page + skip, (size_t)len);
	return SQLITE_OK;
}

int
pages_read(struct pages *p, sqlite3_file *file, void *buf, int len, int64_t offset)
{
	if (offset + len <= HEADER_BYTES)
		return file->pMethods->xRead(file, buf, len, offset);
	if (pages_kind_of(p, file) != PAGES_CHECKED)
		return file->pMethods->xRead(file, buf, len, offset);
	if (!whole_page(len, offset))
		return read_part(p, file, buf, len, offset);
	int rc = file->pMethods->xRead(file, buf, len, offset);
	if (rc != SQLITE_OK || intact(buf, number_at(offset)))
		return rc;
	p->damaged = number_at(offset);
	return SQLITE_IOERR_DATA;
}

const void *
pages_stamp(struct pages *p, sqlite3_file *file, const void *bytes, int len, int64_t offset,
	    char room[PAGE_BYTES])
{
	sqlite3_int64 size = 0;

	if (!whole_page(len, offset))
		return bytes;
	if (offset == 0)
		p->kind = kind_of(bytes);
	/* What is born here always has room; its first page may be written last. */
	if (pages_kind_of(p, file) == PAGES_UNDECIDED &&
	    file->pMethods->xFileSize(file, &size) == SQLITE_OK && size == 0)
		p->kind = PAGES_CHECKED;
	if (p->kind != PAGES_CHECKED)
		return bytes;
	memcpy(room, bytes, PAGE_HASHED);
	uint64_t h = pages_hash(room, PAGE_HASHED, number_at(offset));
	for (int i = 0; i < PAGE_RESERVED; i++)
		room[PAGE_HASHED + i] = (char)(h >> (8 * i));
	return room;
}
