/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "reflashctl/out/screen.h"
#include "reflashctl/out/term.h"

#define ENTER "\033[?1049h\033[?25l" /* other screen, no cursor */
#define LEAVE "\033[?25h\033[?1049l"

static volatile sig_atomic_t quit, resized, stopped;
static struct termios saved;
static sigset_t unblocked; /* the mask while waiting */

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP,
	SIGCONT };

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static void
on_signal(int number)
{
	if (number == SIGWINCH || number == SIGCONT)
		resized = 1;
	else if (number == SIGTSTP)
		stopped = 1;
	else
		quit = 1;
}

static void
put(const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, data, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			quit = 1; /* the terminal is gone */
			return;
		}
		data += n;
		len -= (size_t)n;
	}
}

static void
enter(void)
{
	struct termios raw = saved;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	put(ENTER, sizeof(ENTER) - 1);
}

static void
leave(void)
{
	put(LEAVE, sizeof(LEAVE) - 1);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

bool
screen_is_there(void)
{
	return isatty(STDIN_FILENO) && term_has_screen();
}

void
screen_open(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&mask, signals[i]);
	}
	/* They come while we wait, and at no other time. */
	sigprocmask(SIG_BLOCK, &mask, &unblocked);
	tcgetattr(STDIN_FILENO, &saved);
	enter();
}

void
screen_close(void)
{
	leave();
}

void
screen_size(size_t *rows, size_t *columns)
{
	struct winsize size;

	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_row > 0)
		*rows = size.ws_row;
	if (size.ws_col > 0)
		*columns = size.ws_col;
}

void
screen_show(const char *picture, size_t len)
{
	put("\033[H", 3);
	put(picture, len);
	put("\033[K\033[J", 6);
}

/* ^Z: give the terminal back, stop, and take it again. */
static void
stop(void)
{
	stopped = 0;
	leave();
	raise(SIGSTOP);
	enter();
	resized = 1;
}

/* What was typed and is not looked at yet: keys may come faster than turns. */
static struct {
	char text[64];
	size_t len;
} typed;

static void
drop_typed(size_t len)
{
	typed.len -= len;
	memmove(typed.text, typed.text + len, typed.len);
}

/*
 * The first key of what was typed.  SCREEN_INPUT: it meant nothing and is
 * dropped, or it is the beginning of one and stays.
 */
static enum screen_event
take_key(void)
{
	static const struct {
		const char *key;
		enum screen_event event;
	} keys[] = {
		{ "q", SCREEN_QUIT },
		{ "Q", SCREEN_QUIT },
		{ " ", SCREEN_NEXT },
		{ "\033[6~", SCREEN_NEXT },
		{ "b", SCREEN_BACK },
		{ "\033[5~", SCREEN_BACK },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = strlen(keys[i].key);
		size_t both = len < typed.len ? len : typed.len;

		if (memcmp(typed.text, keys[i].key, both) != 0)
			continue;
		if (typed.len < len)
			return SCREEN_INPUT;
		drop_typed(len);
		return keys[i].event;
	}
	drop_typed(1);
	return SCREEN_INPUT;
}

static enum screen_event
next_key(void)
{
	enum screen_event event = SCREEN_INPUT;
	size_t before = 0;

	while (event == SCREEN_INPUT && typed.len != before &&
	    (before = typed.len) > 0)
		event = take_key();
	return event;
}

static enum screen_event
read_key(void)
{
	ssize_t n = read(STDIN_FILENO, typed.text + typed.len,
	    sizeof(typed.text) - typed.len);

	if (n <= 0)
		return SCREEN_QUIT; /* the terminal is gone */
	typed.len += (size_t)n;
	return next_key();
}

enum screen_event
screen_wait(int fd, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	struct timespec limit = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };
	enum screen_event event = next_key();
	int ready;

	if (event != SCREEN_INPUT)
		return event;
	ready = ppoll(fds, 2, timeout_ms < 0 ? NULL : &limit, &unblocked);
	if (ready == 0)
		event = SCREEN_TICK;
	if (ready > 0 && fds[0].revents != 0)
		event = read_key();
	if (stopped)
		stop();
	if (quit)
		return SCREEN_QUIT;
	if (resized) {
		resized = 0;
		return SCREEN_RESIZED;
	}
	return event;
}
