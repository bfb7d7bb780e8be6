/* SPDX-License-Identifier: ISC */
/* Tries the connection to the broker step by step, for reflash-mqtt -t. */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/timer.h"
#include "mqtt/broker/session.h"
#include "mqtt/broker_check.h"
#include "mqtt/message/topics.h"

#define LIMIT_MS  30000
#define NO_DEVICE "0000000000" /* an id that no device has */

/* Something that the user of the broker must be able to do. */
struct right {
	bool is_writing;
	bool is_needed;
	char *topic;	       /* owned */
	const char *otherwise; /* what does not work without it */
};

#define MAX_RIGHTS 8

struct check {
	struct event_base *base;
	struct mqtt_config config; /* a copy with another client id */
	struct topics topics;
	struct session *session;
	struct timer *limit;
	struct right rights[MAX_RIGHTS];
	size_t right_count, next_right;
	bool is_up, has_failed, knows_rights;
	enum session_fault fault;
	struct error error;
};

static void
say(const char *part, const char *how, const char *more)
{
	printf("%s: %s%s%s\n", part, how, more[0] != '\0' ? ": " : "", more);
}

static void
stop(struct check *check)
{
	event_base_loopbreak(check->base);
}

/* Take note of the answer to a right, and ask for the next one. */
static void
ask_next(struct check *check)
{
	const struct right *right;

	if (check->next_right == check->right_count) {
		stop(check);
		return;
	}
	right = &check->rights[check->next_right];
	if (right->is_writing)
		/* To remove what is not there changes nothing. */
		session_publish(check->session, right->topic, "", true);
	else
		session_subscribe(check->session, right->topic, 0);
}

static void
take_right(struct check *check, bool is_granted)
{
	const struct right *right = &check->rights[check->next_right++];
	char more[400];

	snprintf(more, sizeof(more), "%s %s%s%s",
	    right->is_writing ? "write" : "read", right->topic,
	    is_granted ? "" : ": ", is_granted ? "" : right->otherwise);
	say("rights", is_granted ? "may" : "may not", more);
	check->has_failed |= !is_granted && right->is_needed;
	ask_next(check);
}

static void
on_up(bool is_news, void *ctx)
{
	struct check *check = ctx;

	(void)is_news;
	check->is_up = true;
	if (check->knows_rights)
		ask_next(check);
	else
		stop(check);
}

static void
on_down(
    enum session_fault fault, const struct error *err, bool is_news, void *ctx)
{
	struct check *check = ctx;

	(void)is_news;
	check->fault = fault;
	check->error = *err;
	check->is_up = false;
	stop(check);
}

static void
on_message(const char *topic, const void *payload, size_t len, bool is_retained,
    void *ctx)
{
	(void)topic;
	(void)payload;
	(void)len;
	(void)is_retained;
	(void)ctx;
}

static void
on_acknowledged(bool is_refused, void *ctx)
{
	take_right(ctx, !is_refused);
}

static void
on_subscribed(int id, bool is_granted, void *ctx)
{
	(void)id;
	take_right(ctx, is_granted);
}

static void
on_ended(void *ctx)
{
	stop(ctx);
}

static const struct session_ops ops = { on_up, on_down, on_message,
	on_acknowledged, on_subscribed, on_ended };

static void
on_limit(void *ctx)
{
	struct check *check = ctx;

	check->fault = SESSION_NETWORK;
	error_set(
	    &check->error, ETIMEDOUT, "no answer within %d s", LIMIT_MS / 1000);
	check->is_up = false;
	stop(check);
}

/* Connect, and ask for the rights if that is wanted.  Returns true if it is up.
 */
static bool
connect_once(
    struct check *check, enum mqtt_protocol protocol, bool knows_rights)
{
	check->config.protocol = protocol;
	check->knows_rights = knows_rights;
	check->session =
	    session_new(check->base, &check->config, NULL, &ops, check);
	timer_set(check->limit, LIMIT_MS);
	event_base_dispatch(check->base);
	timer_stop(check->limit);
	if (check->is_up) {
		session_end(check->session);
		event_base_dispatch(check->base);
	}
	session_free(check->session);
	check->session = NULL;
	return check->is_up;
}

static void
add_right(struct check *check, bool is_writing, bool is_needed, char *topic,
    const char *otherwise)
{
	if (topic != NULL)
		check->rights[check->right_count++] =
		    (struct right){ is_writing, is_needed, topic, otherwise };
}

static void
list_rights(struct check *check)
{
	const struct topics *topics = &check->topics;
	bool commands = check->config.allowed != 0;

	if (commands)
		add_right(check, false, true, topics_own(topics, "command/#"),
		    "no command will come");
	if (topics->birth != NULL)
		add_right(check, false, true, xstrdup(topics->birth),
		    "a restart of Home Assistant is not noticed");
	add_right(check, true, true,
	    topics_device(topics, NO_DEVICE, TOPICS_STATE),
	    "nothing is published at all");
	add_right(check, true, true,
	    topics_device(topics, NO_DEVICE, TOPICS_CONFIG),
	    "Home Assistant will find no device");
	add_right(check, false, false, topics_own(topics, "device/#"),
	    "devices that are gone stay on the broker");
}

/* Say what has worked before it failed, and what failed. */
static void
say_fault(const struct check *check)
{
	const bool has_tls = check->config.has_tls;
	static const char *const parts[] = {
		[SESSION_NAME] = "name",
		[SESSION_NETWORK] = "connection",
		[SESSION_CERTIFICATE] = "certificate",
		[SESSION_LOGIN] = "login",
		[SESSION_PROTOCOL] = "protocol",
	};

	if (check->fault >= SESSION_NETWORK)
		say("name", "ok", check->config.host);
	if (check->fault >= SESSION_CERTIFICATE)
		say("connection", "ok", "");
	if (check->fault >= SESSION_LOGIN && has_tls)
		say("certificate", "ok", "");
	say(parts[check->fault], "FAILS", check->error.text);
}

static void
say_good(const struct check *check)
{
	say("name", "ok", check->config.host);
	say("connection", "ok", "");
	say("certificate", check->config.has_tls ? "ok" : "none, as TLS is off",
	    "");
	say("login", "ok",
	    check->config.user != NULL ? check->config.user : "without a name");
}

static bool
run(struct check *check)
{
	if (!connect_once(check, check->config.protocol, false)) {
		say_fault(check);
		return false;
	}
	say_good(check);
	list_rights(check);
	/* Only MQTT 5 says that a message was refused. */
	if (!connect_once(check, MQTT_PROTOCOL_IS_5, true) &&
	    check->next_right == 0)
		say("rights", "not known",
		    "the broker does not tell with this version of MQTT");
	else if (check->next_right < check->right_count) {
		say("rights", "FAILS", check->error.text);
		return false;
	}
	return !check->has_failed;
}

bool
broker_check(const struct mqtt_config *config)
{
	struct check check = { .config = *config };
	bool is_good;

	/* A broker that hangs up is one of the things to tell. */
	signal(SIGPIPE, SIG_IGN);
	check.base = event_base_new();
	if (check.base == NULL)
		abort(); /* as when any memory is out */
	check.limit = timer_new(check.base, on_limit, &check);
	check.config.client_id = xasprintf("%s-check", config->client_id);
	topics_init(&check.topics, config->prefix, config->site,
	    config->discovery_prefix, config->birth_topic);
	is_good = run(&check);
	for (size_t i = 0; i < check.right_count; i++)
		free(check.rights[i].topic);
	topics_fini(&check.topics);
	free(check.config.client_id);
	timer_free(check.limit);
	event_base_free(check.base);
	return is_good;
}
