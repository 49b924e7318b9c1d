#ifndef CONFITURE_WIRE_CODEC_H
#define CONFITURE_WIRE_CODEC_H

#include "shared/wire/messages.h"

/*
 * Messages as bytes (msgpack). A request is the list [protocol, kind, timeout_ms, body], a reply
 * [protocol, status, body]; more elements may follow in later protocols and are skipped. A record
 * is a map from field numbers to values, in the order of the fields; what is absent is left out.
 * BYTES are msgpack's bin, TEXTs its str; an ANY is the list [record name, record]. The same
 * record gives the same bytes.
 *
 * Reading believes nothing: see reader.h, and each value must be of exactly its type, a CHOICE one
 * of its words, a text without NUL. A field of an unknown number is skipped, but a negative one is
 * refused: that is how a later protocol sends what must be understood. A missing field without
 * NULLABLE or OPTIONAL is refused, so fields that come later need one of the two. A refusal is
 * WIRE_001, or COORD_002 where another protocol is spoken. Nothing read borrows from the bytes.
 */
enum { WIRE_PROTOCOL_OLDEST = 1, WIRE_PROTOCOL = 1 };
enum { WIRE_MESSAGE_LIMIT = 1024 * 1024 };
enum wire_status { WIRE_REPLY, WIRE_REFUSAL };

/* Appends. What passes the limit of `out` is lost and `out->truncated` says so. */
void wire_encode_request(struct text *out, enum message_kind kind, int64_t timeout_ms,
			 const void *body);
void wire_encode_reply(struct text *out, enum message_kind kind, const void *reply);
void wire_encode_refusal(struct text *out, const struct refusal *refusal);

/* `timeout_ms` is what the message says: any number. */
MUST_USE bool wire_decode_request(struct arena *arena, struct span bytes, enum message_kind *kind,
				  int64_t *timeout_ms, void **body, struct error *err);
/* The answer to a request of `kind`; `status` says whether `body` is its reply or a refusal. */
MUST_USE bool wire_decode_reply(struct arena *arena, struct span bytes, enum message_kind kind,
				int *status, void **body, struct error *err);

/* The newest protocol that both sides speak, from what a hello says; COORD_002 without one. A
 * hello, its reply and refusals keep their form in every protocol. */
MUST_USE bool wire_protocol_agree(const struct hello *hello, int64_t *protocol, struct error *err);

/* One record without a frame. */
void wire_encode_record(struct text *out, const struct record *of, const void *ptr);
MUST_USE bool wire_decode_record(struct arena *arena, const struct record *of, struct span bytes,
				 void **out, struct error *err);

/* docs/reference/protocol.md: messages, records, fields and limits, from the tables. */
void protocol_page(struct text *out);

#endif
