/* SPDX-License-Identifier: ISC */
/*
 * fuzz_request -- the input is what somebody sends to the file server, on a
 * real connection: no byte of an image goes out unless its token came in,
 * what is sent is the range that is announced, within a head that a device
 * can hold, and what is counted as served lies in the file.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/http/server.h"

#include "fuzz.h"

#define TOKEN	   "AbCdEfGhIjKlMnOpQrStUv"
#define IMAGE_SIZE 700
#define MAX_HEAD   1024 /* what the stock firmware can hold */
#define IDLE	   4	/* rounds of the loop without a byte: it is all */

static struct event_base *base;
static struct server *server;
static unsigned char image[IMAGE_SIZE];

static void
on_served(void *job, uint64_t first, uint64_t len, struct in_addr from)
{
	(void)job;
	HOLDS(len > 0 && first < IMAGE_SIZE && len <= IMAGE_SIZE - first);
	HOLDS(from.s_addr == htonl(INADDR_LOOPBACK));
}

static void
on_verdict(void *job, int code, struct in_addr from)
{
	(void)job;
	HOLDS(code >= -9999 && code <= 9999);
	HOLDS(from.s_addr == htonl(INADDR_LOOPBACK));
}

/* No byte of the image is ASCII, all else that is sent is. */
static void
start(void)
{
	static const struct server_ops ops = { .came = NULL };
	static const struct server_job_ops job_ops = { .served = on_served,
		.verdict = on_verdict };
	const struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	const struct server_config config = { .listen = loopback,
		.check_source = true,
		.max_connections = 16,
		.max_connections_per_address = 16 };
	const struct server_file file = { .data = image,
		.size = IMAGE_SIZE,
		.sha256 = "5c1aecd2a19a49ae",
		.md5 = "00112233445566778899aabbccddeeff",
		.modified = 784111777 };
	struct error err;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < IMAGE_SIZE; i++)
		image[i] = (unsigned char)(0x80 | i * 37);
	base = event_base_new();
	HOLDS(base != NULL);
	server = server_new(base, &config, &ops, NULL, &err);
	HOLDS(server != NULL);
	HOLDS(server_job_new(server, &file, loopback, TOKEN, &job_ops, NULL,
		  &err) != NULL);
}

/* -1: this machine has no port left for it, or was interrupted. */
static int
connect_to_server(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(server_port(server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	/* A reset at the end: no thousands of ports that wait for nothing. */
	const struct linger reset = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	HOLDS(fd != -1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect(fd, (const void *)&to, sizeof(to)) == 0)
		return fd;
	HOLDS(errno == EADDRNOTAVAIL || errno == EINTR);
	close(fd);
	return -1;
}

/* Hand it all over, and return as much of the reply as there is room for. */
static size_t
exchange(const uint8_t *data, size_t size, char *reply, size_t room)
{
	int fd = connect_to_server();
	size_t sent = 0, got = 0;
	unsigned idle = 0;
	ssize_t n;

	if (fd == -1)
		return 0;
	while (idle++ < IDLE && got < room) {
		n = sent == size ? 0
				 : send(fd, data + sent, size - sent,
				       MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			sent += (size_t)n;
			idle = 0;
		}
		event_base_loop(base, EVLOOP_NONBLOCK);
		n = recv(fd, reply + got, room - got, MSG_DONTWAIT);
		if (n > 0) {
			got += (size_t)n;
			idle = 0;
		}
	}
	close(fd);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_loop(base, EVLOOP_NONBLOCK);
	return got;
}

static bool
is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] & 0x80)
			return false;
	return true;
}

static const char *
find(const char *text, const char *end, const char *what)
{
	return memmem(text, (size_t)(end - text), what, strlen(what));
}

/* The first reply, if it is one range of a GET. */
static void
check_range(const char *reply, const char *body, const char *end)
{
	const char *header = find(reply, body, "\r\nContent-Range: bytes ");
	const char *length = find(reply, body, "\r\nContent-Length: ");
	unsigned first, last, size;
	size_t len = (size_t)(end - body);

	if (strncmp(reply, "HTTP/1.1 206 ", 13) != 0 || header == NULL)
		return;
	HOLDS(sscanf(header + 23, "%u-%u/%u", &first, &last, &size) == 3);
	HOLDS(size == IMAGE_SIZE && first <= last && last < size);
	HOLDS(length != NULL &&
	    strtoul(length + 18, NULL, 10) == last - first + 1);
	if (len > last - first + 1)
		len = last - first + 1;
	HOLDS(memcmp(body, image + first, len) == 0);
}

static void
check_reply(const uint8_t *data, size_t size, char *reply, size_t len)
{
	const char *body;
	bool is_get = size > 4 && memcmp(data, "GET ", 4) == 0;

	if (memmem(data, size, TOKEN, strlen(TOKEN)) == NULL)
		HOLDS(is_ascii(reply, len));
	if (len < 13)
		return;
	/* evhttp refuses a "HTTP/1.-1" in its own words. */
	HOLDS(strncmp(reply, "HTTP/", 5) == 0);
	if (strncmp(reply, "HTTP/1.1 ", 9) == 0)
		HOLDS(reply[9] >= '1' && reply[9] <= '5');
	body = find(reply, reply + len, "\r\n\r\n");
	HOLDS(body != NULL ? body - reply < MAX_HEAD : len < MAX_HEAD);
	if (body != NULL && is_get)
		check_range(reply, body + 4, reply + len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char reply[8 * IMAGE_SIZE];
	size_t len;

	if (server == NULL)
		start();
	memset(reply, 0, sizeof(reply));
	len = exchange(data, size, reply, sizeof(reply) - 1);
	check_reply(data, size, reply, len);
	return 0;
}
