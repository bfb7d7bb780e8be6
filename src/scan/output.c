/* SPDX-License-Identifier: ISC */
/*
 * Writes the lines of reflash-scan to the daemon or, as text, to a person,
 * without ever blocking on a socket.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/sonoff/announce.h"
#include "scan/output.h"

struct output {
	const AvahiPoll *poll;	      /* borrowed */
	const struct output_ops *ops; /* borrowed */
	void *ctx;		      /* borrowed */
	AvahiWatch *watch;
	bool text, is_socket;
	int failure;
	char *pending; /* the line being written */
	size_t written;
};

static void
flush_line(struct output *o)
{
	size_t left = strlen(o->pending) - o->written;
	const char *from = o->pending + o->written;
	ssize_t n;

	/*
	 * A terminal's descriptor is shared with other programs, so it stays
	 * blocking.
	 */
	if (o->is_socket)
		n = send(
		    STDOUT_FILENO, from, left, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		n = write(STDOUT_FILENO, from, left);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		o->failure = errno != EPIPE ? errno : 0;
		o->ops->closed(o->ctx);
		n = (ssize_t)left;
	}
	if (n > 0)
		o->written += (size_t)n;
	if (o->pending[o->written] == '\0') {
		free(o->pending);
		o->pending = NULL;
	}
}

static void
on_event(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
	struct output *o = ctx;

	(void)fd;
	if (event & (AVAHI_WATCH_ERR | AVAHI_WATCH_HUP)) {
		o->ops->closed(o->ctx);
		return;
	}
	if (o->pending != NULL)
		flush_line(o);
	if (o->pending == NULL) {
		o->poll->watch_update(watch, 0);
		o->ops->room(o->ctx);
	}
}

static bool
is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

struct output *
output_new(
    const AvahiPoll *poll, bool text, const struct output_ops *ops, void *ctx)
{
	struct output *o = xcalloc(1, sizeof(*o));

	o->poll = poll;
	o->ops = ops;
	o->ctx = ctx;
	o->text = text;
	o->is_socket = is_socket(STDOUT_FILENO);
	/*
	 * Even with no events wanted, poll reports that the other end is
	 * closed.
	 */
	o->watch = poll->watch_new(poll, STDOUT_FILENO, 0, on_event, o);
	return o;
}

void
output_free(struct output *o)
{
	if (o == NULL)
		return;
	o->poll->watch_free(o->watch);
	free(o->pending);
	free(o);
}

int
output_failure(const struct output *o)
{
	return o->failure;
}

bool
output_has_room(const struct output *o)
{
	return o->pending == NULL;
}

static char *
describe_device(const struct announce *a)
{
	char address[INET_ADDRSTRLEN + 8] = "no address";
	char what[128] = "";
	size_t used;

	if (a->has_address) {
		inet_ntop(AF_INET, &a->address, address, sizeof(address));
		used = strlen(address);
		if (a->port != 0)
			snprintf(address + used, sizeof(address) - used, ":%u",
			    a->port);
	}
	snprintf(what, sizeof(what), "%s%s%s%s%s%s", a->type,
	    a->firmware[0] != '\0' ? " " : "", a->firmware,
	    a->version[0] != '\0' ? " " : "", a->version,
	    a->encrypted ? " paired with eWeLink" : "");
	return xasprintf("%-21s  %-20s  %-9s %s%s%s\n", address, a->instance,
	    a->interface, what, a->text[0] != '\0' ? "  " : "", a->text);
}

/* Return what a person wants to read of a line, or NULL. */
static char *
describe(const char *line)
{
	struct announce a;
	struct error err;

	if (!announce_parse(line, strlen(line) - 1, &a, &err))
		return NULL;
	switch (a.kind) {
	case ANNOUNCE_SEEN:
		return describe_device(&a);
	case ANNOUNCE_GONE:
		return xasprintf("%-21s  %-20s  %s\n", "gone, perhaps",
		    a.instance, a.interface);
	case ANNOUNCE_STATUS:
		break;
	}
	return a.text[0] == '\0' ? NULL : xasprintf("# %s\n", a.text);
}

void
output_line(struct output *o, char *line)
{
	char *text;

	if (o->text) {
		text = describe(line);
		free(line);
		line = text;
	}
	if (line == NULL || o->pending != NULL) {
		free(line);
		return;
	}
	o->pending = line;
	o->written = 0;
	flush_line(o);
	if (o->pending != NULL)
		o->poll->watch_update(o->watch, AVAHI_WATCH_OUT);
}
