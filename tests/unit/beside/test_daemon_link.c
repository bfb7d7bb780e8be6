/* SPDX-License-Identifier: ISC */
/* The link to the daemon, at the other end of which the test itself is. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/unixsock.h"
#include "beside/daemon_link.h"

#include "unit/test.h"

#define LONG (20) /* s until a test has failed */

/* Both ends: what the link has told, and the daemon of the test. */
struct world {
	struct event_base *base;
	char folder[32], path[64];
	struct daemon_link *link;
	char told[512]; /* a word for each callback */
	int listener;
	struct event *accepts;
	struct bufferevent *client;
	char asked[512];      /* the "do" of each request */
	const char *greeting; /* sent when a client has come */
	const char *after;    /* sent once "devices" was asked */
};

static void
note(struct world *world, const char *word)
{
	size_t used = strlen(world->told);

	snprintf(world->told + used, sizeof(world->told) - used, "%s%s",
	    used > 0 ? " " : "", word);
}

static void
listing(void *ctx)
{
	note(ctx, "listing");
}

static void
device(const json_t *one, void *ctx)
{
	note(ctx, json_string_value(json_object_get(one, "id")));
}

static void
forgotten(const char *id, void *ctx)
{
	note(ctx, "forgotten");
	note(ctx, id);
}

static void
listed(void *ctx)
{
	note(ctx, "listed");
}

static void
down(const struct error *err, void *ctx)
{
	note(ctx, "down:");
	note(ctx, err->text);
}

static const struct daemon_link_ops ops = { listing, device, forgotten, listed,
	down };

static void
say(struct world *world, const char *text)
{
	bufferevent_write(world->client, text, strlen(text));
}

static void
on_request(struct bufferevent *bev, void *ctx)
{
	struct world *world = ctx;
	char *line;

	while ((line = evbuffer_readln(bufferevent_get_input(bev), NULL,
		    EVBUFFER_EOL_LF)) != NULL) {
		json_t *request = json_loads(line, 0, NULL);
		const char *word =
		    json_string_value(json_object_get(request, "do"));
		size_t used = strlen(world->asked);

		assert_non_null(word);
		snprintf(world->asked + used, sizeof(world->asked) - used,
		    "%s ", word);
		if (strcmp(word, "devices") == 0 && world->after != NULL)
			say(world, world->after);
		json_decref(request);
		free(line);
	}
}

static void
on_client(evutil_socket_t fd, short what, void *ctx)
{
	struct world *world = ctx;
	int client = accept(fd, NULL, NULL);

	(void)what;
	assert_int_not_equal(client, -1);
	evutil_make_socket_nonblocking(client);
	if (world->client != NULL)
		bufferevent_free(world->client);
	world->client =
	    bufferevent_socket_new(world->base, client, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(world->client, on_request, NULL, NULL, world);
	bufferevent_enable(world->client, EV_READ | EV_WRITE);
	if (world->greeting != NULL)
		say(world, world->greeting);
}

static void
start_daemon(struct world *world)
{
	struct error err;

	world->listener = unixsock_listen(world->path, 0600, (gid_t)-1, &err);
	assert_int_not_equal(world->listener, -1);
	world->accepts = event_new(world->base, world->listener,
	    EV_READ | EV_PERSIST, on_client, world);
	event_add(world->accepts, NULL);
}

static void
stop_daemon(struct world *world)
{
	event_free(world->accepts);
	close(world->listener);
	if (world->client != NULL)
		bufferevent_free(world->client);
	world->client = NULL;
	world->accepts = NULL;
}

static int
set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	strcpy(world->folder, "/tmp/reflash-link-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->path, sizeof(world->path), "%s/s", world->folder);
	world->base = event_base_new();
	world->after =
	    "{\"ok\":true}\n{\"event\":\"item\",\"item\":{\"id\":\"a\"}}\n"
	    "{\"ok\":true}\n";
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	daemon_link_free(world->link);
	if (world->accepts != NULL)
		stop_daemon(world);
	unlink(world->path);
	rmdir(world->folder);
	event_base_free(world->base);
	free(world);
	return 0;
}

static void
connect_link(struct world *world)
{
	world->link = daemon_link_new(world->base, world->path, &ops, world);
}

static void
on_late(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

/* Run the loop until the link has told the text. */
static void
run_until(struct world *world, const char *text)
{
	const struct timeval limit = { LONG, 0 };
	struct event *late = evtimer_new(world->base, on_late, NULL);

	evtimer_add(late, &limit);
	while (strstr(world->told, text) == NULL &&
	    evtimer_pending(late, NULL) != 0)
		event_base_loop(world->base, EVLOOP_ONCE);
	event_free(late);
	assert_contains(world->told, text);
}

#define LINK_TEST(name) TEST_WITH(name, set_up, tear_down)

LINK_TEST(the_present_devices_come_first_and_then_their_changes)
{
	struct world *world = *state;

	start_daemon(world);
	connect_link(world);
	run_until(world, "listed");
	assert_string_equal(world->told, "listing a listed");
	assert_string_equal(world->asked, "monitor devices ");
	assert_true(daemon_link_is_listed(world->link));
	say(world,
	    "{\"event\":\"change\",\"device\":{\"id\":\"b\"}}\n"
	    "{\"event\":\"nobody knows it\"}\n"
	    "{\"event\":\"forgotten\",\"id\":\"a\"}\n");
	run_until(world, "forgotten");
	assert_string_equal(world->told, "listing a listed b forgotten a");
}

LINK_TEST(a_daemon_that_is_away_is_told_once_and_found_later)
{
	struct world *world = *state;

	connect_link(world);
	run_until(world, "down:");
	assert_false(daemon_link_is_listed(world->link));
	start_daemon(world);
	run_until(world, "listed");
	assert_ptr_equal(
	    strstr(strstr(world->told, "down:") + 1, "down:"), NULL);
}

LINK_TEST(after_a_restart_everything_comes_anew)
{
	struct world *world = *state;

	start_daemon(world);
	connect_link(world);
	run_until(world, "listed");
	stop_daemon(world);
	run_until(world, "down: the daemon has closed the connection");
	assert_false(daemon_link_is_listed(world->link));
	start_daemon(world);
	run_until(world, "connection listing a listed");
}

static void
on_answer(const json_t *reply, void *ctx)
{
	note(ctx,
	    reply == NULL				     ? "lost"
		: json_is_true(json_object_get(reply, "ok")) ? "done"
							     : "refused");
}

LINK_TEST(orders_are_answered_in_turn_and_none_is_forgotten)
{
	struct world *world = *state;

	start_daemon(world);
	connect_link(world);
	assert_false(
	    daemon_link_ask(world->link, CTL_STATUS, NULL, on_answer, world));
	run_until(world, "listed");
	for (int i = 0; i < 3; i++)
		assert_true(daemon_link_ask(world->link, CTL_PAUSE,
		    json_pack("{s:s}", "policy", "p"), on_answer, world));
	say(world,
	    "{\"ok\":true}\n{\"event\":\"item\",\"item\":{\"id\":\"x\"}}\n"
	    "{\"ok\":false}\n");
	run_until(world, "listed done refused");
	stop_daemon(world);
	run_until(world, "listed done refused lost down:");
}

static void
on_item(const json_t *item, void *ctx)
{
	note(ctx, "item");
	note(ctx, json_string_value(json_object_get(item, "x")));
}

LINK_TEST(the_items_of_an_answer_go_to_who_has_asked_and_events_to_all)
{
	struct world *world = *state;

	start_daemon(world);
	connect_link(world);
	run_until(world, "listed");
	world->told[0] = '\0';
	assert_true(daemon_link_list(
	    world->link, CTL_PLAN, NULL, on_item, on_answer, world));
	assert_true(daemon_link_list(
	    world->link, CTL_HISTORY, NULL, on_item, on_answer, world));
	say(world,
	    "{\"event\":\"item\",\"item\":{\"x\":\"a\"}}\n"
	    "{\"event\":\"change\",\"device\":{\"id\":\"d\"}}\n"
	    "{\"event\":\"item\",\"item\":{\"x\":\"b\",\"id\":\"e\"}}\n"
	    "{\"ok\":true}\n{\"event\":\"item\"}\n{\"ok\":false}\n"
	    "{\"event\":\"item\",\"item\":{\"x\":\"c\"}}\n");
	run_until(world, "item a d item b done refused");
	stop_daemon(world);
	run_until(world, "item a d item b done refused down:");
}

LINK_TEST(too_many_orders_under_way_are_refused)
{
	struct world *world = *state;
	unsigned taken = 0;

	start_daemon(world);
	connect_link(world);
	run_until(world, "listed");
	while (taken < 10000 &&
	    daemon_link_ask(world->link, CTL_STATUS, NULL, on_answer, world))
		taken++;
	assert_int_equal(taken, 256);
	world->told[0] = '\0';
	daemon_link_free(world->link);
	world->link = NULL;
	/* Whoever has asked can free what it has kept for the answer. */
	assert_memory_equal(world->told, "lost lost ", 10);
}

LINK_TEST(another_program_at_the_socket_is_not_believed)
{
	static const struct {
		const char *says, *why;
	} rows[] = {
		{ "220 smtp\n", "not reflashd" },
		{ "[1]\n", "not reflashd" },
		{ "{\"ok\":true}\n{\"ok\":true}\n{\"ok\":true}\n",
		    "what nobody asked" },
		{ "{\"ok\":false,\"error\":\"go away\"}\n",
		    "refuses: go away" },
	};
	struct world *world = *state;

	start_daemon(world);
	for (size_t i = 0; i < COUNT(rows); i++) {
		world->told[0] = '\0';
		world->after = rows[i].says;
		connect_link(world);
		run_until(world, rows[i].why);
		daemon_link_free(world->link);
		world->link = NULL;
	}
}

LINK_TEST(a_message_that_never_ends_ends_the_connection)
{
	struct world *world = *state;
	char *blanks = xcalloc(1, (3 << 20) + 1);

	memset(blanks, ' ', 3 << 20);
	world->greeting = blanks;
	start_daemon(world);
	connect_link(world);
	run_until(world, "never ends");
	free(blanks);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
