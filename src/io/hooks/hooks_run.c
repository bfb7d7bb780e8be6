/* SPDX-License-Identifier: ISC */
/* Runs one hook: its input, its output, and its end in time. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/hooks/hooks_parts.h"

#include "base/child.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/timer.h"

#define MAX_LINE  300
#define MAX_BYTES (1u << 20) /* of output that is read at all */
#define STOP_MS	  200	     /* to end politely when we stop */

struct hook_run {
	struct hook *hook;		  /* borrowed */
	const struct hook_event *event;	  /* borrowed */
	const struct hooks_config *times; /* borrowed */
	hook_run_cb *ended;
	void *ctx; /* borrowed */
	pid_t pid;
	int pidfd, out; /* out: -1 once it is not read any more */
	struct event *on_exit, *on_output;
	struct timer *time_up;
	bool interrupted, reaped, has_failed;
	char line[MAX_LINE];
	size_t used;
	bool cut; /* the line was longer */
	unsigned lines;
	size_t bytes;
};

static void
finish_line(struct hook_run *run)
{
	char name[80], text[2 * MAX_LINE];
	const char *hook = run->hook->name;

	if (run->used == 0)
		return;
	if (run->lines++ < HOOKS_LINES)
		log_info("hook %s: %s: %s%s",
		    text_escape(name, sizeof(name), hook, strlen(hook)),
		    run->event->subject,
		    text_escape(text, sizeof(text), run->line, run->used),
		    run->cut ? "..." : "");
	else
		hook_say(run->hook, HOOK_TALKS,
		    "%s: it says more than %d lines, which the log leaves out",
		    run->event->subject, HOOKS_LINES);
	run->used = 0;
	run->cut = false;
}

static void
take_output(struct hook_run *run, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			finish_line(run);
		else if (run->used < sizeof(run->line))
			run->line[run->used++] = bytes[i];
		else
			run->cut = true;
	}
	run->bytes += len;
}

static void
stop_listening(struct hook_run *run)
{
	if (run->out == -1)
		return;
	event_free(run->on_output);
	run->on_output = NULL;
	close(run->out);
	run->out = -1;
}

/* Read a part of the output.  False: no more, for now or ever. */
static bool
read_some(struct hook_run *run)
{
	char bytes[4096];
	ssize_t n;

	if (run->out == -1)
		return false;
	n = read(run->out, bytes, sizeof(bytes));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0)
		take_output(run, bytes, (size_t)n);
	if (run->bytes > MAX_BYTES)
		hook_say(run->hook, HOOK_FLOODED,
		    "%s: it floods; its output is closed after %u bytes",
		    run->event->subject, MAX_BYTES);
	if (n <= 0 || run->bytes > MAX_BYTES)
		stop_listening(run);
	return run->out != -1;
}

static void
on_output(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	read_some(ctx);
}

/* Signal the hook and everything that it has started and left behind. */
static void
send_signal(const struct hook_run *run, int number)
{
	kill(-run->pid, number);
}

static void
say_end(struct hook_run *run, int status)
{
	run->has_failed = run->interrupted || status != 0;
	if (run->interrupted)
		return;
	if (WIFSIGNALED(status))
		hook_say(run->hook, HOOK_FAILED, "%s: ended by signal %d (%s)",
		    run->event->subject, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		hook_say(run->hook, HOOK_FAILED, "%s: failed (exit status %d)",
		    run->event->subject, WEXITSTATUS(status));
}

/*
 * Reap the hook.  Its process group is killed before: until it is reaped, its
 * pid cannot belong to another process.
 */
static int
reap(struct hook_run *run)
{
	int status = 0;

	send_signal(run, SIGKILL);
	while (waitpid(run->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	run->reaped = true;
	return status;
}

static void
on_end(evutil_socket_t fd, short what, void *ctx)
{
	struct hook_run *run = ctx;
	int status = reap(run);

	(void)fd;
	(void)what;
	while (read_some(run))
		continue;
	finish_line(run);
	say_end(run, status);
	run->ended(run, run->ctx);
}

static void
on_time_up(void *ctx)
{
	struct hook_run *run = ctx;

	if (run->interrupted) {
		send_signal(run, SIGKILL);
		return;
	}
	run->interrupted = true;
	hook_say(run->hook, HOOK_HUNG, "%s: it hangs; ended after %u s",
	    run->event->subject, run->times->run_ms / 1000);
	hook_run_interrupt(run);
	timer_set(run->time_up, run->times->end_ms);
}

bool
hook_run_has_failed(const struct hook_run *run)
{
	return run->has_failed;
}

void
hook_run_interrupt(struct hook_run *run)
{
	send_signal(run, SIGTERM);
}

/* Return the input as a file in memory, so that no write has to wait. */
static int
make_input(const char *text)
{
	size_t len = strlen(text);
	int fd = memfd_create("hook", MFD_CLOEXEC);

	if (fd != -1 && write(fd, text, len) == (ssize_t)len &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

static char **
make_environment(const struct strlist *words)
{
	char **env = xcalloc(words->count + 1, sizeof(*env));

	for (size_t i = 0; i < words->count; i++)
		env[i] = words->items[i];
	return env;
}

static bool
spawn(struct hook_run *run, int in, int out, struct error *err)
{
	char **env = make_environment(&run->event->env);

	run->pid = child_spawn(
	    run->times->starter, run->hook->path, env, (int[]){ in, out }, err);
	free(env);
	if (run->pid == -1)
		return false;
	run->pidfd = pidfd_open(run->pid, 0);
	if (run->pidfd != -1)
		return true;
	error_errno(err, errno, "cannot be watched");
	reap(run);
	return false;
}

/* Find out first: a hook must not run for a moment and be killed then. */
static bool
can_watch(struct error *err)
{
	int self = pidfd_open(getpid(), 0);

	if (self != -1)
		close(self);
	if (self != -1 || errno != ENOSYS)
		return true;
	return error_set(err, ENOSYS,
	    "cannot be run: hooks take Linux 5.3 or later, and this kernel is "
	    "older");
}

/*
 * Start the process with its descriptors, and close those that are only for it.
 */
static bool
start(struct hook_run *run, struct error *err)
{
	int pipes[2] = { -1, -1 };
	int in = -1;
	bool ok = false;

	if (!can_watch(err))
		return false;
	in = make_input(run->event->input);
	if (in == -1 || pipe2(pipes, O_CLOEXEC) == -1)
		error_errno(err, errno, "cannot be run");
	else
		ok = spawn(run, in, pipes[1], err);
	if (in != -1)
		close(in);
	if (pipes[1] != -1)
		close(pipes[1]);
	run->out = pipes[0];
	if (!ok && run->out != -1)
		close(run->out);
	return ok;
}

static bool
watch(struct hook_run *run, struct event_base *base, struct error *err)
{
	run->on_exit = event_new(base, run->pidfd, EV_READ, on_end, run);
	run->on_output =
	    event_new(base, run->out, EV_READ | EV_PERSIST, on_output, run);
	run->time_up = timer_new(base, on_time_up, run);
	if (fcntl(run->out, F_SETFL, O_NONBLOCK) != 0 ||
	    event_add(run->on_exit, NULL) != 0 ||
	    event_add(run->on_output, NULL) != 0) {
		error_errno(err, errno, "cannot be watched");
		reap(run);
		return false;
	}
	timer_set(run->time_up, run->times->run_ms);
	return true;
}

struct hook_run *
hook_run_new(struct event_base *base, struct hook *hook,
    const struct hook_event *event, const struct hooks_config *times,
    hook_run_cb *ended, void *ctx)
{
	struct hook_run *run = xcalloc(1, sizeof(*run));
	bool started;
	struct error err;

	run->hook = hook;
	run->event = event;
	run->times = times;
	run->ended = ended;
	run->ctx = ctx;
	started = start(run, &err);
	if (started && watch(run, base, &err))
		return run;
	hook_say(hook, HOOK_NO_RUN, "%s: %s", event->subject, err.text);
	if (started)
		hook_run_free(run);
	else
		free(run);
	return NULL;
}

void
hook_run_free(struct hook_run *run)
{
	if (run == NULL)
		return;
	if (!run->reaped) {
		struct pollfd gone = { .fd = run->pidfd, .events = POLLIN };

		poll(&gone, 1, STOP_MS);
		reap(run);
	}
	stop_listening(run);
	event_free(run->on_exit);
	timer_free(run->time_up);
	close(run->pidfd);
	free(run);
}
