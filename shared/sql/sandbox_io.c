#include "shared/sql/sandbox_io.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>

#include "shared/base/banned.h"

enum { CHUNK = 65536 };

static enum sandbox_io
wait_for(int fd, short events, const struct sandbox_clock *clock)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int ms = -1;
		if (clock != NULL) {
			uint64_t left = clock->remaining_ms(clock->self);
			if (left == 0)
				return SANDBOX_LATE;
			ms = left > 60000 ? 60000 : (int)left;
		}
		int rc = poll(&p, 1, ms);
		if (rc > 0)
			return SANDBOX_DONE;
		if (rc < 0 && errno != EINTR)
			return SANDBOX_CLOSED;
	}
}

static enum sandbox_io
send_all(int fd, struct span bytes, const struct sandbox_clock *clock)
{
	while (bytes.len > 0) {
		enum sandbox_io state = wait_for(fd, POLLOUT, clock);
		if (state != SANDBOX_DONE)
			return state;
		ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return SANDBOX_CLOSED;
		if (n > 0)
			bytes = span_of(bytes.ptr + n, bytes.len - (size_t)n);
	}
	return SANDBOX_DONE;
}

static enum sandbox_io
receive_all(int fd, struct text *out, size_t want, const struct sandbox_clock *clock)
{
	char chunk[CHUNK];

	while (want > 0) {
		enum sandbox_io state = wait_for(fd, POLLIN, clock);
		if (state != SANDBOX_DONE)
			return state;
		ssize_t n = recv(fd, chunk, want < CHUNK ? want : CHUNK, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return SANDBOX_CLOSED;
		if (n > 0) {
			text_put_span(out, span_of(chunk, (size_t)n));
			want -= (size_t)n;
		}
	}
	return out->truncated ? SANDBOX_CLOSED : SANDBOX_DONE;
}

enum sandbox_io
sandbox_send(int fd, struct span message, const struct sandbox_clock *clock)
{
	uint64_t len = message.len;
	char bytes[sizeof(len)];

	memcpy(bytes, &len, sizeof(len));
	enum sandbox_io state = send_all(fd, span_of(bytes, sizeof(bytes)), clock);
	return state == SANDBOX_DONE ? send_all(fd, message, clock) : state;
}

enum sandbox_io
sandbox_receive(int fd, struct text *out, const struct sandbox_clock *clock)
{
	uint64_t len;

	text_clear(out);
	enum sandbox_io state = receive_all(fd, out, sizeof(len), clock);
	if (state != SANDBOX_DONE)
		return state;
	memcpy(&len, out->ptr, sizeof(len));
	text_clear(out);
	if (len >= out->limit)
		return SANDBOX_CLOSED;
	return receive_all(fd, out, (size_t)len, clock);
}
