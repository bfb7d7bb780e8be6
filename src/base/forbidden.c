/* SPDX-License-Identifier: ISC */
/* Tells a firewall of this machine from a device that does not answer. */
#include "config.h"

#include <errno.h>
#include <time.h> /* errqueue.h needs it */

#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/forbidden.h"

void
forbidden_watch(int fd)
{
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &(int){ 1 }, sizeof(int));
}

/*
 * Stop watching.  The kernel drops the errors that it has kept; with the option
 * left on, an ICMP would end a connection.
 */
void
forbidden_unwatch(int fd)
{
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &(int){ 0 }, sizeof(int));
}

/*
 * Return true if the ICMP says that the connection is forbidden.  "No such
 * host" does not count: the kernel says that of a host that does not answer.
 */
static bool
says_forbidden(const struct sock_extended_err *e)
{
	return e->ee_origin == SO_EE_ORIGIN_ICMP &&
	    e->ee_type == ICMP_DEST_UNREACH &&
	    (e->ee_code == ICMP_PORT_UNREACH ||
		e->ee_code == ICMP_PROT_UNREACH || e->ee_code == ICMP_NET_ANO ||
		e->ee_code == ICMP_HOST_ANO || e->ee_code == ICMP_PKT_FILTERED);
}

static bool
is_from_us(int fd, const struct sockaddr_in *from)
{
	struct sockaddr_in own = { 0 };
	socklen_t len = sizeof(own);

	return getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
	    own.sin_addr.s_addr == from->sin_addr.s_addr;
}

/* An ICMP as the kernel hands it out: the error, and its sender. */
struct kept {
	struct sock_extended_err error;
	struct sockaddr_in from;
};

static bool
is_own_no(int fd, struct msghdr *message)
{
	struct kept kept;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
	    c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR ||
		    c->cmsg_len < CMSG_LEN(sizeof(kept)))
			continue;
		memcpy(&kept, CMSG_DATA(c), sizeof(kept));
		if (says_forbidden(&kept.error) && is_from_us(fd, &kept.from))
			return true;
	}
	return false;
}

static bool
has_own_no(int fd)
{
	_Alignas(struct cmsghdr) char control[256];
	char packet[128];
	struct iovec iov = { packet, sizeof(packet) };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };

	return recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0 &&
	    is_own_no(fd, &message);
}

/*
 * Return true if the kernel has sent the packet again and none has left this
 * machine: the kernel counts those that were let out.  A packet that waits for
 * the network card, or for the address of the other side, is not sent again,
 * and so is not counted as a try.
 */
static bool
is_dropped_here(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	    info.tcpi_state == TCP_SYN_SENT && info.tcpi_total_retrans > 0 &&
	    info.tcpi_total_retrans == info.tcpi_retransmits &&
	    info.tcpi_retrans == 0;
}

const char *
forbidden_why(int fd, int code)
{
	if (code == EPERM || code == EACCES)
		return "the firewall of this machine, or another of its rules, "
		       "forbids connections to it";
	if (fd == -1)
		return NULL;
	if (has_own_no(fd))
		return "the firewall of this machine rejects connections to it";
	if (code == ETIMEDOUT && is_dropped_here(fd))
		return "the firewall of this machine drops what is sent to it";
	return NULL;
}
