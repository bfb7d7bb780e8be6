/* SPDX-License-Identifier: ISC */
/* The sweep of a network, in a network namespace. */
#include "config.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/net/neigh.h"

#include "unit/test.h"

#define FIRST	UINT32_C(0x7f000001)
#define LAST	UINT32_C(0x7f000014)
#define REFUSED UINT32_C(0x7f000007)

static bool
may(struct in_addr address, void *ctx)
{
	(*(unsigned *)ctx)++;
	return ntohl(address.s_addr) != REFUSED;
}

/* One that hears what is discarded, in a network of our own; -1: not here. */
static int
make_listener(void)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
	};
	int one = 1, fd;

	if ((unshare(CLONE_NEWNET) == -1 &&
		unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1) ||
	    system("ip link set lo up") != 0)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

/* To which address the next one went; 0: there is no other. */
static uint32_t
hear(int fd)
{
	_Alignas(
	    struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct in_pktinfo info;
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (n == -1)
		return 0;
	assert_int_equal(n, 0);
	memcpy(&info, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(info));
	return ntohl(info.ipi_addr.s_addr);
}

TEST(every_address_that_may_be_is_sent_one_empty_datagram)
{
	int fd = make_listener();
	unsigned asked = 0;

	if (fd == -1)
		skip_because("no network namespace or no ip(8) here");
	neigh_sweep(FIRST, LAST, may, &asked);
	assert_int_equal(asked, LAST - FIRST + 1);
	for (uint32_t host = FIRST; host <= LAST; host++)
		if (host != REFUSED)
			assert_int_equal(hear(fd), host);
	assert_int_equal(hear(fd), 0);
	close(fd);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
