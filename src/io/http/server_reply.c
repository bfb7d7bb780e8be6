/* SPDX-License-Identifier: ISC */
/* Writes the replies, and tells the job which bytes have left. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "io/http/server_parts.h"

#include "base/text.h"

#include "core/http/httpdate.h"

static void
on_sent_bytes(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	server_file_unref(arg);
}

static void
on_sent(struct evhttp_request *req, void *arg)
{
	struct conn *conn = arg;
	struct server *server = conn->server;
	size_t i;

	(void)req;
	if (!event_pending(conn->watch, EV_READ, NULL))
		server_must(event_add(conn->watch, NULL));
	conn_limit_await(&server->admission, &conn->visitor, server_now());
	for (i = 0; i < conn->parts.count && conn->job != NULL; i++) {
		const struct range *part = &conn->parts.part[i];

		server->counts.image_bytes += part->len;
		if (part->first + part->len == conn->job->file->facts.is.size)
			conn->job->at_end = true;
		if (conn->job->ops->served == NULL)
			break;
		conn->job->ops->served(
		    conn->job->ctx, part->first, part->len, conn->visitor.from);
	}
	conn->job = NULL;
}

/*
 * Return the value of Date, made once a second: making it takes longer than the
 * rest of a small reply.
 */
static const char *
date_of(struct server *server)
{
	time_t now = time(NULL);

	if (now != server->date_at || server->date[0] == '\0') {
		httpdate_format(server->date, now);
		server->date_at = now;
	}
	return server->date;
}

static void
count_reply(struct server *server, int status)
{
	static const int statuses[] = { SERVER_STATUSES };

	for (size_t i = 0; i < SERVER_STATUS_COUNT; i++)
		server->counts.replies[i] += statuses[i] == status;
}

static void
finish_head(struct conn *conn, struct httphead *head)
{
	count_reply(conn->server, head->status);
	httphead_add(head, "Date", date_of(conn->server));
	if (conn->connection != NULL)
		httphead_add(head, "Connection", conn->connection);
	httphead_text(head, "\r\n");
}

/*
 * Send what fits into the socket's buffer with one system call, and return how
 * much that was.  If the connection ends after this reply, its end goes in the
 * same segment: then the server closes first, as RFC 9112, section 9.6, wants
 * it, and not a client that was quicker and has to keep the port.  An error
 * comes up again when the rest is sent.
 */
static size_t
write_now(struct conn *conn, const struct httphead *head,
    const struct server_body *body)
{
	const struct iovec iov[2] = {
		{ (void *)(uintptr_t)head->text, head->len },
		{ (void *)(uintptr_t)body->data, body->len },
	};
	const struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov,
		.msg_iovlen = body->len > 0 ? 2 : 1 };
	bool is_last =
	    conn->connection != NULL && strcmp(conn->connection, "close") == 0;
	ssize_t n;

	/* A "100 Continue" from evhttp goes first. */
	if (evbuffer_get_length(bufferevent_get_output(conn->bev)) > 0)
		return 0;
	n = sendmsg(bufferevent_getfd(conn->bev), &msg,
	    MSG_NOSIGNAL | (is_last ? MSG_MORE : 0));
	return n > 0 ? (size_t)n : 0;
}

static void
queue_body(struct conn *conn, const struct server_body *body, size_t from)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	const char *data = body->data;

	if (body->file != NULL)
		body->file->refs++;
	server_must(evbuffer_add_reference(out, data + from, body->len - from,
	    body->file != NULL ? on_sent_bytes : NULL, body->file));
}

/* Queue what did not fit, to be sent when the socket takes more. */
static void
queue_rest(struct conn *conn, const struct httphead *head,
    const struct server_body *body, size_t sent)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	size_t of_body = sent > head->len ? sent - head->len : 0;

	if (sent < head->len)
		server_must(
		    evbuffer_add(out, head->text + sent, head->len - sent));
	if (of_body < body->len)
		queue_body(conn, body, of_body);
}

/*
 * Tell evhttp only that the reply has ended: its own way to write one costs
 * several times as much.  Once all is out, evhttp frees the request, and reads
 * the next or closes.  Reading is off until then.  Otherwise evhttp would drop
 * the reply when a client closes its half of the connection after the request.
 */
static void
end_reply(struct conn *conn, struct evhttp_request *req)
{
	evhttp_request_set_on_complete_cb(req, on_sent, conn);
	if (evbuffer_get_length(bufferevent_get_output(conn->bev)) > 0)
		server_must(bufferevent_enable(conn->bev, EV_WRITE));
	evhttp_send_reply_end(req); /* conn may be gone */
}

void
server_send(struct conn *conn, struct evhttp_request *req,
    struct httphead *head, const struct server_body *body)
{
	static const struct server_body none;
	size_t sent;

	if (body == NULL)
		body = &none;
	finish_head(conn, head);
	sent = write_now(conn, head, body);
	if (sent < head->len + body->len)
		queue_rest(conn, head, body, sent);
	end_reply(conn, req);
}

void
server_send_empty(struct conn *conn, struct evhttp_request *req, int status)
{
	struct httphead head;

	httphead_begin(&head, status);
	httphead_add_number(&head, "Content-Length", 0);
	server_send(conn, req, &head, NULL);
}

static struct server_body
body_of(struct file *file, const struct range *part)
{
	return (struct server_body){
		.data = (const char *)file->data + part->first,
		.len = (size_t)part->len,
		.file = file,
	};
}

static void
send_parts(struct conn *conn, struct evhttp_request *req, struct file *file,
    struct filereply *reply)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	char text[FILEREPLY_PART_SIZE];

	finish_head(conn, &reply->head);
	server_must(evbuffer_add(out, reply->head.text, reply->head.len));
	for (size_t i = 0; i < reply->parts.count; i++) {
		struct server_body body = body_of(file, &reply->parts.part[i]);

		server_must(evbuffer_add(
		    out, text, filereply_part(&file->facts, reply, i, text)));
		queue_body(conn, &body, 0);
	}
	server_must(evbuffer_add(out, text,
	    filereply_part(&file->facts, reply, reply->parts.count, text)));
	end_reply(conn, req);
}

/*
 * Tell the job that its image is being fetched.  Returns false if its owner
 * took the image back because of that.
 */
static bool
begin_fetch(struct conn *conn, struct server_job *job)
{
	struct in_addr from = conn->visitor.from;
	struct visitor *gives_way = conn_limit_prove(
	    &conn->server->admission, &conn->visitor, &job->proven);

	if (gives_way != NULL)
		server_cut(gives_way);
	text_copy(conn->token, sizeof(conn->token), job->token);
	if (job->expected.s_addr != 0 && job->expected.s_addr == from.s_addr)
		server_job_move(job, from);
	conn->job = job;
	if (!job->fetched) {
		job->fetched = true;
		if (job->ops->fetch_started != NULL)
			job->ops->fetch_started(job->ctx, from);
	}
	return conn->job != NULL;
}

/*
 * Send the image or its head.  A request for the head, or whether the image has
 * changed, is not a fetch.
 */
void
server_send_file(struct conn *conn, struct evhttp_request *req,
    const struct conditional_headers *conditions, struct server_job *job)
{
	struct file *file = job->file;
	struct server_body body;
	struct filereply reply;

	filereply_make(&file->facts, conditions,
	    evhttp_request_get_command(req) == EVHTTP_REQ_GET, &reply);
	if (reply.parts.count > 0 && !begin_fetch(conn, job)) {
		server_send_empty(conn, req, 404);
		return;
	}
	conn->parts = reply.parts;
	if (reply.parts.count > 1) {
		send_parts(conn, req, file, &reply);
		return;
	}
	if (reply.parts.count == 1)
		body = body_of(file, &reply.parts.part[0]);
	server_send(
	    conn, req, &reply.head, reply.parts.count == 1 ? &body : NULL);
}
