/*
 * The frames around requests and replies, and which protocol is spoken. A frame of another protocol
 * is refused in words, but what two programs need to find out about each other always gets through:
 * a hello, its reply, and refusals.
 */
#include "shared/wire/codec.h"

#include "shared/wire/pack.h"
#include "shared/wire/unpack.h"

#include "shared/base/banned.h"

enum { REQUEST_PARTS = 4, REPLY_PARTS = 3 };

void
wire_encode_request(struct text *out, enum message_kind kind, int64_t timeout_ms, const void *body)
{
	pack_list(out, REQUEST_PARTS);
	pack_int(out, WIRE_PROTOCOL);
	pack_int(out, kind);
	pack_int(out, timeout_ms);
	pack_record(out, message_type(kind)->request, body);
}

static void
encode_answer(struct text *out, enum wire_status status, const struct record *of, const void *body)
{
	pack_list(out, REPLY_PARTS);
	pack_int(out, WIRE_PROTOCOL);
	pack_int(out, status);
	pack_record(out, of, body);
}

void
wire_encode_reply(struct text *out, enum message_kind kind, const void *reply)
{
	encode_answer(out, WIRE_REPLY, message_type(kind)->reply, reply);
}

void
wire_encode_refusal(struct text *out, const struct refusal *refusal)
{
	encode_answer(out, WIRE_REFUSAL, &record_refusal, refusal);
}

static bool
open_frame(struct reader *r, const char *what, size_t parts, size_t *count)
{
	struct item item;

	if (!reader_next(r, &item))
		return false;
	if (item.kind != ITEM_LIST || item.count < parts)
		return error_set(r->err, E_WIRE_001, "not a %s: must be a list of %zu or more",
				 what, parts);
	*count = item.count;
	return reader_enter(r);
}

static bool
read_int(struct reader *r, const char *what, int64_t *out)
{
	struct item item;

	if (!reader_next(r, &item))
		return error_wrap(r->err, "%s", what);
	if (item.kind != ITEM_INT)
		return error_set(r->err, E_WIRE_001, "%s: must be a whole number", what);
	*out = item.number;
	return true;
}

/* What later protocols put behind the parts that all have. */
static bool
close_frame(struct reader *r, size_t more)
{
	while (more-- > 0) {
		if (!reader_skip(r))
			return false;
	}
	reader_leave(r);
	return reader_end(r);
}

static bool
is_hello(const struct message_type *type)
{
	return type != NULL && type->request == &record_hello;
}

static bool
check_protocol(int64_t protocol, struct error *err)
{
	if (protocol >= WIRE_PROTOCOL_OLDEST && protocol <= WIRE_PROTOCOL)
		return true;
	return error_set(err, E_COORD_002,
			 "the other side speaks protocol %lld; this program speaks %d to %d",
			 (long long)protocol, WIRE_PROTOCOL_OLDEST, WIRE_PROTOCOL);
}

static bool
decode_request(struct reader *r, struct arena *arena, enum message_kind *kind, int64_t *timeout_ms,
	       void **body)
{
	int64_t protocol, number, timeout;
	size_t count;

	if (!open_frame(r, "request", REQUEST_PARTS, &count) ||
	    !read_int(r, "protocol", &protocol) || !read_int(r, "kind", &number) ||
	    !read_int(r, "timeout_ms", &timeout))
		return false;
	const struct message_type *type = NULL;
	if (number > MESSAGE_NONE && number < MESSAGE_KINDS)
		type = message_type((enum message_kind)number);
	if (!is_hello(type) && !check_protocol(protocol, r->err))
		return false;
	if (type == NULL)
		return error_set(r->err, E_WIRE_001, "request %lld is not known to this version",
				 (long long)number);
	*kind = type->kind;
	*timeout_ms = timeout;
	return unpack_record(r, arena, type->request, body) &&
	       close_frame(r, count - REQUEST_PARTS);
}

bool
wire_decode_request(struct arena *arena, struct span bytes, enum message_kind *kind,
		    int64_t *timeout_ms, void **body, struct error *err)
{
	struct reader r;
	enum message_kind found = MESSAGE_NONE;
	int64_t timeout = 0;
	void *record;

	reader_init(&r, bytes, err);
	if (!decode_request(&r, arena, &found, &timeout, &record))
		return false;
	*kind = found;
	*timeout_ms = timeout;
	*body = record;
	return true;
}

static bool
decode_reply(struct reader *r, struct arena *arena, enum message_kind kind, int64_t *status,
	     void **body)
{
	int64_t protocol;
	size_t count;

	if (!open_frame(r, "reply", REPLY_PARTS, &count) || !read_int(r, "protocol", &protocol) ||
	    !read_int(r, "status", status))
		return false;
	if (*status != WIRE_REPLY && *status != WIRE_REFUSAL)
		return error_set(r->err, E_WIRE_001, "status: must be 0 or 1");
	const struct message_type *type = message_type(kind);
	bool reply = *status == WIRE_REPLY;
	if (reply && !is_hello(type) && !check_protocol(protocol, r->err))
		return false;
	return unpack_record(r, arena, reply ? type->reply : &record_refusal, body) &&
	       close_frame(r, count - REPLY_PARTS);
}

bool
wire_decode_reply(struct arena *arena, struct span bytes, enum message_kind kind, int *status,
		  void **body, struct error *err)
{
	struct reader r;
	int64_t found;
	void *record;

	reader_init(&r, bytes, err);
	if (!decode_reply(&r, arena, kind, &found, &record))
		return false;
	*status = (int)found;
	*body = record;
	return true;
}

bool
wire_protocol_agree(const struct hello *hello, int64_t *protocol, struct error *err)
{
	int64_t newest = hello->protocol_max < WIRE_PROTOCOL ? hello->protocol_max : WIRE_PROTOCOL;

	if (newest < WIRE_PROTOCOL_OLDEST || newest < hello->protocol_min)
		return error_set(err, E_COORD_002,
				 "%s %s speaks protocol %lld to %lld; the coordinator speaks %d to "
				 "%d",
				 hello->program, hello->version, (long long)hello->protocol_min,
				 (long long)hello->protocol_max, WIRE_PROTOCOL_OLDEST,
				 WIRE_PROTOCOL);
	*protocol = newest;
	return true;
}

void
wire_encode_record(struct text *out, const struct record *of, const void *ptr)
{
	pack_record(out, of, ptr);
}

bool
wire_decode_record(struct arena *arena, const struct record *of, struct span bytes, void **out,
		   struct error *err)
{
	struct reader r;
	void *record;

	reader_init(&r, bytes, err);
	if (!unpack_record(&r, arena, of, &record) || !reader_end(&r))
		return false;
	*out = record;
	return true;
}
