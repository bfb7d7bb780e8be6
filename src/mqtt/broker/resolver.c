/* SPDX-License-Identifier: ISC */
/* Has a child process look up a name, and reads the answer from a pipe. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/timer.h"
#include "mqtt/broker/resolver.h"

#define ANSWER_SIZE 1024 /* bytes that the child writes at most */

struct resolver {
	char *host;
	void (*answer)(const struct resolver_answer *, void *ctx);
	void *ctx;
	pid_t child; /* -1: none */
	int fd;	     /* its answer; -1: none */
	struct event *readable;
	struct timer *now; /* for an answer without a child */
	char text[ANSWER_SIZE + 1];
	size_t used;
};

static bool
is_address(const char *host)
{
	unsigned char unused[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, unused) == 1 ||
	    inet_pton(AF_INET6, host, unused) == 1;
}

/* This machine is itself also where there is no network and no /etc/hosts. */
static bool
is_this_machine(const char *host)
{
	return strcasecmp(host, "localhost") == 0;
}

/*
 * In the child: write a line for each address, or "!" and why there is none,
 * and end.  Nothing of the parent's is touched.
 */
static _Noreturn void
look_up(const char *host, int fd)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	char text[ANSWER_SIZE], number[RESOLVER_TEXT_SIZE];
	size_t used = 0, count = 0;
	int rc = getaddrinfo(host, NULL, &hints, &found);

	for (; rc == 0 && found != NULL && count < RESOLVER_MAX;
	    found = found->ai_next)
		if (getnameinfo(found->ai_addr, found->ai_addrlen, number,
			sizeof(number), NULL, 0, NI_NUMERICHOST) == 0) {
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, "%s\n", number);
			count++;
		}
	if (count == 0)
		used = (size_t)snprintf(text, sizeof(text), "!%s\n",
		    rc != 0 ? gai_strerror(rc) : "it has no address");
	_exit(write(fd, text, used) == (ssize_t)used ? 0 : 1);
}

static void
start_child(struct resolver *resolver)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return;
	resolver->child = fork();
	if (resolver->child == 0) {
		alarm(RESOLVER_SEC);
		look_up(resolver->host, pipes[1]);
	}
	close(pipes[1]);
	if (resolver->child == -1) {
		close(pipes[0]);
		return;
	}
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	resolver->fd = pipes[0];
}

static void
take_line(struct resolver_answer *answer, const char *line, const char *host)
{
	if (line[0] == '!')
		error_set(&answer->error, ENOENT, "%s: %s", host, line + 1);
	else if (answer->count < RESOLVER_MAX &&
	    text_copy(answer->address[answer->count], RESOLVER_TEXT_SIZE, line))
		answer->count++;
}

/* Read what the child has written, as lines. */
static void
read_answer(struct resolver *resolver, struct resolver_answer *answer)
{
	char *rest = resolver->text, *end;

	error_set(&answer->error, ETIMEDOUT,
	    "%s: no answer within %d s; is the network up?", resolver->host,
	    RESOLVER_SEC);
	for (; (end = strchr(rest, '\n')) != NULL; rest = end + 1) {
		*end = '\0';
		take_line(answer, rest, resolver->host);
	}
}

/* Give the answer, as the last thing: the callback may free the resolver. */
static void
give_answer(struct resolver *resolver)
{
	struct resolver_answer answer = { .count = 0 };

	event_del(resolver->readable);
	read_answer(resolver, &answer);
	resolver->answer(&answer, resolver->ctx);
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct resolver *resolver = ctx;
	ssize_t n;

	(void)what;
	n = read(
	    fd, resolver->text + resolver->used, ANSWER_SIZE - resolver->used);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		resolver->used += (size_t)n;
	else
		give_answer(resolver);
}

/* Answer for a host that needs no lookup, or where there is no child. */
static void
answer_now(void *ctx)
{
	struct resolver *resolver = ctx;
	struct resolver_answer answer = { .count = 0 };

	if (is_address(resolver->host)) {
		take_line(&answer, resolver->host, resolver->host);
	} else if (is_this_machine(resolver->host)) {
		take_line(&answer, "::1", resolver->host);
		take_line(&answer, "127.0.0.1", resolver->host);
	} else {
		error_set(&answer.error, EAGAIN,
		    "%s: no process can be started to look it up",
		    resolver->host);
	}
	resolver->answer(&answer, resolver->ctx);
}

struct resolver *
resolver_new(struct event_base *base, const char *host,
    void (*answer)(const struct resolver_answer *, void *ctx), void *ctx)
{
	struct resolver *resolver = xcalloc(1, sizeof(*resolver));

	resolver->host = xstrdup(host);
	resolver->answer = answer;
	resolver->ctx = ctx;
	resolver->child = -1;
	resolver->fd = -1;
	resolver->now = timer_new(base, answer_now, resolver);
	if (!is_address(host) && !is_this_machine(host))
		start_child(resolver);
	if (resolver->fd == -1) {
		timer_set(resolver->now, 0);
		return resolver;
	}
	resolver->readable = event_new(
	    base, resolver->fd, EV_READ | EV_PERSIST, on_readable, resolver);
	if (resolver->readable == NULL)
		abort(); /* as when any memory is out */
	event_add(resolver->readable, NULL);
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	if (resolver->readable != NULL)
		event_free(resolver->readable);
	if (resolver->fd != -1)
		close(resolver->fd);
	if (resolver->child > 0) {
		kill(resolver->child, SIGKILL);
		while (
		    waitpid(resolver->child, NULL, 0) == -1 && errno == EINTR)
			;
	}
	timer_free(resolver->now);
	free(resolver->host);
	free(resolver);
}
