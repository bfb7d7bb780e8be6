/* SPDX-License-Identifier: ISC */
/*
 * The client against small servers that do, each, one thing: all in the event
 * loop of the test, every server on an address of its own in 127/8.
 */
#include "config.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <uthash.h>

#include "core/http/httpmsg.h"
#include "io/http/client.h"

#include "unit/test.h"

#define OK	    "HTTP/1.1 200 OK\r\n"
#define MAX_LOG	    16
#define MAX_SERVERS 16

/* What a server does with a connection, one entry each, the last for ever. */
enum deed {
	REPLY,	       /* whole request read: send text, close */
	REPLY_OPEN,    /* the same, but leave the connection open */
	RESET_AT_ONCE, /* when it connects */
	RESET_AFTER,   /* when the request is there: send text, reset */
	TRICKLE,       /* text, then a byte every 20 ms for ever */
	FLOOD,	       /* text again and again, as fast as it goes */
};

struct script {
	enum deed deed;
	const char *text;
};

struct server {
	struct world *world;
	struct evconnlistener *listener;
	const struct script *script; /* ends with a text of NULL */
	struct in_addr address;
	in_port_t port;
	int accepted;
	int open;
	int most_open;
	uint64_t begun[MAX_LOG]; /* ms */
	uint64_t ended[MAX_LOG];
	char request[1024]; /* the last one */
};

struct conn {
	struct server *server;
	struct bufferevent *bev;
	struct event *timer;
	struct script script;
	struct conn *prev, *next;
};

struct world {
	struct event_base *base;
	struct client *client;
	struct conn *conns;
	struct server servers[MAX_SERVERS];
	int server_count;
	int calls; /* ended */
	int wanted;
	/* Of the last call. */
	enum client_end end;
	bool sent, is_ours;
	int status;
	char body[128];
	char why[128];
	char server_name[32];
	uint64_t took_ms;
	uint64_t began;
	void (*then)(struct world *);
};

/* The clock that goes on while the machine sleeps is ahead by that. */
static uint64_t slept_ms;

uint64_t __real_clock_now_ms(void);
uint64_t __wrap_clock_now_ms(void);

uint64_t
__wrap_clock_now_ms(void)
{
	return __real_clock_now_ms() + slept_ms;
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
conn_free(struct conn *conn)
{
	struct server *server = conn->server;

	if (server->accepted <= MAX_LOG)
		server->ended[server->accepted - 1] = now_ms();
	server->open--;
	if (conn->prev != NULL)
		conn->prev->next = conn->next;
	else
		server->world->conns = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	bufferevent_free(conn->bev);
	if (conn->timer != NULL)
		event_free(conn->timer);
	free(conn);
}

static void
conn_reset(struct conn *conn)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(bufferevent_getfd(conn->bev), SOL_SOCKET, SO_LINGER, &now,
	    sizeof(now));
	conn_free(conn);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct conn *conn = arg;

	if (conn->script.deed == REPLY)
		conn_free(conn);
	else if (conn->script.deed == RESET_AFTER)
		conn_reset(conn);
	else if (conn->script.deed == FLOOD)
		bufferevent_write(
		    bev, conn->script.text, strlen(conn->script.text));
}

static void
on_trickle(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	bufferevent_write(conn->bev, "x", 1);
}

static void
on_end(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		conn_free(arg);
}

static void
act(struct conn *conn)
{
	static const struct timeval often = { .tv_usec = 20000 };

	/* Not sooner: libevent calls it when writing is enabled. */
	bufferevent_setcb(conn->bev, NULL, on_written, on_end, conn);
	if (conn->script.deed == TRICKLE) {
		conn->timer = event_new(conn->server->world->base, -1,
		    EV_PERSIST, on_trickle, conn);
		event_add(conn->timer, &often);
	}
	if (*conn->script.text == '\0')
		on_written(conn->bev, conn);
	else
		bufferevent_write(
		    conn->bev, conn->script.text, strlen(conn->script.text));
}

/* The request is expected in one piece: a device reads no more. */
static void
on_request(struct bufferevent *bev, void *arg)
{
	struct conn *conn = arg;
	struct server *server = conn->server;
	int n =
	    bufferevent_read(bev, server->request, sizeof(server->request) - 1);

	server->request[n] = '\0';
	act(conn);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *arg)
{
	struct server *server = arg;
	struct conn *conn = calloc(1, sizeof(*conn));

	(void)listener;
	(void)from;
	(void)len;
	conn->server = server;
	conn->script = *server->script;
	if (server->script[1].text != NULL)
		server->script++;
	conn->next = server->world->conns;
	if (conn->next != NULL)
		conn->next->prev = conn;
	server->world->conns = conn;
	if (server->accepted < MAX_LOG)
		server->begun[server->accepted] = now_ms();
	server->accepted++;
	if (++server->open > server->most_open)
		server->most_open = server->open;
	conn->bev = bufferevent_socket_new(
	    server->world->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(conn->bev, on_request, NULL, on_end, conn);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	if (conn->script.deed == RESET_AT_ONCE)
		conn_reset(conn);
}

static struct server *
serve(struct world *world, const struct script *script)
{
	struct server *server = &world->servers[world->server_count++];
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);

	assert_in_range(world->server_count, 1, MAX_SERVERS);
	name.sin_addr.s_addr =
	    htonl(0x7f000001 + (uint32_t)world->server_count);
	server->world = world;
	server->script = script;
	server->listener = evconnlistener_new_bind(world->base, on_accept,
	    server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
	    (struct sockaddr *)&name, sizeof(name));
	assert_non_null(server->listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(server->listener),
			     (struct sockaddr *)&name, &len),
	    0);
	server->address = name.sin_addr;
	server->port = ntohs(name.sin_port);
	return server;
}

static void
on_result(const struct client_result *result, void *ctx)
{
	struct world *world = ctx;
	const char *name = result->reply == NULL
	    ? NULL
	    : httpmsg_header(result->reply, "Server");

	world->end = result->end;
	world->sent = result->sent;
	world->is_ours = result->is_ours;
	world->status = result->status;
	world->took_ms = now_ms() - world->began;
	assert_int_equal(strlen(result->body), result->body_len);
	snprintf(world->body, sizeof(world->body), "%s", result->body);
	snprintf(world->why, sizeof(world->why), "%s", result->why);
	snprintf(world->server_name, sizeof(world->server_name), "%s",
	    name == NULL ? "" : name);
	world->calls++;
	if (world->then != NULL)
		world->then(world);
	if (world->calls >= world->wanted)
		event_base_loopbreak(world->base);
}

static struct client_call *
post(struct world *world, const struct server *server, unsigned timeout_ms,
    bool may_repeat)
{
	struct client_request req = { .http = { .method = "POST",
					  .path = "/zeroconf/info",
					  .address = server->address,
					  .port = server->port,
					  .content_type = "application/json",
					  .body = "{\"data\":{}}",
					  .body_len = 11 },
		.timeout_ms = timeout_ms,
		.may_repeat = may_repeat };

	world->began = now_ms();
	return client_send(world->client, &req, on_result, world);
}

/* Until so many calls have ended; a test that hangs is killed. */
static void
run(struct world *world, int calls)
{
	world->wanted = calls;
	alarm(20);
	if (world->calls < calls)
		event_base_dispatch(world->base);
	alarm(0);
	assert_int_equal(world->calls, calls);
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->base = event_base_new();
	world->client = client_new(world->base, NULL, NULL);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	client_free(world->client);
	for (int i = 0; i < world->server_count; i++)
		if (world->servers[i].listener != NULL)
			evconnlistener_free(world->servers[i].listener);
	while (world->conns != NULL)
		conn_free(world->conns);
	event_base_free(world->base);
	free(world);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

/* One call to one server that does one thing. */
static struct server *
ask(struct world *world, const struct script *script, unsigned timeout_ms,
    bool may_repeat)
{
	struct server *server = serve(world, script);

	post(world, server, timeout_ms, may_repeat);
	run(world, world->calls + 1);
	return server;
}

WORLD_TEST(a_request_is_answered)
{
	static const struct script script[] = {
		{ REPLY,
		    OK "Server: Tasmota/14.2.0\r\nContent-Length: "
		       "11\r\n\r\n{\"error\":0}" },
		{ 0 },
	};
	struct world *world = *state;
	struct server *server;
	char want[256];

	server = ask(world, script, 2000, false);
	assert_int_equal(world->end, CLIENT_OK);
	assert_int_equal(world->status, 200);
	assert_string_equal(world->body, "{\"error\":0}");
	assert_string_equal(world->server_name, "Tasmota/14.2.0");
	assert_string_equal(world->why, "");
	assert_true(world->sent);
	snprintf(want, sizeof(want),
	    "POST /zeroconf/info HTTP/1.1\r\nHost: 127.0.0.2:%u\r\n"
	    "Content-Type: application/json\r\nContent-Length: 11\r\n"
	    "Connection: close\r\n\r\n{\"data\":{}}",
	    server->port);
	assert_string_equal(server->request, want);
}

/* Each end of a reply that can be told apart. */
WORLD_TEST(each_way_to_end_has_its_name)
{
	/* clang-format off */
	static const struct {
		struct script script[2];
		enum client_end end;
		const char *why;
	} cases[] = {
		{ { { REPLY_OPEN, OK "Content-Length: 2\r\n\r\nhi" } }, CLIENT_OK, "" },
		{ { { REPLY, OK "\r\nhi" } }, CLIENT_OK, "" },
		{ { { REPLY_OPEN, OK "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n" } }, CLIENT_OK, "" },
		{ { { REPLY, "" } }, CLIENT_EMPTY, "the connection was closed without an answer" },
		{ { { REPLY, "HTTP/1.1 20" } }, CLIENT_BAD, "the reply is cut short" },
		{ { { REPLY, OK "Content-Length: 3\r\n\r\nhi" } }, CLIENT_BAD, "the reply is cut short" },
		{ { { REPLY_OPEN, OK "Content-Length: 3, 4\r\n\r\nhi" } }, CLIENT_BAD, "Content-Length is not a number" },
		{ { { FLOOD, "HTTP/1.1 100 Continue\r\n\r\n" } }, CLIENT_BAD, "the reply has status 100" },
		{ { { REPLY_OPEN, "garbage\r\n" } }, CLIENT_BAD, "the reply is not HTTP/1" },
		{ { { RESET_AT_ONCE, "" } }, CLIENT_RESET, "the connection was reset" },
		{ { { RESET_AFTER, "" } }, CLIENT_RESET, "the connection was reset" },
	};
	/* clang-format on */
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(world, cases[i].script, 2000, false);
		assert_string_equal(
		    client_end_word(world->end), client_end_word(cases[i].end));
		assert_string_equal(world->why, cases[i].why);
		assert_string_equal(
		    world->body, cases[i].end == CLIENT_OK ? "hi" : "");
		assert_int_equal(
		    world->status, cases[i].end == CLIENT_OK ? 200 : 0);
	}
}

WORLD_TEST(a_header_or_body_without_end_is_cut_off)
{
	static const struct script head[] = {
		{ FLOOD,
		    OK "A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n" },
		{ 0 },
	};
	static const struct script body[] = {
		{ FLOOD,
		    OK "\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
		{ 0 },
	};
	struct world *world = *state;

	ask(world, head, 2000, false);
	assert_int_equal(world->end, CLIENT_BAD);
	ask(world, body, 2000, false);
	assert_int_equal(world->end, CLIENT_BAD);
	assert_string_equal(world->why, "the body has more than 16384 bytes");
}

WORLD_TEST(nobody_there_is_refused)
{
	static const struct script script[] = { { REPLY, "" }, { 0 } };
	struct world *world = *state;
	struct server *server;

	server = serve(world, script);
	evconnlistener_free(server->listener);
	server->listener = NULL;
	post(world, server, 2000, false);
	run(world, 1);
	assert_int_equal(world->end, CLIENT_REFUSED);
	assert_false(world->sent);
}

WORLD_TEST(a_broadcast_address_is_unreachable)
{
	struct server server = { .address = { INADDR_BROADCAST }, .port = 1 };
	struct world *world = *state;

	post(world, &server, 2000, true);
	assert_int_equal(world->calls, 0);
	run(world, 1);
	assert_int_equal(world->end, CLIENT_UNREACHABLE);
	assert_false(world->sent);
}

struct turn {
	struct world *world;
	char name;
};

/* In world->body, as they end. */
static void
on_turn(const struct client_result *result, void *ctx)
{
	struct turn *turn = ctx;
	struct world *world = turn->world;

	assert_int_equal(result->end, CLIENT_OK);
	world->body[world->calls++] = turn->name;
	if (world->calls >= world->wanted)
		event_base_loopbreak(world->base);
}

static void
take_turn(struct turn *turn, const struct server *server)
{
	struct client_request req = { .http = { .method = "GET",
					  .path = "/",
					  .address = server->address,
					  .port = server->port },
		.timeout_ms = 2000,
		.is_urgent = turn->name < 'a' };

	client_send(turn->world->client, &req, on_turn, turn);
}

/* Capitals are urgent; what has begun is ended first. */
WORLD_TEST(who_is_urgent_goes_before_who_waits)
{
	static const struct script script[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *server = serve(world, script);
	struct turn turns[] = { { world, 'a' }, { world, 'b' }, { world, 'C' },
		{ world, 'd' }, { world, 'E' } };

	take_turn(&turns[0], server);
	event_base_loop(world->base, EVLOOP_ONCE); /* it begins */
	for (size_t i = 1; i < 5; i++)
		take_turn(&turns[i], server);
	run(world, 5);
	assert_string_equal(world->body, "aCEbd");
	memset(world->body, 0, sizeof(world->body));
	world->calls = 0;
	for (size_t i = 0; i < 5; i++)
		take_turn(&turns[i], server);
	run(world, 5);
	assert_string_equal(world->body, "CEabd");
}

static const char *
why_not(struct in_addr address, bool is_urgent, void *ctx)
{
	(void)is_urgent;
	return address.s_addr == ((const struct server *)ctx)->address.s_addr
	    ? "it is not allowed"
	    : NULL;
}

WORLD_TEST(who_may_not_be_contacted_is_not)
{
	static const struct script script[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *forbidden = serve(world, script);
	struct server *allowed = serve(world, script);

	client_free(world->client);
	world->client = client_new(world->base, why_not, forbidden);
	post(world, forbidden, 2000, true);
	assert_int_equal(world->calls, 0);
	run(world, 1);
	assert_int_equal(world->end, CLIENT_FORBIDDEN);
	assert_string_equal(world->why, "it is not allowed");
	assert_false(world->sent);
	post(world, allowed, 2000, true);
	run(world, 2);
	assert_int_equal(world->end, CLIENT_OK);
	assert_int_equal(forbidden->accepted, 0);
}

/* A device may have got the address of another one while the machine slept. */
WORLD_TEST(an_urgent_call_is_not_begun_after_a_sleep)
{
	static const struct script script[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	static const struct {
		uint64_t slept_ms;
		bool is_urgent, is_begun;
	} cases[] = {
		{ 0, true, true },
		{ 31000, true, true }, /* of 2 s and CLIENT_LATE_MS */
		{ 33000, true, false },
		{ 3600000, true, false },
		{ 3600000, false, true },
	};
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct server *server = serve(world, script);
		struct client_request req = { .http = { .method = "GET",
						  .path = "/",
						  .address = server->address,
						  .port = server->port },
			.timeout_ms = 2000,
			.is_urgent = cases[i].is_urgent };

		slept_ms = 0;
		client_send(world->client, &req, on_result, world);
		slept_ms = cases[i].slept_ms;
		run(world, world->calls + 1);
		assert_int_equal(server->accepted, cases[i].is_begun);
		assert_int_equal(world->sent, cases[i].is_begun);
		assert_int_equal(world->is_ours, !cases[i].is_begun);
		assert_int_equal(
		    world->end, cases[i].is_begun ? CLIENT_OK : CLIENT_TIMEOUT);
	}
	slept_ms = 0;
}

WORLD_TEST(the_deadline_does_not_move)
{
	static const struct script silent[] = {
		{ REPLY_OPEN, "HTTP/1.1 200 O" }, { 0 }
	};
	static const struct script trickle[] = {
		{ TRICKLE, OK "Content-Length: 9999\r\n\r\n" }, { 0 }
	};
	struct world *world = *state;

	ask(world, silent, 300, true);
	assert_int_equal(world->end, CLIENT_TIMEOUT);
	assert_string_equal(world->why, "no whole answer in time");
	assert_true(world->sent);
	ask(world, trickle, 300, true);
	assert_int_equal(world->end, CLIENT_TIMEOUT);
	assert_in_range(world->took_ms, 280, 5000);
}

WORLD_TEST(a_reset_is_tried_again_where_that_is_safe)
{
	static const struct script script[] = {
		{ RESET_AT_ONCE, "" },
		{ RESET_AFTER, "" },
		{ REPLY, OK "\r\nhi" },
		{ 0 },
	};
	struct world *world = *state;
	struct server *server;

	server = ask(world, script, 5000, true);
	assert_int_equal(world->end, CLIENT_OK);
	assert_int_equal(server->accepted, 3);
	assert_in_range(server->begun[1] - server->begun[0], 200, 2000);
	assert_in_range(server->begun[2] - server->begun[1], 200, 2000);

	server = ask(world, script, 5000, false);
	assert_int_equal(world->end, CLIENT_RESET);
	assert_int_equal(server->accepted, 1);
}

WORLD_TEST(a_reset_within_the_answer_is_not_tried_again)
{
	static const struct script script[] = {
		{ RESET_AFTER,
		    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab" },
		{ 0 },
	};
	struct world *world = *state;
	struct server *server;

	server = ask(world, script, 5000, true);
	assert_int_equal(server->accepted, 1);
	assert_int_equal(world->status, 0);
}

/* Closed, and reset, behind each byte but the last. */
WORLD_TEST(a_reply_may_be_cut_at_any_point)
{
	static const char reply[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	static const enum deed deeds[] = { REPLY, RESET_AFTER };
	struct script script[] = { { REPLY, "" }, { 0 } };
	struct world *world = *state;
	struct server *server = ask(world, script, 5000, false);
	char text[sizeof(reply)] = "";

	for (size_t i = 1; i < 2 * (sizeof(reply) - 1); i++) {
		size_t len = i % (sizeof(reply) - 1);

		snprintf(text, sizeof(text), "%.*s", (int)len, reply);
		script[0] =
		    (struct script){ deeds[i / (sizeof(reply) - 1)], text };
		server->script = script;
		client_free(world->client); /* a new one does not rest */
		world->client = client_new(world->base, NULL, NULL);
		post(world, server, 5000, false);
		run(world, world->calls + 1);
		assert_true(world->end == CLIENT_EMPTY ||
		    world->end == CLIENT_BAD || world->end == CLIENT_RESET);
		assert_int_equal(world->status, 0);
	}
}

WORLD_TEST(tries_end_at_the_deadline)
{
	static const struct script script[] = { { RESET_AFTER, "" }, { 0 } };
	struct world *world = *state;
	struct server *server;

	server = ask(world, script, 500, true);
	assert_int_equal(world->end, CLIENT_TIMEOUT);
	assert_string_equal(world->why, "refused or reset each time");
	assert_in_range(server->accepted, 2, 3);
	assert_true(world->sent);
}

WORLD_TEST(calls_to_one_address_wait_for_each_other)
{
	static const struct script script[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *server;

	server = serve(world, script);
	for (int i = 0; i < 4; i++)
		post(world, server, 2000, false);
	run(world, 3);
	assert_int_equal(world->calls, 3);
	run(world, 4);
	assert_int_equal(server->most_open, 1);
	for (int i = 1; i < 4; i++)
		assert_in_range(
		    server->begun[i] - server->ended[i - 1], 200, 2000);
}

WORLD_TEST(the_gap_outlives_an_empty_queue)
{
	static const struct script script[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *server;

	server = serve(world, script);
	post(world, server, 2000, false);
	run(world, 1);
	post(world, server, 2000, false);
	run(world, 2);
	assert_in_range(server->begun[1] - server->ended[0], 200, 2000);
}

WORLD_TEST(the_gap_outlives_us)
{
	static const struct script script[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *server = serve(world, script);

	post(world, server, 2000, false);
	run(world, 1);
	client_free(world->client);
	world->client = client_new(world->base, NULL, NULL);
	client_come_back(world->client);
	post(world, server, 2000, false);
	run(world, 2);
	assert_in_range(server->begun[1] - server->ended[0], 200, 2000);
}

WORLD_TEST(addresses_do_not_wait_for_each_other)
{
	static const struct script slow[] = { { REPLY_OPEN, "H" }, { 0 } };
	static const struct script fast[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *one, *two;

	one = serve(world, slow);
	two = serve(world, fast);
	post(world, one, 1000, false);
	post(world, two, 1000, false);
	run(world, 1);
	assert_int_equal(world->end, CLIENT_OK);
	post(world, one, 1000, false); /* waits for the one at work */
	run(world, 2);
	assert_int_equal(world->end, CLIENT_TIMEOUT);
	assert_int_equal(one->accepted, 1);
}

WORLD_TEST(a_cancelled_call_is_never_heard_of)
{
	static const struct script script[] = { { REPLY_OPEN, "H" }, { 0 } };
	static const struct script fast[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *slow, *quick;
	struct client_call *first, *second;

	client_cancel(NULL);
	slow = serve(world, script);
	quick = serve(world, fast);
	first = post(world, slow, 1000, false); /* before it has started */
	client_cancel(first);
	first = post(world, slow, 1000, false);
	second = post(world, slow, 1000, false);
	post(world, quick, 1000, false);
	run(world, 1);
	assert_int_equal(slow->accepted, 1);
	client_cancel(second); /* in the queue */
	second = post(world, slow, 1000, false);
	client_cancel(first); /* at work: the next one comes after the gap */
	post(world, quick, 1000, false);
	post(world, quick, 1000, false);
	run(world, 3);
	assert_int_equal(slow->accepted, 2);
	assert_in_range(slow->begun[1] - slow->begun[0], 200, 2000);
	client_cancel(second);
}

static void
free_client(struct world *world)
{
	client_free(world->client);
	world->client = NULL;
}

/* With a call at work, one in the queue, and within a callback. */
WORLD_TEST(the_client_can_be_freed_in_a_callback)
{
	static const struct script script[] = { { REPLY_OPEN, "H" }, { 0 } };
	static const struct script fast[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *slow, *quick;

	slow = serve(world, script);
	quick = serve(world, fast);
	post(world, slow, 1000, false);
	post(world, slow, 1000, false);
	post(world, quick, 1000, false);
	post(world, quick, 1000, false);
	world->then = free_client;
	run(world, 1);
}

WORLD_TEST(or_when_a_call_ends_as_it_starts)
{
	struct server server = { .address = { INADDR_BROADCAST }, .port = 1 };
	struct world *world = *state;

	post(world, &server, 2000, true);
	world->then = free_client;
	run(world, 1);
}

static void
post_again(struct world *world)
{
	struct server *server;
	static const struct script fast[] = { { REPLY, OK "\r\nyo" }, { 0 } };

	world->then = NULL;
	server = serve(world, fast);
	post(world, server, 1000, false);
}

WORLD_TEST(a_callback_may_start_a_call)
{
	static const struct script fast[] = { { REPLY, OK "\r\nhi" }, { 0 } };
	struct world *world = *state;
	struct server *server;

	server = serve(world, fast);
	world->then = post_again;
	post(world, server, 1000, false);
	run(world, 2);
	assert_string_equal(world->body, "yo");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
