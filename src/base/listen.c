/* SPDX-License-Identifier: ISC */
/* Opens the TCP socket of the file server, or checks an inherited one. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/listen.h"

/* Set the options that Linux passes on to every accepted socket. */
static void
set_options(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	setsockopt(
	    fd, SOL_SOCKET, SO_SNDBUF, &(int){ LISTEN_SEND_SIZE }, sizeof(int));
}

static bool
explain_bind(struct error *err, struct in_addr address, uint16_t port)
{
	char text[INET_ADDRSTRLEN];
	int why = errno;

	inet_ntop(AF_INET, &address, text, sizeof(text));
	if (why == EADDRINUSE)
		return error_set(err, why,
		    "port %u of %s is in use by another program: stop that "
		    "one (\"ss -ltnp\" names it), or set another Port= under "
		    "[Server]",
		    port, text);
	if (why == EADDRNOTAVAIL)
		return error_set(err, why,
		    "%s is not an address of this machine: correct Listen= "
		    "under "
		    "[Server]",
		    text);
	if (why == EACCES)
		return error_set(err, why,
		    "port %u needs a privilege: set a Port= above 1023 under "
		    "[Server], such as 8266",
		    port);
	return error_errno(err, why, "port %u of %s", port, text);
}

int
listen_open(struct in_addr address, uint16_t port, struct error *err)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = address };
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1) {
		error_errno(err, errno, "socket");
		return -1;
	}
	/* A restart must not wait for connections of the last run. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	set_options(fd);
	/* Two programs may bind with SO_REUSEADDR; listen(2) tells then. */
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		explain_bind(err, address, port);
		close(fd);
		return -1;
	}
	return fd;
}

static int
socket_option(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &len) == -1)
		return -1;
	return value;
}

bool
listen_adopt(int fd, struct error *err)
{
	int domain = socket_option(fd, SO_DOMAIN);

	if ((domain != AF_INET && domain != AF_INET6) ||
	    socket_option(fd, SO_TYPE) != SOCK_STREAM ||
	    socket_option(fd, SO_ACCEPTCONN) != 1)
		return error_set(err, ENOTSOCK,
		    "file descriptor %d is not a listening TCP socket: check "
		    "ListenStream= in the socket unit",
		    fd);
	/* On a blocking socket libevent's accept loop would hang. */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return error_errno(err, errno, "file descriptor %d", fd);
	set_options(fd);
	return true;
}

struct in_addr
listen_address(int fd)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len) == -1 ||
	    sin.sin_family != AF_INET)
		return (struct in_addr){ INADDR_ANY };
	return sin.sin_addr;
}

uint16_t
listen_port(int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return 0;
	if (ss.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&ss)->sin6_port);
	return ntohs(((struct sockaddr_in *)&ss)->sin_port);
}
