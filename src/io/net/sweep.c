/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "io/net/sweep.h"

#define DISCARD_PORT 9 /* RFC 863; whether anybody listens does not matter */

void
sweep(uint32_t first, uint32_t last, bool (*may)(struct in_addr, void *ctx),
    void *ctx)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return;
	for (uint64_t host = first; host <= last; host++) {
		struct sockaddr_in to = {
			.sin_family = AF_INET,
			.sin_port = htons(DISCARD_PORT),
			.sin_addr.s_addr = htonl((uint32_t)host),
		};

		if (may(to.sin_addr, ctx))
			sendto(
			    fd, "", 0, 0, (struct sockaddr *)&to, sizeof(to));
	}
	close(fd);
}
