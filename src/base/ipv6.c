/* SPDX-License-Identifier: ISC */
/* Finds out whether this machine has IPv6, by its own address in it. */
#include "config.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ipv6.h"

static bool
is_missing(void)
{
	const struct sockaddr_in6 own = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd != -1 &&
	    bind(fd, (const struct sockaddr *)&own, sizeof(own)) == 0;

	if (fd != -1)
		close(fd);
	return !ok;
}

const char *
ipv6_why_not(const char *address)
{
	const char *colon = strchr(address, ':');

	if (colon != NULL && strchr(colon + 1, ':') != NULL && is_missing())
		return "; this machine has no IPv6, or it is switched off: "
		       "write an IPv4 address instead";
	return "";
}
