/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include "io/server_parts.h"

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
	admission_await(&server->admission, &conn->visitor, server_now());
	for (i = 0; i < conn->parts.count && conn->job != NULL; i++) {
		const struct range *part = &conn->parts.part[i];

		if (part->first + part->len == conn->job->file->facts.is.size)
			conn->job->at_end = true;
		if (server->ops->served == NULL)
			break;
		server->ops->served(
		    conn->job->ctx, part->first, part->len, conn->visitor.from);
	}
	conn->job = NULL;
}

void
server_send(struct conn *conn, struct evhttp_request *req, int status,
    const char *reason)
{
	evhttp_request_set_on_complete_cb(req, on_sent, conn);
	evhttp_send_reply(req, status, reason, NULL);
	/*
	 * evhttp would drop the reply at the end of input, so that whoever
	 * closes his half after the request gets it or not as it happens; and
	 * it would let input pile up.  It enables reading again by itself.
	 */
	bufferevent_disable(conn->bev, EV_READ);
}

void
server_send_empty(struct conn *conn, struct evhttp_request *req, int status,
    const char *reason)
{
	server_must(evhttp_add_header(
	    evhttp_request_get_output_headers(req), "Content-Length", "0"));
	server_send(conn, req, status, reason);
}

static void
add_bytes(struct evbuffer *out, struct file *file, const struct range *part)
{
	file->refs++;
	server_must(
	    evbuffer_add_reference(out, (const char *)file->data + part->first,
		part->len, on_sent_bytes, file));
}

void
server_send_file(struct conn *conn, struct evhttp_request *req,
    const struct conditional_headers *conditions, struct server_job *job)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *out = evhttp_request_get_output_buffer(req);
	const struct filereply_file *facts = &job->file->facts;
	char text[FILEREPLY_PART_SIZE];
	struct filereply reply;

	filereply_make(facts, conditions,
	    evhttp_request_get_command(req) == EVHTTP_REQ_GET, &reply);
	for (size_t i = 0; i < reply.header_count; i++)
		server_must(evhttp_add_header(
		    headers, reply.header[i].name, reply.header[i].value));
	for (size_t i = 0; i < reply.parts.count; i++) {
		if (reply.parts.count > 1)
			server_must(evbuffer_add(
			    out, text, filereply_part(facts, &reply, i, text)));
		add_bytes(out, job->file, &reply.parts.part[i]);
	}
	if (reply.parts.count > 1)
		server_must(evbuffer_add(out, text,
		    filereply_part(facts, &reply, reply.parts.count, text)));
	conn->job = job;
	conn->parts = reply.parts;
	server_send(conn, req, reply.status, reply.reason);
}
