/* SPDX-License-Identifier: ISC */
/*
 * Reads the requests to the HTTP server, checks what evhttp lets pass, and
 * sends each to the job or the verdict it is for.
 */
#include "config.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "io/http/server_parts.h"

#include "core/sonoff/devapi.h"

#define VERDICT_PATH "api/device/otaFlash"

/* The headers of a request that matter here. */
struct head {
	struct conditional_headers conditions;
	const char *content_length;
	const char *transfer_encoding;
	const char *host; /* whatever it says; RFC 9112 3.2: but once */
	bool close;
	bool keep_alive;
	bool bad; /* its end or its target is ambiguous */
};

static bool
has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*(list += strspn(list, " \t,")) != '\0') {
		size_t n = strcspn(list, " \t,");

		if (n == len && strncasecmp(list, word, len) == 0)
			return true;
		list += n;
	}
	return false;
}

static void
read_header(struct head *head, const char *name, const char *value)
{
	struct conditional_headers *c = &head->conditions;
	const struct {
		const char *name;
		const char **value;
	} known[] = {
		{ "Range", &c->range },
		{ "If-Range", &c->if_range },
		{ "If-Match", &c->if_match },
		{ "If-None-Match", &c->if_none_match },
		{ "If-Modified-Since", &c->if_modified_since },
		{ "If-Unmodified-Since", &c->if_unmodified_since },
		{ "Content-Length", &head->content_length },
		{ "Transfer-Encoding", &head->transfer_encoding },
		{ "Host", &head->host },
	};

	/* RFC 9112 5.1: no blank may stand before the colon. */
	if (name[0] == '\0' || strpbrk(name, " \t") != NULL)
		head->bad = true;
	if (strcasecmp(name, "Connection") == 0) {
		head->close |= has_word(value, "close");
		head->keep_alive |= has_word(value, "keep-alive");
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(name, known[i].name) != 0)
			continue;
		if (*known[i].value != NULL)
			head->bad = true;
		*known[i].value = value;
	}
}

/*
 * Return true if the body comes in chunks and in no other way as well; evhttp
 * knows only plain chunks.
 */
static bool
is_in_chunks(const struct head *head)
{
	return head->transfer_encoding != NULL &&
	    strcasecmp(head->transfer_encoding, "chunked") == 0 &&
	    head->content_length == NULL;
}

/* Read the headers, and the digits of a length, where evhttp is lax. */
static void
read_head(struct evhttp_request *req, struct head *head)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	const struct evkeyval *header;

	memset(head, 0, sizeof(*head));
	TAILQ_FOREACH (header, headers, next)
		read_header(head, header->key, header->value);
	if ((head->transfer_encoding != NULL && !is_in_chunks(head)) ||
	    (head->content_length != NULL &&
		head->content_length[strspn(
		    head->content_length, "0123456789")] != '\0'))
		head->bad = true;
}

/*
 * Decide if the connection closes after the reply. evhttp closes only on
 * exactly "Connection: close", but the word may be in a list.  It is also lax
 * about the sizes of chunks, so that the bytes after a chunked body cannot be
 * trusted.  The reply is always of HTTP 1.1 (RFC 9112 2.3).
 */
static void
settle_connection(
    struct conn *conn, struct evhttp_request *req, const struct head *head)
{
	bool old = req->major < 1 || (req->major == 1 && req->minor == 0);

	conn->connection = NULL;
	if (head->close || head->bad || head->transfer_encoding != NULL ||
	    (old && !head->keep_alive)) {
		conn->connection = "close";
		server_must(
		    evhttp_add_header(evhttp_request_get_output_headers(req),
			"Connection", "close"));
	} else if (old) {
		conn->connection = "keep-alive";
	}
	req->major = 1;
	req->minor = 1;
	req->flags &= ~EVHTTP_PROXY_REQUEST; /* of "GET http://... HTTP/1.1" */
	req->chunked = 0; /* of the request; the reply's end would have one */
}

static void
answer_fetch(struct conn *conn, struct evhttp_request *req,
    const struct head *head, const char *path, size_t len)
{
	struct server *server = conn->server;
	struct in_addr from = conn->visitor.from;
	enum server_stray why;
	struct server_job *job = server_job_find(server, path, len, from, &why);

	if (job != NULL) {
		server_send_file(conn, req, &head->conditions, job);
		return;
	}
	server_send_empty(conn, req, 404);
	server_stray_came(server, why, from);
}

/*
 * Answer the verdict of a device.  It needs no token, as the stock firmware
 * sends it to a fixed path.
 */
static void
answer_verdict(struct conn *conn, struct evhttp_request *req)
{
	static const struct server_body empty = { .data = "{}", .len = 2 };
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	struct in_addr from = conn->visitor.from;
	struct server *server = conn->server;
	size_t len = evbuffer_get_length(body);
	struct server_job *job =
	    server_job_reporting(server, from, conn->token);
	struct httphead head;
	struct error err;
	bool good;
	int code;

	good =
	    devapi_verdict_parse(evbuffer_pullup(body, -1), len, &code, &err);
	httphead_begin(&head, 200);
	httphead_add(&head, "Content-Type", "application/json");
	httphead_add_number(&head, "Content-Length", empty.len);
	server_send(conn, req, &head, &empty);

	if (job == NULL)
		server_stray_came(server, SERVER_STRAY_VERDICT, from);
	else if (!good)
		server_stray_came(server, SERVER_STRAY_BAD_VERDICT, from);
	else if (job->ops->verdict != NULL)
		job->ops->verdict(job->ctx, code, from);
}

/* Return the path undecoded: URLs of jobs have nothing to decode. */
static const char *
path_of(struct evhttp_request *req, size_t *len)
{
	const char *uri = evhttp_request_get_uri(req);

	/* RFC 9112 3.2.2: a server must accept the absolute form, too. */
	if (strncasecmp(uri, "http://", 7) == 0)
		uri += 7 + strcspn(uri + 7, "/?");
	*len = strcspn(uri, "?");
	return uri;
}

/*
 * Return true for the path of the verdict, with or without its first slash:
 * some devices omit it when they fetch, and may omit it here.
 */
static bool
is_verdict(const char *path, size_t len)
{
	if (len > 0 && path[0] == '/') {
		path++;
		len--;
	}
	return len == strlen(VERDICT_PATH) &&
	    memcmp(path, VERDICT_PATH, len) == 0;
}

static void
answer(struct conn *conn, struct evhttp_request *req, const struct head *head)
{
	struct server *server = conn->server;
	struct in_addr from = conn->visitor.from;
	size_t len;
	const char *path = path_of(req, &len);

	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		answer_fetch(conn, req, head, path, len);
		break;
	case EVHTTP_REQ_POST:
		if (is_verdict(path, len)) {
			answer_verdict(conn, req);
			break;
		}
		server_send_empty(conn, req, 404);
		server_stray_came(server, SERVER_STRAY_PATH, from);
		break;
	default:
		server_send_empty(conn, req, 404);
	}
}

void
server_on_request(struct evhttp_request *req, void *arg)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct server *server = arg;
	struct conn *conn;
	struct head head;

	HASH_FIND_PTR(server->conns, &evcon, conn);
	if (conn == NULL) { /* not looked at yet */
		evhttp_send_error(req, 503, "Service Unavailable");
		return;
	}
	conn->job = NULL;
	conn->parts.count = 0;
	conn_limit_answer(&server->admission, &conn->visitor, server_now());
	read_head(req, &head);
	settle_connection(conn, req, &head);
	if (head.bad)
		server_send_empty(conn, req, 400);
	else
		answer(conn, req, &head);
}
