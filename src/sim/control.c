/* SPDX-License-Identifier: ISC */
/* Answers "reflash-sim control", which changes devices while they run. */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/booted.h"
#include "sim/control.h"
#include "sim/device.h"
#include "sim/mdns/voice.h"
#include "sim/report.h"
#include "sim/sim.h"

#define MAX_LINE   4096
#define EXIT_USAGE 64

struct control {
	struct sim *sim;
	const char *path, *report; /* borrowed */
	struct evconnlistener *listener;
	struct bufferevent *client; /* one at a time */
};

static bool
do_set(struct device *d, const char *rest, struct error *err)
{
	struct spec changed = d->spec;

	if (!spec_parse(&changed, rest, err))
		return false;
	d->spec = changed;
	return true;
}

static void
do_announce(struct device *d)
{
	d->seq++;
	voice_announce(d->voice);
}

/* Give the firmware that has booted the credentials of the network. */
static bool
do_join(struct device *d, struct error *err)
{
	return booted_join(d->after, err);
}

/* A request.  Exactly one of the three functions is set. */
struct verb {
	const char *name;
	void (*act)(struct device *);
	bool (*attempt)(struct device *, struct error *);
	bool (*run)(struct device *, const char *rest, struct error *);
};

static const struct verb verbs[] = {
	{ "set", NULL, NULL, do_set },
	{ "announce", do_announce, NULL, NULL },
	{ "leave", device_leave, NULL, NULL },
	{ "come", NULL, device_come, NULL },
	{ "move", device_move, NULL, NULL },
	{ "join", NULL, do_join, NULL },
	{ "swap", NULL, NULL, device_swap },
};

static bool
run_verb(const struct verb *verb, struct device *d, const char *rest,
    struct error *err)
{
	if (verb->run != NULL)
		return verb->run(d, rest, err);
	if (verb->attempt != NULL)
		return verb->attempt(d, err);
	verb->act(d);
	return true;
}

static bool
run_verb_for(struct sim *sim, const struct verb *verb, const char *id,
    const char *rest, struct error *err)
{
	bool all = strcmp(id, "all") == 0, ok = true;
	struct device *d = sim_find(sim, id);

	if (!all && d == NULL)
		return error_set(err, ENODEV, "there is no device %s", id);
	if (!all)
		return run_verb(verb, d, rest, err);
	for (size_t i = 0; i < sim->count; i++)
		ok &= run_verb(verb, sim->devices[i], rest, err);
	return ok;
}

static bool
run_cable(struct sim *sim, const char *how, struct error *err)
{
	bool in = strcmp(how, "in") == 0;

	if (!in && strcmp(how, "out") != 0)
		return error_set(
		    err, EINVAL, "cable %s: write cable in or cable out", how);
	return lan_plug(&sim->lan, in, err);
}

static bool
run_line(struct control *c, char *line, struct error *err)
{
	char *verb = text_word(&line), *id = text_word(&line);
	const char *rest = line != NULL ? text_trim(line) : "";

	if (verb != NULL && strcmp(verb, "report") == 0)
		return c->report == NULL ? error_set(err, EINVAL,
					       "no file for a report: start "
					       "reflash-sim with --report FILE")
					 : report_write(c->sim, c->report, err);
	if (verb != NULL && id != NULL && strcmp(verb, "cable") == 0)
		return run_cable(c->sim, id, err);
	for (size_t i = 0;
	    verb != NULL && id != NULL && i < sizeof(verbs) / sizeof(verbs[0]);
	    i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return run_verb_for(c->sim, &verbs[i], id, rest, err);
	return error_set(err, EINVAL,
	    "unknown request; use set, announce, leave, come, move, join or "
	    "swap with an ID, cable in, cable out, or report");
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct control *c = ctx;
	struct evbuffer *out = bufferevent_get_output(bev);
	struct error err;
	char *line;

	while ((line = evbuffer_readln(bufferevent_get_input(bev), NULL,
		    EVBUFFER_EOL_LF)) != NULL) {
		if (run_line(c, line, &err))
			evbuffer_add_printf(out, "ok\n");
		else
			evbuffer_add_printf(out, "error: %s\n", err.text);
		free(line);
	}
}

static void
on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct control *c = ctx;

	(void)what;
	bufferevent_free(bev);
	c->client = NULL;
	evconnlistener_enable(c->listener);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx)
{
	struct control *c = ctx;

	(void)from;
	(void)len;
	evconnlistener_disable(listener);
	c->client =
	    bufferevent_socket_new(c->sim->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setwatermark(c->client, EV_READ, 0, MAX_LINE);
	bufferevent_setcb(c->client, on_read, NULL, on_event, c);
	bufferevent_enable(c->client, EV_READ | EV_WRITE);
}

static bool
fill_address(struct sockaddr_un *sun, const char *path, struct error *err)
{
	sun->sun_family = AF_UNIX;
	if (!text_copy(sun->sun_path, sizeof(sun->sun_path), path))
		return error_set(err, ENAMETOOLONG, "%s: path too long", path);
	return true;
}

struct control *
control_new(
    struct sim *sim, const char *path, const char *report, struct error *err)
{
	struct sockaddr_un sun = { 0 };
	struct control *c;

	if (!fill_address(&sun, path, err))
		return NULL;
	unlink(path);
	c = xcalloc(1, sizeof(*c));
	c->sim = sim;
	c->path = path;
	c->report = report;
	c->listener = evconnlistener_new_bind(sim->base, on_accept, c,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 8,
	    (struct sockaddr *)&sun, sizeof(sun));
	if (c->listener != NULL)
		return c;
	error_errno(err, errno, "%s", path);
	free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	if (c->client != NULL)
		bufferevent_free(c->client);
	evconnlistener_free(c->listener);
	unlink(c->path);
	free(c);
}

static bool
send_words(int fd, int count, char *words[])
{
	char line[MAX_LINE];
	size_t len = 0;

	for (int i = 0; i < count && len < sizeof(line); i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
		    words[i], i + 1 < count ? " " : "\n");
	return len < sizeof(line) && write(fd, line, len) == (ssize_t)len;
}

int
control_main(int argc, char *argv[])
{
	struct sockaddr_un sun = { 0 };
	char answer[MAX_LINE] = "";
	struct error err;
	int fd;

	if (argc < 3) {
		fprintf(
		    stderr, "usage: reflash-sim control SOCKET REQUEST...\n");
		return EXIT_USAGE;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !fill_address(&sun, argv[1], &err) ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    !send_words(fd, argc - 2, argv + 2) ||
	    read(fd, answer, sizeof(answer) - 1) <= 0) {
		fprintf(
		    stderr, "reflash-sim: %s: %s\n", argv[1], strerror(errno));
		return EXIT_FAILURE;
	}
	close(fd);
	if (strcmp(answer, "ok\n") == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "reflash-sim: %s", answer);
	return EXIT_FAILURE;
}
