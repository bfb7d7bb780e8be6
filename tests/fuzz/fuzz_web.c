/* SPDX-License-Identifier: ISC */
/*
 * fuzz_web -- the input is what somebody sends to the page, on a real
 * connection: whatever it is, nobody becomes able to give orders without the
 * token, and every reply of ours has its headers of protection.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "beside/web_config.h"
#include "web/web_site.h"

#include "fuzz.h"

#define TOKEN "0123456789abcdef0123456789abcdef"
#define ROOM  65536
#define IDLE  4 /* rounds of the loop without a byte: it is all */

static struct event_base *base;
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t address_size = sizeof(sa_family_t);

/* Make a file of the token that is nowhere on the disk; returns its path. */
static char *
make_token(void)
{
	int fd = memfd_create("token", MFD_CLOEXEC);

	HOLDS(fd != -1 && fchmod(fd, 0600) == 0);
	HOLDS(write(fd, TOKEN "\n", strlen(TOKEN) + 1) > 0);
	return xasprintf("/proc/self/fd/%d", fd);
}

static void
start(void)
{
	struct problems problems = { 0 };
	struct web_config *config = web_config_new();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct web_site *site;

	signal(SIGPIPE, SIG_IGN);
	web_config_check(config, &problems);
	HOLDS(problems.count == 0);
	free(config->token_file);
	config->token_file = make_token();
	base = event_base_new();
	HOLDS(base != NULL && fd != -1);
	/* The kernel chooses a name. */
	HOLDS(bind(fd, (struct sockaddr *)&address, address_size) == 0);
	address_size = sizeof(address);
	HOLDS(getsockname(fd, (struct sockaddr *)&address, &address_size) == 0);
	HOLDS(listen(fd, 16) == 0);
	site =
	    web_site_new(base, config, "server.lan", "/nowhere/control.sock");
	web_site_listen(site, fd);
}

/* Hand it all over, and return as much of the reply as there is room for. */
static size_t
exchange(const uint8_t *data, size_t size, char *reply, size_t room)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t sent = 0, got = 0;
	unsigned idle = 0;
	ssize_t n;

	HOLDS(connect(fd, (struct sockaddr *)&address, address_size) == 0);
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
has(const void *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what)) != NULL;
}

static void
check_reply(const uint8_t *data, size_t size, const char *reply, size_t len)
{
	if (!has(data, size, TOKEN)) {
		HOLDS(!has(reply, len, "\"orders\":true"));
		HOLDS(!has(reply, len, "\"token\":"));
		HOLDS(!has(reply, len, "\"ok\":true"));
	}
	HOLDS(!has(reply, len, TOKEN));
	HOLDS(!has(reply, len, "Access-Control-"));
	/* evhttp refuses what is no HTTP in its own words. */
	if (has(reply, len, "\"format\":1") ||
	    has(reply, len, "\"ok\":false") || has(reply, len, "<html lang"))
		HOLDS(has(reply, len, "Content-Security-Policy: default-src"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char reply[ROOM];

	if (base == NULL)
		start();
	check_reply(data, size, reply, exchange(data, size, reply, ROOM));
	return 0;
}
