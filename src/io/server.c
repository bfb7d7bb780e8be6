/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "io/server.h"

#include "base/listen.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/admission.h"
#include "core/filereply.h"
#include "core/verdict.h"

#define VERDICT_PATH "/api/device/otaFlash"
#define DEFAULT_NAME "fw.bin"
#define BOUNDARY_LEN 24
#define ETAG_DIGITS  16

#define MAX_SOCKETS 8
#define MAX_HEADERS 4096 /* a device sends 150 bytes, Tasmota 600 */
#define MAX_BODY    8192 /* a verdict has 11 bytes */
/* Above MAX_HEADERS and MAX_BODY: evhttp waits for a whole body in there. */
#define MAX_UNREAD (64 * 1024)
/* libevent's 16 KiB a write make whole files eight times slower. */
#define MAX_WRITE (1024 * 1024)
/* Accepted, but not looked at yet. */
#define MAX_FRESH 64

#define WARN_EVERY_SEC 600

/* An image's bytes and what is said of them: until the last reply is out. */
struct file {
	unsigned refs;
	const void *data; /* borrowed until release() */
	struct filereply_file facts;
	char etag[ETAG_DIGITS + 3];
	char md5[33];
	void (*release)(void *owner);
	void *owner; /* borrowed */
};

struct server_job {
	struct server *server; /* borrowed */
	struct file *file;     /* one reference */
	struct in_addr device;
	char token[SERVER_TOKEN_LEN + 1];
	char name[SERVER_NAME_MAX + 1];
	void *ctx; /* borrowed */
	bool fetched;
	struct server_job *prev, *next;
};

struct conn {
	struct visitor visitor; /* first: admission gives it back */
	struct server *server;	/* borrowed */
	struct bufferevent *bev;
	struct evhttp_connection *evcon; /* borrowed until on_closed() */
	struct server_job *job;		 /* of the reply under way, or NULL */
	struct range_set parts;		 /* of that reply */
	struct conn *prev, *next;	 /* among the fresh */
	UT_hash_handle hh;
};

struct server {
	struct evhttp *http;
	struct event *arrived; /* fresh connections wait */
	struct event *tick;    /* each second while there are connections */
	struct evconnlistener *listener[MAX_SOCKETS]; /* borrowed from http */
	size_t listener_count;
	const struct server_ops *ops; /* borrowed */
	void *ctx;		      /* borrowed */
	struct server_job *jobs;
	struct conn *fresh;
	unsigned fresh_count;
	struct conn *conns; /* hash by evcon */
	struct admission admission;
	bool check_source;
	uint16_t port;
	char boundary[BOUNDARY_LEN + 1];
	uint64_t warned_sec;
	struct server *next;
};

/* An error callback of a listener is only given what evhttp put there. */
static struct server *servers;

static uint64_t
now_sec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec;
}

/* libevent returns an error of this kind only when memory is out. */
static void
must(int rc)
{
	if (rc != 0)
		abort();
}

/* ---- connections ---- */

static void
tick_soon(struct server *server)
{
	struct timeval second = { 1, 0 };

	if (!evtimer_pending(server->tick, NULL))
		must(evtimer_add(server->tick, &second));
}

static void
pause_listeners(struct server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		evconnlistener_disable(server->listener[i]);
}

static void
resume_listeners(struct server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		evconnlistener_enable(server->listener[i]);
}

/*
 * The only way to end a connection of evhttp's from outside: it sees the end
 * of its input, or a failed write, and frees it.
 */
static void
cut(struct bufferevent *bev)
{
	shutdown(bufferevent_getfd(bev), SHUT_RDWR);
}

static void
on_closed(struct evhttp_connection *evcon, void *arg)
{
	struct conn *conn = arg;

	(void)evcon;
	HASH_DEL(conn->server->conns, conn);
	admission_leave(&conn->server->admission, &conn->visitor);
	free(conn);
}

/* 0.0.0.0 for a peer that speaks IPv6, which no device does. */
static struct in_addr
peer_of(struct evhttp_connection *evcon)
{
	const struct sockaddr *sa = evhttp_connection_get_addr(evcon);
	struct in_addr peer = { 0 };

	if (sa == NULL)
		return peer;
	if (sa->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	if (sa->sa_family == AF_INET6) {
		const struct in6_addr *in6 =
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

		if (IN6_IS_ADDR_V4MAPPED(in6))
			memcpy(&peer, &in6->s6_addr[12], sizeof(peer));
	}
	return peer;
}

static bool
is_expected(const struct server *server, struct in_addr from)
{
	const struct server_job *job;

	DL_FOREACH (server->jobs, job) {
		if (job->device.s_addr == from.s_addr)
			return true;
	}
	return false;
}

static void
stray(struct server *server, enum server_stray what, struct in_addr from)
{
	if (server->ops->stray != NULL)
		server->ops->stray(server->ctx, what, from);
}

/*
 * evhttp tells nobody of a connection before its first request is complete;
 * but by now it has made itself the argument of the bufferevent's callbacks.
 */
static void
receive(struct server *server, struct conn *conn)
{
	void *evcon;
	struct in_addr from;

	bufferevent_getcb(conn->bev, NULL, NULL, NULL, &evcon);
	if (evcon == NULL) { /* gone already */
		bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
		bufferevent_decref(conn->bev);
		free(conn);
		return;
	}
	assert(evhttp_connection_get_bufferevent(evcon) == conn->bev);
	from = peer_of(evcon);
	conn->evcon = evcon;
	conn->visitor.from = from;
	if (!admission_enter(&server->admission, &conn->visitor,
		is_expected(server, from), now_sec())) {
		cut(conn->bev);
		bufferevent_decref(conn->bev);
		free(conn);
		stray(server, SERVER_STRAY_REFUSED, from);
		return;
	}
	bufferevent_decref(conn->bev); /* on_closed() will tell */
	HASH_ADD_PTR(server->conns, evcon, conn);
	evhttp_connection_set_closecb(evcon, on_closed, conn);
	tick_soon(server);
}

static void
on_arrived(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	bool was_full = server->fresh_count >= MAX_FRESH;
	struct conn *conn, *tmp;

	(void)fd;
	(void)what;
	DL_FOREACH_SAFE (server->fresh, conn, tmp) {
		DL_DELETE(server->fresh, conn);
		server->fresh_count--;
		receive(server, conn);
	}
	if (was_full)
		resume_listeners(server);
}

/* evhttp has accepted something; who it is can be seen a moment later. */
static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct server *server = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
	struct conn *conn;

	if (bev == NULL)
		abort();
	bufferevent_set_max_single_write(bev, MAX_WRITE);
	bufferevent_setwatermark(bev, EV_READ, 0, MAX_UNREAD);
	bufferevent_incref(bev);

	conn = xcalloc(1, sizeof(*conn));
	conn->server = server;
	conn->bev = bev;
	DL_APPEND(server->fresh, conn);
	if (++server->fresh_count == MAX_FRESH)
		pause_listeners(server);
	event_active(server->arrived, EV_TIMEOUT, 0);
	return bev;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	struct visitor *late = NULL;
	uint64_t now = now_sec();

	(void)fd;
	(void)what;
	while ((late = admission_overdue(&server->admission, late, now)))
		cut(((struct conn *)late)->bev);
	resume_listeners(server);
	if (server->conns != NULL)
		tick_soon(server);
}

/* Out of descriptors: libevent would ask again at once, for ever. */
static void
on_accept_error(struct evconnlistener *listener, void *http)
{
	struct server *server = servers;
	int why = EVUTIL_SOCKET_ERROR();

	(void)listener;
	while (server->http != http)
		server = server->next;
	pause_listeners(server);
	tick_soon(server);
	if (server->warned_sec == 0 ||
	    now_sec() - server->warned_sec >= WARN_EVERY_SEC) {
		server->warned_sec = now_sec();
		log_warning("server: no new connection for a second: %s; "
			    "raise the limit of open files",
		    strerror(why));
	}
}

/* ---- files and jobs ---- */

static struct file *
file_new(const struct server_file *from, const char *boundary)
{
	struct file *file = xcalloc(1, sizeof(*file));

	file->refs = 1;
	file->data = from->data;
	file->release = from->release;
	file->owner = from->owner;
	snprintf(file->etag, sizeof(file->etag), "\"%.*s\"", ETAG_DIGITS,
	    from->sha256);
	file->facts.is.size = from->size;
	file->facts.is.etag = file->etag;
	file->facts.is.modified = from->modified;
	file->facts.boundary = boundary;
	if (from->md5 != NULL &&
	    text_copy(file->md5, sizeof(file->md5), from->md5))
		file->facts.md5 = file->md5;
	return file;
}

static void
file_unref(struct file *file)
{
	if (--file->refs > 0)
		return;
	if (file->release != NULL)
		file->release(file->owner);
	free(file);
}

static void
on_sent_bytes(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	file_unref(arg);
}

/* Letters and digits, so that a URL may be typed, and Tasmota may cut it. */
static bool
random_text(char *dst, size_t len)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const unsigned count = sizeof(alphabet) - 1;
	size_t n = 0;

	while (n < len) {
		unsigned char byte;

		if (RAND_bytes(&byte, 1) != 1)
			return false;
		if (byte < 256 / count * count)
			dst[n++] = alphabet[byte % count];
	}
	dst[len] = '\0';
	return true;
}

static bool
is_token(const char *token)
{
	size_t len = 0;

	while (isalnum((unsigned char)token[len]))
		len++;
	return len == SERVER_TOKEN_LEN && token[len] == '\0';
}

static bool
is_name(const char *name)
{
	size_t len = strspn(name,
	    "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-");

	return len > 0 && len <= SERVER_NAME_MAX && name[len] == '\0';
}

static bool
job_init(struct server_job *job, const char *name, const char *token,
    struct error *err)
{
	struct server_job *other;

	if (name == NULL)
		name = DEFAULT_NAME;
	if (!is_name(name) || !text_copy(job->name, sizeof(job->name), name))
		return error_set(err, EINVAL, "not a name for a URL");
	if (token == NULL && !random_text(job->token, SERVER_TOKEN_LEN))
		return error_set(err, EIO, "no random numbers to be had");
	if (token != NULL &&
	    (!is_token(token) ||
		!text_copy(job->token, sizeof(job->token), token)))
		return error_set(err, EINVAL, "not a token");
	DL_FOREACH (job->server->jobs, other) {
		if (strcmp(other->token, job->token) == 0 &&
		    strcmp(other->name, job->name) == 0)
			return error_set(err, EEXIST, "this URL is live");
	}
	return true;
}

struct server_job *
server_job_new(struct server *server, const struct server_file *file,
    struct in_addr device, const char *token, void *ctx, struct error *err)
{
	struct server_job *job = xcalloc(1, sizeof(*job));

	assert(strlen(file->sha256) >= ETAG_DIGITS);
	job->server = server;
	job->device = device;
	job->ctx = ctx;
	if (!job_init(job, file->name, token, err)) {
		free(job);
		return NULL;
	}
	job->file = file_new(file, server->boundary);
	DL_APPEND(server->jobs, job);
	return job;
}

void
server_job_free(struct server_job *job)
{
	struct conn *conn, *tmp;

	if (job == NULL)
		return;
	HASH_ITER (hh, job->server->conns, conn, tmp) {
		if (conn->job == job)
			conn->job = NULL;
	}
	DL_DELETE(job->server->jobs, job);
	file_unref(job->file);
	OPENSSL_cleanse(job->token, sizeof(job->token));
	free(job);
}

const char *
server_job_token(const struct server_job *job)
{
	return job->token;
}

void
server_job_move(struct server_job *job, struct in_addr device)
{
	job->device = device;
}

bool
server_job_url(
    const struct server_job *job, struct in_addr local, char *dst, size_t size)
{
	char address[INET_ADDRSTRLEN];
	int n;

	inet_ntop(AF_INET, &local, address, sizeof(address));
	n = snprintf(dst, size, "http://%s:%u/%s/%s", address,
	    job->server->port, job->token, job->name);
	return n > 0 && (size_t)n < size;
}

/* ---- requests ---- */

/* What counts of a request's headers. */
struct head {
	struct conditional_headers conditions;
	const char *content_length;
	const char *transfer_encoding;
	bool close;
	bool keep_alive;
	bool bad; /* its end, or what it asks for, could be read in two ways */
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
	};

	/* RFC 9112 5.1: "Content-Length :" is no header anyone may guess at. */
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

/* Nobody we serve sends chunks, and evhttp is lax about their sizes. */
static void
read_head(struct evhttp_request *req, struct head *head)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	const struct evkeyval *header;

	memset(head, 0, sizeof(*head));
	TAILQ_FOREACH(header, headers, next)
	read_header(head, header->key, header->value);
	if (head->transfer_encoding != NULL)
		head->bad = true;
}

/*
 * evhttp answers in the version of the request, and closes only on exactly
 * "Connection: close".  We are 1.1 whoever asks (RFC 9112 2.3), and a list
 * may have the word as well.
 */
static void
settle_connection(struct evhttp_request *req, const struct head *head)
{
	struct evkeyvalq *out = evhttp_request_get_output_headers(req);
	bool old = req->major < 1 || (req->major == 1 && req->minor == 0);

	if (head->close || head->bad || (old && !head->keep_alive))
		must(evhttp_add_header(out, "Connection", "close"));
	else if (old)
		must(evhttp_add_header(out, "Connection", "keep-alive"));
	req->major = 1;
	req->minor = 1;
	req->flags &= ~EVHTTP_PROXY_REQUEST; /* of "GET http://... HTTP/1.1" */
}

static void
on_sent(struct evhttp_request *req, void *arg)
{
	struct conn *conn = arg;
	struct server *server = conn->server;
	size_t i;

	(void)req;
	admission_await(&conn->visitor, now_sec());
	for (i = 0; i < conn->parts.count && conn->job != NULL; i++) {
		if (server->ops->served == NULL)
			break;
		server->ops->served(conn->job->ctx, conn->parts.part[i].first,
		    conn->parts.part[i].len, conn->visitor.from);
	}
	conn->job = NULL;
}

static void
send_reply(struct conn *conn, struct evhttp_request *req, int status,
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

static void
send_empty(struct conn *conn, struct evhttp_request *req, int status,
    const char *reason)
{
	must(evhttp_add_header(
	    evhttp_request_get_output_headers(req), "Content-Length", "0"));
	send_reply(conn, req, status, reason);
}

static void
add_bytes(struct evbuffer *out, struct file *file, const struct range *part)
{
	file->refs++;
	must(evbuffer_add_reference(out, (const char *)file->data + part->first,
	    part->len, on_sent_bytes, file));
}

static void
send_file(struct conn *conn, struct evhttp_request *req,
    const struct head *head, struct server_job *job)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *out = evhttp_request_get_output_buffer(req);
	const struct filereply_file *facts = &job->file->facts;
	char text[FILEREPLY_PART_SIZE];
	struct filereply reply;

	filereply_make(facts, &head->conditions,
	    evhttp_request_get_command(req) == EVHTTP_REQ_GET, &reply);
	for (size_t i = 0; i < reply.header_count; i++)
		must(evhttp_add_header(
		    headers, reply.header[i].name, reply.header[i].value));
	for (size_t i = 0; i < reply.parts.count; i++) {
		if (reply.parts.count > 1)
			must(evbuffer_add(
			    out, text, filereply_part(facts, &reply, i, text)));
		add_bytes(out, job->file, &reply.parts.part[i]);
	}
	if (reply.parts.count > 1)
		must(evbuffer_add(out, text,
		    filereply_part(facts, &reply, reply.parts.count, text)));
	conn->job = job;
	conn->parts = reply.parts;
	send_reply(conn, req, reply.status, reply.reason);
}

/* Compared in constant time, as is everything that opens a door. */
static bool
job_has_path(const struct server_job *job, const char *path, size_t len)
{
	const char *name = path + 1 + SERVER_TOKEN_LEN + 1;
	size_t name_len = strlen(job->name);

	return len == 1 + SERVER_TOKEN_LEN + 1 + name_len && path[0] == '/' &&
	    name[-1] == '/' && memcmp(name, job->name, name_len) == 0 &&
	    CRYPTO_memcmp(path + 1, job->token, SERVER_TOKEN_LEN) == 0;
}

static struct server_job *
find_job(struct server *server, const char *path, size_t len,
    struct in_addr from, enum server_stray *why)
{
	struct server_job *job;

	*why = SERVER_STRAY_PATH;
	DL_FOREACH (server->jobs, job) {
		if ((!server->check_source ||
			job->device.s_addr == from.s_addr) &&
		    job_has_path(job, path, len))
			return job;
	}
	DL_FOREACH (server->jobs, job) {
		if (job_has_path(job, path, len))
			*why = SERVER_STRAY_ADDRESS;
	}
	return NULL;
}

static void
answer_fetch(struct conn *conn, struct evhttp_request *req,
    const struct head *head, const char *path, size_t len)
{
	struct server *server = conn->server;
	struct in_addr from = conn->visitor.from;
	enum server_stray why;
	struct server_job *job = find_job(server, path, len, from, &why);

	if (job == NULL) {
		send_empty(conn, req, 404, "Not Found");
		stray(server, why, from);
		return;
	}
	send_file(conn, req, head, job);
	if (!job->fetched) {
		job->fetched = true;
		if (server->ops->fetch_started != NULL)
			server->ops->fetch_started(job->ctx, from);
	}
}

/* The verdict needs no token: the stock firmware knows but one path. */
static void
answer_verdict(struct conn *conn, struct evhttp_request *req)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *body = evhttp_request_get_input_buffer(req);
	struct in_addr from = conn->visitor.from;
	struct server *server = conn->server;
	size_t len = evbuffer_get_length(body);
	struct server_job *job;
	struct error err;
	bool good;
	int code;

	good = verdict_parse(evbuffer_pullup(body, -1), len, &code, &err);
	must(evhttp_add_header(headers, "Content-Type", "application/json"));
	must(evhttp_add_header(headers, "Content-Length", "2"));
	must(evbuffer_add(evhttp_request_get_output_buffer(req), "{}", 2));
	send_reply(conn, req, 200, "OK");

	DL_FOREACH (server->jobs, job) {
		if (job->device.s_addr == from.s_addr)
			break;
	}
	if (job == NULL)
		stray(server, SERVER_STRAY_VERDICT, from);
	else if (!good)
		stray(server, SERVER_STRAY_BAD_VERDICT, from);
	else if (server->ops->verdict != NULL)
		server->ops->verdict(job->ctx, code, from);
}

/* The path as it came, undecoded: our URLs have nothing to decode. */
static const char *
path_of(struct evhttp_request *req, size_t *len)
{
	const char *uri = evhttp_request_get_uri(req);

	/* RFC 9112 3.2.2: the absolute form has to be understood, too. */
	if (strncasecmp(uri, "http://", 7) == 0)
		uri += 7 + strcspn(uri + 7, "/?");
	*len = strcspn(uri, "?");
	return uri;
}

static void
answer(struct conn *conn, struct evhttp_request *req, const struct head *head)
{
	size_t len;
	const char *path = path_of(req, &len);

	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		answer_fetch(conn, req, head, path, len);
		break;
	case EVHTTP_REQ_POST:
		if (len == strlen(VERDICT_PATH) &&
		    memcmp(path, VERDICT_PATH, len) == 0) {
			answer_verdict(conn, req);
			break;
		}
		send_empty(conn, req, 404, "Not Found");
		stray(conn->server, SERVER_STRAY_PATH, conn->visitor.from);
		break;
	default:
		must(evhttp_add_header(evhttp_request_get_output_headers(req),
		    "Allow", "GET, HEAD, POST"));
		send_empty(conn, req, 405, "Method Not Allowed");
	}
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	struct server *server = arg;
	struct conn *conn;
	struct head head;

	HASH_FIND_PTR(server->conns, &evcon, conn);
	if (conn == NULL) { /* not let in; the end is on its way */
		evhttp_send_error(req, 503, "Service Unavailable");
		return;
	}
	conn->job = NULL;
	conn->parts.count = 0;
	admission_answer(&conn->visitor, now_sec());
	read_head(req, &head);
	settle_connection(req, &head);
	if (head.bad)
		send_empty(conn, req, 400, "Bad Request");
	else
		answer(conn, req, &head);
}

/* ---- the server ---- */

static void
listen_on(struct server *server, int fd)
{
	struct evhttp_bound_socket *bound =
	    evhttp_accept_socket_with_handle(server->http, fd);
	struct evconnlistener *listener;

	if (bound == NULL)
		abort();
	listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(listener, on_accept_error);
	server->listener[server->listener_count++] = listener;
	server->port = listen_port(fd);
}

static bool
open_sockets(struct server *server, const struct server_config *config,
    struct error *err)
{
	int fd;

	if (config->fd_count > MAX_SOCKETS)
		return error_set(
		    err, EINVAL, "more than %d sockets inherited", MAX_SOCKETS);
	for (size_t i = 0; i < config->fd_count; i++) {
		if (!listen_adopt(config->fds[i], err))
			return false;
	}
	for (size_t i = 0; i < config->fd_count; i++)
		listen_on(server, config->fds[i]);
	if (config->fd_count > 0)
		return true;
	fd = listen_open(config->listen, config->port, err);
	if (fd == -1)
		return false;
	listen_on(server, fd);
	return true;
}

static void
init_http(struct server *server, struct event_base *base)
{
	server->http = evhttp_new(base);
	server->arrived = event_new(base, -1, 0, on_arrived, server);
	server->tick = evtimer_new(base, on_tick, server);
	if (server->http == NULL || server->arrived == NULL ||
	    server->tick == NULL)
		abort();
	evhttp_set_bevcb(server->http, on_accept, server);
	evhttp_set_gencb(server->http, on_request, server);
	/* All, even unknown ones: evhttp itself would answer 501 and close. */
	evhttp_set_allowed_methods(server->http, 0xffff);
	evhttp_set_max_headers_size(server->http, MAX_HEADERS);
	evhttp_set_max_body_size(server->http, MAX_BODY);
	evhttp_set_default_content_type(server->http, NULL);
}

void
server_configure(struct server *server, const struct server_config *config)
{
	server->check_source = config->check_source;
	server->admission.max = config->max_connections;
	server->admission.max_per_address = config->max_connections_per_address;
}

struct server *
server_new(struct event_base *base, const struct server_config *config,
    const struct server_ops *ops, void *ctx, struct error *err)
{
	struct server *server = xcalloc(1, sizeof(*server));

	server->ops = ops;
	server->ctx = ctx;
	server_configure(server, config);
	init_http(server, base);
	LL_PREPEND(servers, server);
	if (!random_text(server->boundary, BOUNDARY_LEN)) {
		error_set(err, EIO, "no random numbers to be had");
		server_free(server);
		return NULL;
	}
	if (!open_sockets(server, config, err)) {
		server_free(server);
		return NULL;
	}
	return server;
}

void
server_free(struct server *server)
{
	struct conn *conn, *tmp;

	if (server == NULL)
		return;
	while (server->jobs != NULL)
		server_job_free(server->jobs);
	DL_FOREACH_SAFE (server->fresh, conn, tmp) {
		DL_DELETE(server->fresh, conn);
		bufferevent_decref(conn->bev);
		free(conn);
	}
	evhttp_free(server->http); /* on_closed() for each connection */
	event_free(server->arrived);
	event_free(server->tick);
	LL_DELETE(servers, server);
	free(server);
}

uint16_t
server_port(const struct server *server)
{
	return server->port;
}
