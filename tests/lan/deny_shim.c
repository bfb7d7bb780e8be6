/* SPDX-License-Identifier: ISC */
/*
 * deny_shim -- a library for LD_PRELOAD: a kernel that denies some calls for as
 * long as a test wants it to.
 *
 *	DENY_SHIM=FILE	numbers of 8 bytes each, which the test may change at
 *			any time; 0: the call is made, otherwise the errno with
 *			which it fails
 *		0	connect(2) of a datagram socket: a look for a route
 *		1	bind(2) of a netlink socket to groups: to be told of
 *			changes
 *		2	accept(2) by IPv4
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum denied { ROUTE, CHANGES, ACCEPT, COUNT };

static const volatile int64_t *denied; /* NULL: nothing is */

__attribute__((constructor)) static void
begin(void)
{
	const char *file = getenv("DENY_SHIM");
	int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	void *page;

	if (fd == -1)
		return;
	page =
	    mmap(NULL, COUNT * sizeof(*denied), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (page != MAP_FAILED)
		denied = page;
}

/* True, with errno set: the call must fail. */
static bool
is_denied(enum denied what)
{
	if (denied == NULL || denied[what] == 0)
		return false;
	errno = (int)denied[what];
	return true;
}

static bool
is_datagram(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_DGRAM;
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	if (to->sa_family == AF_INET && is_datagram(fd) && is_denied(ROUTE))
		return -1;
	return (int)syscall(SYS_connect, fd, to, len);
}

int
bind(int fd, const struct sockaddr *name, socklen_t len)
{
	struct sockaddr_nl netlink;

	if (name->sa_family == AF_NETLINK && len >= sizeof(netlink)) {
		memcpy(&netlink, name, sizeof(netlink));
		if (netlink.nl_groups != 0 && is_denied(CHANGES))
			return -1;
	}
	return (int)syscall(SYS_bind, fd, name, len);
}

static bool
is_ipv4(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	    domain == AF_INET;
}

int
accept4(int fd, struct sockaddr *from, socklen_t *len, int flags)
{
	if (is_ipv4(fd) && is_denied(ACCEPT))
		return -1;
	return (int)syscall(SYS_accept4, fd, from, len, flags);
}
