/* SPDX-License-Identifier: ISC */
/* Talks to systemd: readiness, status, watchdog, inherited sockets. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/clock.h"
#include "base/log.h"
#include "io/manager.h"

bool
manager_is_there(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

#ifdef HAVE_SYSTEMD

static void
take(struct manager_sockets *out, int fd, bool with_ipv6)
{
	int family = with_ipv6 ? AF_UNSPEC : AF_INET;

	if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0 &&
	    out->control == -1) {
		out->control = fd;
	} else if (sd_is_socket_inet(fd, family, SOCK_STREAM, 1, 0) > 0 &&
	    out->http_count < MANAGER_MAX_HTTP) {
		out->http[out->http_count++] = fd;
	} else {
		log_warning("manager: socket %d of the socket unit is of no "
			    "use here: one Unix socket is, and up to %d of "
			    "TCP%s; correct its ListenStream=",
		    fd, MANAGER_MAX_HTTP, with_ipv6 ? "" : " over IPv4");
		close(fd);
	}
}

void
manager_sockets(struct manager_sockets *out, bool with_ipv6)
{
	int count = sd_listen_fds(1);

	*out = (struct manager_sockets){ .control = -1 };
	for (int i = 0; i < count; i++)
		take(out, SD_LISTEN_FDS_START + i, with_ipv6);
}

/*
 * True if readiness could not be reported. systemd ends the daemon without it,
 * so the next status reports it again.
 */
static bool owes_ready;

void
manager_ready(void)
{
	owes_ready = sd_notify(0, "READY=1") < 0;
}

void
manager_reloading(void)
{
	sd_notifyf(
	    0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_awake_ns() / 1000);
}

void
manager_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
manager_status(const char *text)
{
	if (sd_notifyf(0, "%sSTATUS=%s", owes_ready ? "READY=1\n" : "", text) >=
	    0)
		owes_ready = false;
}

uint64_t
manager_watchdog_ms(void)
{
	uint64_t usec = 0;

	return sd_watchdog_enabled(0, &usec) > 0 ? usec / 2000 : 0;
}

void
manager_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

#else

void
manager_sockets(struct manager_sockets *out, bool with_ipv6)
{
	(void)with_ipv6;
	*out = (struct manager_sockets){ .control = -1 };
}

void
manager_ready(void)
{
}

void
manager_reloading(void)
{
}

void
manager_stopping(void)
{
}

void
manager_status(const char *text)
{
	(void)text;
}

uint64_t
manager_watchdog_ms(void)
{
	return 0;
}

void
manager_alive(void)
{
}

#endif
