/* SPDX-License-Identifier: ISC */
/* Opens the sockets of the page. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ipv6.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/unixsock.h"
#include "io/manager.h"
#include "web/web_sockets.h"

#define SOCKET_MODE 0660

static bool
explain(struct error *err, const char *text, int why)
{
	if (why == EADDRINUSE)
		return error_set(err, why,
		    "Listen=%s: another program has this port; \"ss -ltnp\" "
		    "names it",
		    text);
	if (why == EADDRNOTAVAIL)
		return error_set(err, why,
		    "Listen=%s: this is no address of this machine%s", text,
		    ipv6_why_not(text));
	return error_set(err, why, "Listen=%s: %s%s", text, strerror(why),
	    ipv6_why_not(text));
}

static int
open_tcp(const struct web_address *at, const char *text, struct error *err)
{
	int fd = socket(
	    at->tcp.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1) {
		explain(err, text, errno);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (at->tcp.ss_family == AF_INET6)
		setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int));
	if (bind(fd, (const struct sockaddr *)&at->tcp, at->tcp_size) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		explain(err, text, errno);
		close(fd);
		return -1;
	}
	if (listen_adopt(fd, err))
		return fd;
	close(fd);
	return -1;
}

static int
open_one(const struct web_config *config, size_t i, struct error *err)
{
	const struct web_address *at = &config->addresses[i];

	return at->path != NULL
	    ? unixsock_listen(at->path, SOCKET_MODE, (gid_t)-1, err)
	    : open_tcp(at, config->listen.items[i], err);
}

static bool
open_all(struct web_sockets *sockets, const struct web_config *config,
    struct error *err)
{
	for (size_t i = 0; i < config->address_count; i++) {
		int fd = open_one(config, i, err);

		if (fd != -1)
			sockets->fds[sockets->count++] = fd;
		else if (!config->is_standard)
			return false;
		else
			log_info("web: not there: %s", err->text);
	}
	return sockets->count > 0;
}

/* Take the sockets of the service manager; none is fine. */
static bool
take_given(struct web_sockets *sockets, struct error *err)
{
	struct manager_sockets given;

	manager_sockets(&given, true);
	for (size_t i = 0; i < given.http_count; i++) {
		if (!listen_adopt(given.http[i], err))
			return false;
		sockets->fds[sockets->count++] = given.http[i];
	}
	if (given.control != -1) {
		if (!unixsock_inherit(given.control, err))
			return false;
		sockets->fds[sockets->count++] = given.control;
	}
	sockets->are_given = sockets->count > 0;
	return true;
}

bool
web_sockets_open(struct web_sockets *sockets, const struct web_config *config,
    struct error *err)
{
	*sockets = (struct web_sockets){ 0 };
	if (!take_given(sockets, err))
		return false;
	if (!sockets->are_given)
		return open_all(sockets, config, err);
	if (!config->is_standard)
		log_warning("web: Listen= of web.conf is not used, as systemd "
			    "has opened the sockets; to change them: systemctl "
			    "edit reflash-web.socket");
	return true;
}

void
web_sockets_name(int fd, char *dst, size_t size)
{
	struct sockaddr_storage at = { 0 };
	const struct sockaddr_in6 *sin6 = (const void *)&at;
	const struct sockaddr_in *sin = (const void *)&at;
	const struct sockaddr_un *sun = (const void *)&at;
	socklen_t len = sizeof(at);
	char address[INET6_ADDRSTRLEN] = "";

	dst[0] = '\0';
	if (getsockname(fd, (struct sockaddr *)&at, &len) == -1)
		return;
	if (at.ss_family == AF_INET) {
		inet_ntop(AF_INET, &sin->sin_addr, address, sizeof(address));
		snprintf(
		    dst, size, "http://%s:%u", address, ntohs(sin->sin_port));
	} else if (at.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &sin6->sin6_addr, address, sizeof(address));
		snprintf(dst, size, "http://[%s]:%u", address,
		    ntohs(sin6->sin6_port));
	} else if (len > sizeof(sa_family_t)) {
		snprintf(dst, size, "%.*s", (int)sizeof(sun->sun_path),
		    sun->sun_path);
	}
}
