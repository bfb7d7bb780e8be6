/* SPDX-License-Identifier: ISC */
/*
 * Talks to systemd: readiness, status, watchdog, and sockets that it hands
 * over.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
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
take(struct manager_sockets *out, int fd)
{
	if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0 &&
	    out->control == -1) {
		out->control = fd;
	} else if (sd_is_socket(fd, AF_INET, SOCK_STREAM, 1) > 0 &&
	    out->http_count < MANAGER_MAX_HTTP) {
		out->http[out->http_count++] = fd;
	} else {
		log_warning("manager: socket %d is of no use here", fd);
		close(fd);
	}
}

void
manager_sockets(struct manager_sockets *out)
{
	int count = sd_listen_fds(1);

	*out = (struct manager_sockets){ .control = -1 };
	for (int i = 0; i < count; i++)
		take(out, SD_LISTEN_FDS_START + i);
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
manager_sockets(struct manager_sockets *out)
{
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
