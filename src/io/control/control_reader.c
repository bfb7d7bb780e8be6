/* SPDX-License-Identifier: ISC */
/*
 * Reads what one client sends: lines, and a descriptor that may come with one.
 *
 * A bufferevent cannot do that, as it reads with readv(2), for which the kernel
 * closes the descriptors.
 */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "io/control/control_parts.h"

#define CHUNK 16384

/* The longest line, its newline, and a byte that tells of more. */
#define MAX_BYTES (CTL_MAX_LINE + 2)

/* A descriptor that came with a line which was not taken yet. */
struct parcel {
	int fd;		/* -1: none, or it is closed */
	unsigned count; /* of descriptors that came with that line */
	bool is_cut;	/* the kernel has dropped more of them */
	uint64_t at;	/* number of the byte it came with, as in received */
};

struct control_reader {
	struct control_client *client; /* borrowed */
	int fd;			       /* borrowed */
	bool takes_parcels;
	bool is_at_end; /* the client sends no more */
	bool is_stopped;
	struct event *readable; /* owned */
	struct evbuffer *bytes; /* owned */
	uint64_t received;	/* bytes so far */
	struct parcel parcel;
};

void
control_reader_drop(struct control_reader *reader)
{
	if (reader->parcel.fd != -1)
		close(reader->parcel.fd);
	reader->parcel = (struct parcel){ .fd = -1 };
}

/* Keep the first descriptor of a message, and close the others. */
static void
take_parcel(struct control_reader *reader, struct msghdr *message)
{
	struct parcel *parcel = &reader->parcel;
	struct cmsghdr *part;

	for (part = CMSG_FIRSTHDR(message); part != NULL;
	    part = CMSG_NXTHDR(message, part)) {
		size_t len = part->cmsg_len - CMSG_LEN(0);

		if (part->cmsg_level != SOL_SOCKET ||
		    part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < len / sizeof(int); i++) {
			int fd;

			memcpy(
			    &fd, CMSG_DATA(part) + i * sizeof(fd), sizeof(fd));
			if (parcel->count++ == 0)
				parcel->fd = fd;
			else
				close(fd);
		}
	}
	parcel->is_cut |= (message->msg_flags & MSG_CTRUNC) != 0;
	if (parcel->count > 0 || parcel->is_cut)
		parcel->at = reader->received;
}

/*
 * Receive once.  recvmsg(2) ends with a message that carries descriptors, so
 * that these belong to the line of the last byte.
 */
static ssize_t
receive(struct control_reader *reader)
{
	char bytes[CHUNK];
	/* Room for one: the kernel closes the others. */
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	size_t room = MAX_BYTES - evbuffer_get_length(reader->bytes);
	struct iovec part = { .iov_base = bytes,
		.iov_len = room < CHUNK ? room : CHUNK };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (reader->takes_parcels) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_LEN(sizeof(int));
	}
	do
		n = recvmsg(
		    reader->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return n;
	evbuffer_add(reader->bytes, bytes, (size_t)n);
	reader->received += (uint64_t)n;
	if (reader->takes_parcels)
		take_parcel(reader, &message);
	return n;
}

/* Return true if a whole line waits, with the descriptor that came with it. */
static bool
has_whole_parcel(const struct control_reader *reader)
{
	return (reader->parcel.count > 0 || reader->parcel.is_cut) &&
	    evbuffer_search_eol(reader->bytes, NULL, NULL, EVBUFFER_EOL_LF)
		.pos != -1;
}

/* Read on as long as there is room for more. */
static bool
read_on(struct control_reader *reader)
{
	if (reader->is_stopped || reader->is_at_end ||
	    evbuffer_get_length(reader->bytes) >= MAX_BYTES ||
	    has_whole_parcel(reader))
		return event_del(reader->readable) == 0;
	return event_add(reader->readable, NULL) == 0;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct control_reader *reader = arg;
	ssize_t n = receive(reader);

	(void)fd;
	(void)what;
	if (n == -1 && errno == EAGAIN)
		return;
	reader->is_at_end = n == 0;
	if (!read_on(reader) || n == -1)
		control_client_doom(reader->client);
	else if (n == 0)
		control_client_ended(reader->client);
	else
		control_client_serve(reader->client);
}

struct control_reader *
control_reader_new(struct event_base *base, int fd, bool takes_parcels,
    struct control_client *client)
{
	struct control_reader *reader = xcalloc(1, sizeof(*reader));

	reader->client = client;
	reader->fd = fd;
	reader->takes_parcels = takes_parcels;
	reader->parcel.fd = -1;
	reader->bytes = evbuffer_new();
	reader->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_readable, reader);
	return reader;
}

void
control_reader_free(struct control_reader *reader)
{
	control_reader_drop(reader);
	event_free(reader->readable);
	evbuffer_free(reader->bytes);
	free(reader);
}

bool
control_reader_start(struct control_reader *reader)
{
	return read_on(reader);
}

void
control_reader_stop(struct control_reader *reader)
{
	reader->is_stopped = true;
	event_del(reader->readable);
}

bool
control_reader_is_full(const struct control_reader *reader)
{
	return evbuffer_get_length(reader->bytes) > CTL_MAX_LINE;
}

void
control_reader_clear(struct control_reader *reader)
{
	control_reader_stop(reader);
	control_reader_drop(reader);
	evbuffer_drain(reader->bytes, SIZE_MAX);
}

bool
control_reader_is_at_end(const struct control_reader *reader)
{
	return reader->is_at_end;
}

char *
control_reader_line(struct control_reader *reader, size_t *len)
{
	char *line = evbuffer_readln(reader->bytes, len, EVBUFFER_EOL_LF);

	if (line != NULL || !reader->is_at_end)
		return line;
	*len = evbuffer_get_length(reader->bytes);
	if (*len == 0)
		return NULL;
	line = xcalloc(*len + 1, 1);
	evbuffer_remove(reader->bytes, line, *len);
	return line;
}

/* Return true if the descriptor came with the line that was taken last. */
static bool
is_of_last_line(const struct control_reader *reader)
{
	return reader->parcel.at > 0 &&
	    reader->parcel.at <=
	    reader->received - evbuffer_get_length(reader->bytes);
}

int
control_reader_take(struct control_reader *reader, struct error *err)
{
	struct parcel *parcel = &reader->parcel;
	int fd = -1;

	if (!is_of_last_line(reader))
		error_set(err, EINVAL,
		    "no descriptor came with the request (SCM_RIGHTS)");
	else if (parcel->count == 0)
		error_set(err, EAGAIN,
		    "the daemon had no room for the descriptor: try again");
	else if (parcel->count > 1 || parcel->is_cut)
		error_set(err, EINVAL,
		    "more than one descriptor came with the request");
	else {
		fd = parcel->fd;
		parcel->fd = -1;
	}
	return fd;
}

void
control_reader_end_line(struct control_reader *reader)
{
	if (is_of_last_line(reader))
		control_reader_drop(reader);
	read_on(reader);
}
