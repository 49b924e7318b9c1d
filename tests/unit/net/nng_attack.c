#include "tests/unit/net/nng_attack.h"

#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

static void
send_noise(int fd)
{
	char noise[512];

	runtime_system()->ops->random(runtime_system(), noise, sizeof(noise));
	(void)raw_send(fd, noise, sizeof(noise));
}

void
raw_attack(int fd, unsigned how, const char *token)
{
	static const char half[] = "GET /rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webs";
	static const char escaped[] = "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%41 HTTP/1.1\r\n"
				      "Host: 127.0.0.1\r\n\r\n";
	static const char escaped_upgrade[] =
		"GET /rp%63%41%4 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n";
	static const unsigned char huge[] = {0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4};
	static const unsigned char text[] = {0x81, 0x83, 0, 0, 0, 0, 'a', 'b', 'c'};
	struct job_cancel request = {.job = "j", .reason = "bye"};

	switch (how % RAW_ATTACKS) {
	case 0:
		break;
	case 1:
		(void)raw_text(fd, half);
		break;
	case 2:
		(void)(raw_upgrade(fd, token) && raw_send(fd, "\x82\xfe\x01", 3));
		break;
	case 3:
		send_noise(fd);
		break;
	case 4:
		(void)(raw_upgrade(fd, token) && raw_send(fd, huge, sizeof(huge)));
		break;
	case 5:
		(void)(raw_upgrade(fd, "wrong") && raw_send(fd, text, sizeof(text)));
		break;
	case 6:
		(void)(raw_upgrade(fd, token) && raw_request(fd, 1, MESSAGE_job_cancel, &request));
		break;
	case 7:
		if (raw_upgrade(fd, token))
			send_noise(fd);
		break;
	case 8:
		(void)raw_text(fd, escaped);
		break;
	default:
		(void)raw_text(fd, escaped_upgrade);
		break;
	}
}
