/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "io/sweep.h"

#define DISCARD_PORT 9 /* RFC 863; whether anybody listens does not matter */
#define HOSTS	     254

void
sweep_around(
    struct in_addr around, bool (*may)(struct in_addr, void *ctx), void *ctx)
{
	in_addr_t network = ntohl(around.s_addr) & 0xffffff00;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return;
	for (in_addr_t host = 1; host <= HOSTS; host++) {
		struct sockaddr_in to = {
			.sin_family = AF_INET,
			.sin_port = htons(DISCARD_PORT),
			.sin_addr.s_addr = htonl(network | host),
		};

		if (may(to.sin_addr, ctx))
			sendto(
			    fd, "", 0, 0, (struct sockaddr *)&to, sizeof(to));
	}
	close(fd);
}
