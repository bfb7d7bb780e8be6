/* SPDX-License-Identifier: ISC */
/*
 * Forks a small process before the sandbox is entered, which starts programs on
 * behalf of the daemon.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/starter.h"
#include "base/memory.h"

#define ANSWER_SEC 10 /* to start a program; it may be on a slow disk */
#define OUR_SOCKET 3  /* of the starter, and all it has besides stderr */

struct starter {
	int fd; /* -1: the starter does not work any more */
	pid_t pid;
};

/* A request; after it come the words, each with its NUL. */
struct request {
	uint32_t argc, envc; /* the path is in front of them */
	/* 0 or not.  A bool that another process wrote might hold any bits. */
	uint32_t has_env, out_is_err, is_on_its_own;
};

struct reply {
	pid_t pid;	  /* to be waited for, even if it could not be run */
	struct error err; /* code 0: the program runs */
};

struct server {
	starter_may_fn *may;
	void *ctx;
	pid_t parent;
	char text[STARTER_MAX_BYTES];
	char *words[STARTER_MAX_WORDS + 3];
};

static void
be_what_was_asked(const struct starter_program *p, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (p->is_on_its_own && (setsid() == -1 || chdir("/") == -1))
		_exit(127);
	if (!p->is_on_its_own &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent))
		_exit(127);
	if (dup2(p->in, STDIN_FILENO) == -1 ||
	    dup2(p->out, STDOUT_FILENO) == -1 ||
	    (p->out_is_err && dup2(p->out, STDERR_FILENO) == -1))
		_exit(127);
}

/*
 * Fork a process that is not our child, but our parent's.  On s390 the stack
 * comes before the flags (clone(2), "C library/kernel differences").
 */
static pid_t
fork_as_sibling(void)
{
	const long flags = CLONE_PARENT | SIGCHLD;

#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, flags, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
}

/* Start the program, with a pipe that reports why it could not be run. */
static void
start(const struct starter_program *p, pid_t parent, struct reply *reply)
{
	int ends[2], code = 0;

	if (pipe2(ends, O_CLOEXEC) == -1) {
		error_errno(&reply->err, errno, "cannot be run");
		return;
	}
	reply->pid = fork_as_sibling();
	if (reply->pid == 0) {
		be_what_was_asked(p, parent);
		execve(p->path, p->argv, p->env != NULL ? p->env : environ);
		(void)!write(ends[1], &errno, sizeof(errno));
		_exit(127);
	}
	if (reply->pid == -1)
		code = errno;
	close(ends[1]);
	if (reply->pid != -1 && read(ends[0], &code, sizeof(code)) <= 0)
		code = 0;
	close(ends[0]);
	if (code != 0)
		error_errno(&reply->err, code, "cannot be run");
}

/* Split the text into the path, the arguments, NULL, the environment, NULL. */
static bool
split(struct server *s, const struct request *r, size_t len)
{
	size_t count = 1 + (size_t)r->argc + r->envc, n = 0;
	char *at = s->text, *end = s->text + len;

	if (r->argc > STARTER_MAX_WORDS || r->envc > STARTER_MAX_WORDS ||
	    count > STARTER_MAX_WORDS + 1)
		return false;
	for (size_t i = 0; i < count; i++) {
		char *nul = memchr(at, '\0', (size_t)(end - at));

		if (nul == NULL)
			return false;
		s->words[n++] = at;
		if (i == r->argc)
			s->words[n++] = NULL;
		at = nul + 1;
	}
	s->words[n] = NULL;
	return at == end;
}

static bool
take_fds(const struct msghdr *msg, int fds[2])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(2 * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(c), 2 * sizeof(int));
	return true;
}

static bool
answer(const struct reply *reply)
{
	ssize_t n;

	while (
	    (n = send(OUR_SOCKET, reply, sizeof(*reply), MSG_NOSIGNAL)) == -1 &&
	    errno == EINTR)
		continue;
	return n == sizeof(*reply);
}

static void
judge_and_start(struct server *s, const struct request *r, const int fds[2],
    struct reply *reply)
{
	struct starter_program program = { .path = s->words[0],
		.argv = &s->words[1],
		.env = r->has_env ? &s->words[1 + r->argc + 1] : NULL,
		.in = fds[0],
		.out = fds[1],
		.out_is_err = r->out_is_err != 0,
		.is_on_its_own = r->is_on_its_own != 0 };

	if (s->may == NULL || s->may(&program, s->ctx, &reply->err))
		start(&program, s->parent, reply);
}

/* Serve one request.  Returns false if the daemon has ended. */
static bool
serve_one(struct server *s)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct reply reply = { .pid = -1 };
	struct request r;
	struct iovec iov[2] = { { &r, sizeof(r) },
		{ s->text, sizeof(s->text) } };
	struct msghdr msg = { .msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(OUR_SOCKET, &msg, MSG_CMSG_CLOEXEC);
	int fds[2];

	if (n == -1 && errno == EINTR)
		return true;
	if (n <= 0 || !take_fds(&msg, fds))
		return false;
	if ((size_t)n > sizeof(r) && !(msg.msg_flags & MSG_TRUNC) &&
	    split(s, &r, (size_t)n - sizeof(r)))
		judge_and_start(s, &r, fds, &reply);
	else
		error_errno(&reply.err, EPROTO, "cannot be run");
	close(fds[0]);
	close(fds[1]);
	return answer(&reply);
}

/* Remove from the environment what systemd has told only the daemon. */
static void
drop_what_is_ours(void)
{
	static const char *const names[] = { "LISTEN_PID", "LISTEN_FDS",
		"LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID",
		"WATCHDOG_USEC", "CREDENTIALS_DIRECTORY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}

static void
serve(struct server *s)
{
	/* Ctrl-C signals all processes; the starter ends last. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "reflash-starter");
	drop_what_is_ours();
	while (serve_one(s))
		continue;
	_exit(0);
}

struct starter *
starter_new(starter_may_fn *may, void *ctx, struct error *err)
{
	struct timeval patience = { ANSWER_SEC, 0 };
	struct starter *starter;
	pid_t parent = getpid(), pid;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1) {
		error_errno(err, errno, "socket pair");
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		struct server *s = xcalloc(1, sizeof(*s));

		s->may = may;
		s->ctx = ctx;
		s->parent = parent;
		if (dup3(pair[1], OUR_SOCKET, O_CLOEXEC) != OUR_SOCKET &&
		    pair[1] != OUR_SOCKET)
			_exit(1);
		close_range(OUR_SOCKET + 1, ~0U, 0);
		serve(s);
	}
	close(pair[1]);
	if (pid == -1) {
		error_errno(err, errno, "fork");
		close(pair[0]);
		return NULL;
	}
	setsockopt(
	    pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	starter = xcalloc(1, sizeof(*starter));
	starter->fd = pair[0];
	starter->pid = pid;
	return starter;
}

void
starter_free(struct starter *starter)
{
	if (starter == NULL)
		return;
	if (starter->fd != -1)
		close(starter->fd);
	kill(starter->pid,
	    SIGKILL); /* the starter may be stopped, or hang in exec */
	while (waitpid(starter->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	free(starter);
}

/* Append a word.  Returns false if the text gets too long. */
static bool
add_word(char *text, size_t *len, const char *word)
{
	size_t size = strlen(word) + 1;

	if (size > STARTER_MAX_BYTES - *len)
		return false;
	memcpy(text + *len, word, size);
	*len += size;
	return true;
}

static bool
add_words(char *text, size_t *len, char *const words[], uint32_t *count)
{
	for (*count = 0; words != NULL && words[*count] != NULL; ++*count)
		if (*count == STARTER_MAX_WORDS ||
		    !add_word(text, len, words[*count]))
			return false;
	return true;
}

static bool
ask(const struct starter *starter, const struct request *r, char *text,
    size_t len, const int fds[2])
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	struct iovec iov[2] = { { (void *)(uintptr_t)r, sizeof(*r) },
		{ text, len } };
	struct msghdr msg = { .msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(c), fds, 2 * sizeof(int));
	while ((n = sendmsg(starter->fd, &msg, MSG_NOSIGNAL)) == -1 &&
	    errno == EINTR)
		continue;
	return n == (ssize_t)(sizeof(*r) + len);
}

/* Receive the reply.  With a timeout, a signal interrupts it: signal(7). */
static bool
hear(const struct starter *starter, struct reply *reply)
{
	ssize_t n;

	while ((n = recv(starter->fd, reply, sizeof(*reply), 0)) == -1 &&
	    errno == EINTR)
		continue;
	return n == sizeof(*reply);
}

/*
 * Stop using the starter.  If it was only late, its reply would be taken for
 * that to the next request.
 */
static pid_t
give_up(struct starter *starter, struct error *err)
{
	if (starter->fd != -1)
		close(starter->fd);
	starter->fd = -1;
	error_set(err, EPIPE,
	    "the process that starts programs has ended or hangs; restart "
	    "reflashd");
	return -1;
}

pid_t
starter_run(struct starter *starter, const struct starter_program *program,
    struct error *err)
{
	struct request r = { .has_env = program->env != NULL,
		.out_is_err = program->out_is_err,
		.is_on_its_own = program->is_on_its_own };
	const int fds[2] = { program->in, program->out };
	struct reply reply;
	size_t len = 0;
	char *text;
	bool ok;

	if (starter->fd == -1)
		return give_up(starter, err);
	text = xcalloc(1, STARTER_MAX_BYTES);
	ok = add_word(text, &len, program->path) &&
	    add_words(text, &len, program->argv, &r.argc) &&
	    add_words(text, &len, program->env, &r.envc);
	if (!ok) {
		free(text);
		error_errno(err, E2BIG, "cannot be run");
		return -1;
	}
	ok = ask(starter, &r, text, len, fds) && hear(starter, &reply);
	free(text);
	if (!ok)
		return give_up(starter, err);
	if (reply.err.code == 0)
		return reply.pid;
	if (reply.pid != -1)
		while (waitpid(reply.pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	*err = reply.err;
	return -1;
}
