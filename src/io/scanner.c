/* SPDX-License-Identifier: ISC */
/*
 * Runs reflash-scan, reads its lines at a limited rate, and starts it again
 * when it dies or falls silent.
 */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/scanner.h"
#include "io/timer.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/mdns/scanline.h"
#include "core/sonoff/announce.h"

#define BACKOFF_MIN_SEC	 1
#define BACKOFF_MAX_SEC	 30
#define STEADY_SEC	 60   /* having run so long, it starts at 1 s again */
#define LINES_PER_SEC	 1000 /* twice what reflash-scan allows itself */
#define FIRST_LINE_SEC	 60   /* a stuck D-Bus takes 25 s of it */
#define PATIENCE	 3    /* how often a promised line may fail to come */
#define BAD_LINES_LOGGED 3    /* of one process */
#define TERM_WAIT_MS	 10   /* short: it has nothing to save, and we wait */

enum phase {
	PHASE_DOWN,    /* the timer starts the process */
	PHASE_READING, /* the timer ends it for being silent */
	PHASE_PAUSED,  /* the timer ends the pause */
};

struct scanner {
	struct event_base *base;       /* borrowed */
	const struct scanner_ops *ops; /* borrowed */
	void *ctx;		       /* borrowed */
	struct starter *starter;       /* borrowed */
	char **argv;
	struct bufferevent *bev; /* NULL while down */
	struct timer *timer;
	enum phase phase;
	pid_t pid;
	bool skipping; /* the rest of a line that was too long */
	unsigned backoff_sec, silence_sec, bad_lines;
	unsigned lines; /* since second_ms */
	uint64_t started_ms, second_ms;
};

static void
set_phase(struct scanner *s, enum phase phase, unsigned sec)
{
	s->phase = phase;
	timer_set(s->timer, sec * UINT64_C(1000));
}

static void
go_down(struct scanner *s)
{
	if (clock_awake_ms() - s->started_ms >= STEADY_SEC * 1000)
		s->backoff_sec = BACKOFF_MIN_SEC;
	set_phase(s, PHASE_DOWN, s->backoff_sec);
	s->backoff_sec *= 2;
	if (s->backoff_sec > BACKOFF_MAX_SEC)
		s->backoff_sec = BACKOFF_MAX_SEC;
}

static void
stop(struct scanner *s, unsigned wait_ms, const char *why)
{
	char how[64], text[200];

	bufferevent_free(s->bev);
	s->bev = NULL;
	child_end(s->pid, wait_ms, how, sizeof(how));
	if (why == NULL)
		return;
	snprintf(text, sizeof(text), "%s %s (%s); starting again in %u s",
	    s->argv[0], why, how, s->backoff_sec);
	go_down(s);
	s->ops->status(text, false, s->ctx);
}

static void
complain(struct scanner *s, const char *what)
{
	if (s->bad_lines++ < BAD_LINES_LOGGED)
		log_warning("%s: line ignored: %s", s->argv[0], what);
}

static void
handle_line(struct scanner *s, const char *line, size_t len)
{
	struct announce a;
	struct error err;

	if (!announce_parse(line, len, &a, &err)) {
		complain(s, err.text);
		return;
	}
	if (a.kind != ANNOUNCE_STATUS) {
		s->ops->announced(&a, s->ctx);
		return;
	}
	s->silence_sec = PATIENCE * a.next_sec;
	if (s->ops->heard != NULL)
		s->ops->heard(a.heard, s->ctx);
	if (a.text[0] != '\0')
		s->ops->status(a.text, a.ready, s->ctx);
}

/*
 * Return true if the lines of this second are used up.  Reading pauses then,
 * and the rest waits in the socket.
 */
static bool
is_over_rate(struct scanner *s)
{
	uint64_t now = clock_awake_ms();

	if (now - s->second_ms >= 1000) {
		s->second_ms = now;
		s->lines = 0;
	}
	if (s->lines++ < LINES_PER_SEC)
		return false;
	bufferevent_disable(s->bev, EV_READ);
	set_phase(s, PHASE_PAUSED, 1);
	return true;
}

static void
expect_more(struct scanner *s)
{
	if (s->silence_sec > 0)
		set_phase(s, PHASE_READING, s->silence_sec);
	else
		timer_stop(s->timer);
}

static void
read_lines(struct scanner *s)
{
	struct evbuffer *in = bufferevent_get_input(s->bev);
	char *line;
	size_t len;

	while (!is_over_rate(s)) {
		line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);
		if (line == NULL)
			break;
		if (!s->skipping)
			handle_line(s, line, len);
		s->skipping = false;
		free(line);
	}
	if (s->phase == PHASE_PAUSED)
		return;
	if (evbuffer_get_length(in) >= SCANLINE_MAX) {
		if (!s->skipping)
			complain(s, "it is too long");
		s->skipping = true;
		evbuffer_drain(in, evbuffer_get_length(in));
	}
	expect_more(s);
}

static void
on_readable(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	read_lines(ctx);
}

static void
on_end(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	stop(ctx, 0, "ended");
}

static void
start(struct scanner *s)
{
	char text[300];
	struct error err;
	int fd;

	s->started_ms = clock_awake_ms();
	s->pid = child_start(s->starter, s->argv, &fd, &err);
	if (s->pid == -1) {
		snprintf(text, sizeof(text), "%.200s; trying again in %u s",
		    err.text, s->backoff_sec);
		go_down(s);
		s->ops->status(text, false, s->ctx);
		return;
	}
	s->skipping = false;
	s->bad_lines = 0;
	s->silence_sec = FIRST_LINE_SEC;
	s->bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setwatermark(s->bev, EV_READ, 0, 2 * SCANLINE_MAX);
	bufferevent_setcb(s->bev, on_readable, NULL, on_end, s);
	bufferevent_enable(s->bev, EV_READ);
	set_phase(s, PHASE_READING, s->silence_sec);
}

static void
on_timer(void *ctx)
{
	struct scanner *s = ctx;

	switch (s->phase) {
	case PHASE_DOWN:
		start(s);
		break;
	case PHASE_READING:
		stop(s, TERM_WAIT_MS, "fell silent");
		break;
	case PHASE_PAUSED:
		s->phase = PHASE_READING;
		bufferevent_enable(s->bev, EV_READ);
		read_lines(s);
		break;
	}
}

static char **
copy_arguments(const char *program, const char *const args[])
{
	size_t count = 0;
	char **argv;

	while (args[count] != NULL)
		count++;
	argv = xcalloc(count + 2, sizeof(*argv));
	argv[0] = xstrdup(program);
	for (size_t i = 0; i < count; i++)
		argv[i + 1] = xstrdup(args[i]);
	return argv;
}

struct scanner *
scanner_new(struct event_base *base, const struct scanner_program *program,
    const struct scanner_ops *ops, void *ctx)
{
	struct scanner *s = xcalloc(1, sizeof(*s));

	s->base = base;
	s->ops = ops;
	s->ctx = ctx;
	s->starter = program->starter;
	s->argv = copy_arguments(program->path, program->args);
	s->backoff_sec = BACKOFF_MIN_SEC;
	s->timer = timer_new(base, on_timer, s);
	/* From the event loop: no callback comes before this returns. */
	set_phase(s, PHASE_DOWN, 0);
	return s;
}

void
scanner_repeat(struct scanner *s, const char *part)
{
	char line[64];

	snprintf(line, sizeof(line), "%.62s\n", part);
	if (s != NULL && s->bev != NULL)
		bufferevent_write(s->bev, line, strlen(line));
}

void
scanner_free(struct scanner *s)
{
	if (s == NULL)
		return;
	if (s->bev != NULL)
		stop(s, TERM_WAIT_MS, NULL);
	timer_free(s->timer);
	for (char **arg = s->argv; *arg != NULL; arg++)
		free(*arg);
	free(s->argv);
	free(s);
}
