/* SPDX-License-Identifier: ISC */
/* Sends requests to the daemon and receives its messages, line by line. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/unixsock.h"
#include "reflashctl/link/conn.h"

#define MAX_MESSAGE (1 << 20) /* the daemon's are less than a tenth of it */
#define FIRST_SIZE  65536
#define SEND_SEC    10

struct conn {
	int fd;
	char *buffer; /* owned; the bytes from start to end are unread */
	size_t start, end, size;
};

struct conn *
conn_open(const char *path, struct error *err)
{
	struct timeval limit = { SEND_SEC, 0 };
	struct conn *conn;
	int fd = unixsock_connect(path, err);

	if (fd == -1) {
		error_set(err, ENOTCONN, "the daemon does not answer at %s: %s",
		    path, strerror(err->code));
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	conn = xcalloc(1, sizeof(*conn));
	conn->fd = fd;
	conn->size = FIRST_SIZE;
	conn->buffer = xcalloc(conn->size, 1);
	return conn;
}

void
conn_close(struct conn *conn)
{
	if (conn == NULL)
		return;
	close(conn->fd);
	free(conn->buffer);
	free(conn);
}

int
conn_fd(const struct conn *conn)
{
	return conn->fd;
}

static bool
send_all(int fd, const char *data, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set(err, ENOTCONN,
			    "cannot send the request to the daemon: %s",
			    strerror(errno));
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Send a byte and a descriptor with it. */
static bool
send_descriptor(int to, char byte, int fd, struct error *err)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	do
		n = sendmsg(to, &message, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == 1 ||
	    error_set(err, ENOTCONN,
		"cannot send the request to the daemon: %s", strerror(errno));
}

bool
conn_send_with(struct conn *conn, json_t *request, int fd, struct error *err)
{
	char *text = json_dumps(request, JSON_COMPACT);
	bool ok;

	json_decref(request);
	if (text == NULL)
		return error_set(
		    err, EINVAL, "the arguments are not UTF-8 text");
	ok = send_all(conn->fd, text, strlen(text), err) &&
	    (fd == -1 ? send_all(conn->fd, "\n", 1, err)
		      : send_descriptor(conn->fd, '\n', fd, err));
	free(text);
	return ok;
}

bool
conn_send(struct conn *conn, json_t *request, struct error *err)
{
	return conn_send_with(conn, request, -1, err);
}

/* Take the next message in the buffer; NULL with err->code 0: there is none. */
static json_t *
take_message(struct conn *conn, struct error *err)
{
	size_t have = conn->end - conn->start;
	char *line = conn->buffer + conn->start, *newline;
	json_error_t why;
	json_t *message;

	err->code = 0;
	newline = have > 0 ? memchr(line, '\n', have) : NULL;
	if (newline == NULL)
		return NULL;
	conn->start += (size_t)(newline - line) + 1;
	message = json_loadb(line, (size_t)(newline - line), 0, &why);
	if (json_is_object(message))
		return message;
	json_decref(message);
	error_set(
	    err, ENOTCONN, "the program that listens there is not reflashd");
	return NULL;
}

static bool
make_room(struct conn *conn, struct error *err)
{
	if (conn->end < conn->size)
		return true;
	if (conn->start > 0) {
		memmove(conn->buffer, conn->buffer + conn->start,
		    conn->end - conn->start);
		conn->end -= conn->start;
		conn->start = 0;
		return true;
	}
	if (conn->size >= MAX_MESSAGE)
		return error_set(err, ENOTCONN,
		    "the daemon sends a message that never ends");
	conn->size *= 2;
	conn->buffer = xrealloc(conn->buffer, conn->size, 1);
	return true;
}

static bool
fill_buffer(struct conn *conn, int timeout_ms, struct error *err)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLIN };
	ssize_t n;
	int ready;

	if (!make_room(conn, err))
		return false;
	ready = poll(&pfd, 1, timeout_ms);
	if (ready == 0)
		return error_set(err, ETIMEDOUT, "the daemon does not answer");
	if (ready == -1)
		return error_errno(err, errno, "poll"); /* EINTR: a signal */
	n = recv(conn->fd, conn->buffer + conn->end, conn->size - conn->end, 0);
	if (n <= 0)
		return error_set(
		    err, ENOTCONN, "the daemon has closed the connection");
	conn->end += (size_t)n;
	return true;
}

json_t *
conn_receive(struct conn *conn, int timeout_ms, struct error *err)
{
	uint64_t since_ms = clock_awake_ms();
	json_t *message;

	while ((message = take_message(conn, err)) == NULL) {
		int left = timeout_ms;

		if (err->code != 0)
			return NULL;
		if (timeout_ms > 0) {
			left -= (int)(clock_awake_ms() - since_ms);
			if (left < 0)
				left = 0;
		}
		if (!fill_buffer(conn, left, err))
			return NULL;
	}
	return message;
}
