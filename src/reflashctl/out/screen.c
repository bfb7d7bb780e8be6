/* SPDX-License-Identifier: ISC */
/* Takes over the terminal for watch, and reads its keys. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "reflashctl/out/keys.h"
#include "reflashctl/out/screen.h"
#include "reflashctl/out/term.h"

#define ENTER	   "\033[?1049h\033[?25l" /* other screen, no cursor */
#define LEAVE	   "\033[?25h\033[?1049l"
#define PARTIAL_MS 50 /* until an Escape stands for itself */

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
write_terminal(const char *data, size_t len)
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
enter_screen(void)
{
	struct termios raw = saved;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	write_terminal(ENTER, sizeof(ENTER) - 1);
}

static void
leave_screen(void)
{
	write_terminal(LEAVE, sizeof(LEAVE) - 1);
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
	/* Signals come only while screen_wait() waits. */
	sigprocmask(SIG_BLOCK, &mask, &unblocked);
	tcgetattr(STDIN_FILENO, &saved);
	enter_screen();
}

void
screen_close(void)
{
	leave_screen();
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
	write_terminal("\033[H", 3);
	write_terminal(picture, len);
	write_terminal("\033[K\033[J", 6);
}

/* On ^Z, give the terminal back, stop, and take it again. */
static void
stop_process(void)
{
	stopped = 0;
	leave_screen();
	raise(SIGSTOP);
	enter_screen();
	resized = 1;
}

/* Keys may come faster than pictures. */
static struct keys typed;
static int last_key;

/* Take the next key that was typed; false: there is none yet. */
static bool
next_key(bool is_all)
{
	last_key = keys_take(&typed, is_all);
	return last_key != KEY_NONE;
}

static enum screen_event
read_key(void)
{
	ssize_t n = read(STDIN_FILENO, typed.text + typed.len,
	    sizeof(typed.text) - typed.len);

	if (n <= 0)
		return SCREEN_QUIT; /* the terminal is gone */
	typed.len += (size_t)n;
	return next_key(false) ? SCREEN_KEY : SCREEN_INPUT;
}

int
screen_key(void)
{
	return last_key;
}

/* ppoll() lets no signal in where something is there to be read at once. */
static void
let_signals_in(void)
{
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, &unblocked, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/*
 * Wait; part of a key may have been read: if the rest does not follow at once,
 * there is none.
 */
enum screen_event
screen_wait(int fd, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	bool is_partial;
	struct timespec limit;
	enum screen_event event = SCREEN_INPUT;
	int ready;

	if (next_key(false))
		return SCREEN_KEY;
	is_partial = typed.len > 0;
	if (is_partial && (timeout_ms < 0 || timeout_ms > PARTIAL_MS))
		timeout_ms = PARTIAL_MS;
	limit = (struct timespec){ timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };
	ready = ppoll(fds, 2, timeout_ms < 0 ? NULL : &limit, &unblocked);
	if (ready == 0)
		event = is_partial && next_key(true) ? SCREEN_KEY : SCREEN_TICK;
	if (ready > 0)
		let_signals_in();
	if (ready > 0 && fds[0].revents != 0)
		event = read_key();
	if (stopped)
		stop_process();
	if (quit)
		return SCREEN_QUIT;
	if (resized) {
		resized = 0;
		return SCREEN_RESIZED;
	}
	return event;
}
