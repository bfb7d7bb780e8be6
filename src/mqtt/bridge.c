/* SPDX-License-Identifier: ISC */
/* Wires the daemon, the broker and what is published together. */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "beside/daemon_link.h"
#include "beside/mainloop.h"
#include "io/timer.h"
#include "mqtt/bridge.h"
#include "mqtt/broker/session.h"
#include "mqtt/devices.h"
#include "mqtt/ghosts.h"
#include "mqtt/message/topics.h"
#include "mqtt/orders.h"
#include "mqtt/outbox.h"

#define IN_FLIGHT  20	 /* messages that the broker has not acknowledged */
#define GHOSTS_MS  5000	 /* for which old messages are listened to */
#define GRACE_MS   10000 /* until a daemon that is away counts as offline */
#define STATUS_MS  60000 /* how often the daemon is asked how it is */
#define SETTLE_MS  500	 /* after a change, before it is asked */
#define GOODBYE_MS 2000	 /* for the last words */
#define BIRTH	   "online"
#define ONLINE	   "online"
#define OFFLINE	   "offline"

struct bridge {
	const struct mqtt_config *config; /* borrowed */
	struct topics topics;
	struct session_will will;
	char *status_topic, *command_filter;
	struct outbox *outbox;
	struct devices *devices;
	struct ghosts *ghosts;
	struct daemon_link *link;
	struct session *session;
	struct orders *orders;

	struct timer *pump;   /* hands the outbox to the session */
	struct timer *tick;   /* publishes what had to wait */
	struct timer *haunt;  /* ends the search for ghosts */
	struct timer *grace;  /* the daemon is away for long */
	struct timer *status; /* asks the daemon how it is */
	struct timer *goodbye;

	int command_subscription;
	bool is_refused_told; /* that the broker takes something not */
	bool is_asking;	      /* how the daemon is */
	bool was_listed;      /* the daemon has answered at least once */
	bool is_ending;
	void (*ended)(void *ctx);
	void *ended_ctx;
};

static void
tell_manager(const struct bridge *bridge)
{
	char line[200];

	snprintf(line, sizeof(line), "%s, %s, %zu devices",
	    session_is_up(bridge->session) ? "connected to the broker"
					   : "no broker",
	    daemon_link_is_listed(bridge->link) ? "the daemon answers"
						: "no daemon",
	    devices_count(bridge->devices));
	mainloop_status(line);
}

/* Hand messages to the broker, as many as it can take now. */
static void
pump(void *ctx)
{
	struct bridge *bridge = ctx;
	struct outbox_message message;
	int wait;

	while (session_is_up(bridge->session) &&
	    session_in_flight(bridge->session) < IN_FLIGHT &&
	    outbox_take(bridge->outbox, clock_awake_ms(), &message))
		session_publish(bridge->session, message.topic, message.payload,
		    message.is_retained);
	if (bridge->is_ending && session_in_flight(bridge->session) == 0 &&
	    outbox_waiting(bridge->outbox) == 0)
		timer_set(bridge->goodbye, 0);
	wait = outbox_wait_ms(bridge->outbox, clock_awake_ms());
	if (wait >= 0 && session_is_up(bridge->session) &&
	    session_in_flight(bridge->session) < IN_FLIGHT)
		timer_set(bridge->pump, (uint64_t)(wait > 0 ? wait : 1));
}

static void
pump_soon(struct bridge *bridge)
{
	timer_set(bridge->pump, 0);
}

static void
set_status(struct bridge *bridge, const char *word)
{
	outbox_set(
	    bridge->outbox, OUTBOX_STATUS, bridge->status_topic, xstrdup(word));
	pump_soon(bridge);
	tell_manager(bridge);
}

static void
tick(void *ctx)
{
	struct bridge *bridge = ctx;
	int wait = devices_tick(bridge->devices, clock_awake_ms());

	if (wait >= 0)
		timer_set(bridge->tick, (uint64_t)wait + 1);
	pump_soon(bridge);
}

/* ---- the daemon ---------------------------------------------------------- */

static void
on_status(const json_t *reply, void *ctx)
{
	struct bridge *bridge = ctx;

	bridge->is_asking = false;
	if (json_is_true(json_object_get(reply, "ok")))
		devices_take_status(bridge->devices, reply);
	timer_set(bridge->tick, 0);
}

static void
ask_status(void *ctx)
{
	struct bridge *bridge = ctx;

	if (!bridge->is_asking)
		bridge->is_asking = daemon_link_ask(
		    bridge->link, CTL_STATUS, NULL, on_status, bridge);
	timer_set(bridge->status, STATUS_MS);
}

static void
note_change(struct bridge *bridge)
{
	if (!timer_is_set(bridge->tick))
		timer_set(bridge->tick, 0);
	if (daemon_link_is_listed(bridge->link))
		timer_set(bridge->status, SETTLE_MS);
}

static void
on_listing(void *ctx)
{
	struct bridge *bridge = ctx;

	devices_listing(bridge->devices);
}

static void
on_device(const json_t *device, void *ctx)
{
	struct bridge *bridge = ctx;

	devices_take(bridge->devices, device, clock_awake_ms());
	note_change(bridge);
}

static void
on_forgotten(const char *id, void *ctx)
{
	struct bridge *bridge = ctx;

	devices_forget(bridge->devices, id);
	note_change(bridge);
}

static void
on_listed(void *ctx)
{
	struct bridge *bridge = ctx;

	log_info("mqtt: the daemon answers, %zu devices are known",
	    devices_count(bridge->devices));
	timer_stop(bridge->grace);
	bridge->was_listed = true;
	devices_listed(bridge->devices);
	if (!bridge->is_ending)
		set_status(bridge, ONLINE);
	timer_set(bridge->tick, 0);
	timer_set(bridge->status, 0);
}

static void
on_daemon_down(const struct error *err, void *ctx)
{
	struct bridge *bridge = ctx;

	log_warning("mqtt: the daemon is away: %s", err->text);
	bridge->is_asking = false;
	if (!bridge->is_ending)
		timer_set(bridge->grace, GRACE_MS);
	tell_manager(bridge);
}

static void
on_grace(void *ctx)
{
	set_status(ctx, OFFLINE);
}

static const struct daemon_link_ops link_ops = { on_listing, on_device,
	on_forgotten, on_listed, on_daemon_down };

/* ---- the broker ---------------------------------------------------------- */

static void
subscribe_ghosts(struct bridge *bridge, bool is_on)
{
	char *filters[] = { ghosts_device_filter(&bridge->topics),
		ghosts_config_filter(&bridge->topics) };

	for (size_t i = 0; i < 2; i++) {
		if (filters[i] != NULL && is_on)
			session_subscribe(bridge->session, filters[i], 0);
		else if (filters[i] != NULL)
			session_unsubscribe(bridge->session, filters[i]);
		free(filters[i]);
	}
}

static void
on_up(bool is_news, void *ctx)
{
	struct bridge *bridge = ctx;

	if (is_news)
		log_info("broker %s:%u: connected as %s", bridge->config->host,
		    bridge->config->port, bridge->config->client_id);
	bridge->is_refused_told = false;
	outbox_renew(bridge->outbox);
	/* An "online" of a former life would be wrong. */
	if (!bridge->was_listed)
		set_status(bridge, OFFLINE);
	bridge->command_subscription =
	    session_subscribe(bridge->session, bridge->command_filter, 1);
	if (bridge->topics.birth != NULL)
		session_subscribe(bridge->session, bridge->topics.birth, 1);
	ghosts_begin(bridge->ghosts);
	subscribe_ghosts(bridge, true);
	timer_set(bridge->haunt, GHOSTS_MS);
	pump_soon(bridge);
	tell_manager(bridge);
}

/* Remove ghosts, but not before it is known who is alive. */
static void
end_haunt(void *ctx)
{
	struct bridge *bridge = ctx;
	size_t count;

	if (!session_is_up(bridge->session))
		return;
	if (!daemon_link_is_listed(bridge->link)) {
		timer_set(bridge->haunt, GHOSTS_MS);
		return;
	}
	subscribe_ghosts(bridge, false);
	count = ghosts_lay(bridge->ghosts, bridge->devices, bridge->outbox);
	if (count > 0)
		log_info("mqtt: removed what the broker held about %zu devices "
			 "that are gone",
		    count);
	pump_soon(bridge);
}

static void
on_broker_down(
    enum session_fault fault, const struct error *err, bool is_news, void *ctx)
{
	struct bridge *bridge = ctx;

	(void)fault;
	if (is_news)
		log_warning("broker %s:%u: %s", bridge->config->host,
		    bridge->config->port, err->text);
	timer_stop(bridge->haunt);
	if (bridge->is_ending)
		timer_set(bridge->goodbye, 0);
	tell_manager(bridge);
}

static void
on_message(const char *topic, const void *payload, size_t len, bool is_retained,
    void *ctx)
{
	struct bridge *bridge = ctx;
	char id[TOPICS_ID_SIZE];

	if (topics_is_command(&bridge->topics, topic, id)) {
		orders_take(bridge->orders, id, payload, len, is_retained,
		    clock_awake_ms());
		return;
	}
	if (bridge->topics.birth != NULL &&
	    strcmp(topic, bridge->topics.birth) == 0) {
		if (!is_retained && len == strlen(BIRTH) &&
		    memcmp(payload, BIRTH, len) == 0) {
			log_info("mqtt: Home Assistant has started: all is "
				 "published again");
			outbox_repeat(bridge->outbox, clock_awake_ms());
			pump_soon(bridge);
		}
		return;
	}
	ghosts_hear(bridge->ghosts, topic, payload, len, is_retained);
}

static void
on_acknowledged(bool is_refused, void *ctx)
{
	struct bridge *bridge = ctx;

	if (is_refused && !bridge->is_refused_told) {
		bridge->is_refused_told = true;
		log_warning("mqtt: the broker refuses something that is "
			    "published: may the user write to %s/# and %s/#? "
			    "reflash-mqtt -t says which it may not",
		    bridge->topics.base,
		    bridge->topics.discovery != NULL ? bridge->topics.discovery
						     : bridge->topics.base);
	}
	pump_soon(bridge);
}

static void
on_subscribed(int id, bool is_granted, void *ctx)
{
	struct bridge *bridge = ctx;

	if (is_granted)
		return;
	if (id == bridge->command_subscription && bridge->config->allowed != 0)
		log_warning("mqtt: the broker does not let this user read %s: "
			    "no command will come",
		    bridge->command_filter);
	else
		log_debug("mqtt", "a subscription was refused");
}

static void
on_ended(void *ctx)
{
	struct bridge *bridge = ctx;

	timer_stop(bridge->goodbye);
	bridge->ended(bridge->ended_ctx);
}

static const struct session_ops session_ops = { on_up, on_broker_down,
	on_message, on_acknowledged, on_subscribed, on_ended };

/* ---- its life ------------------------------------------------------------ */

static void
on_goodbye(void *ctx)
{
	struct bridge *bridge = ctx;

	session_end(bridge->session);
}

static void
on_answered(void *ctx)
{
	struct bridge *bridge = ctx;

	pump_soon(bridge);
	if (daemon_link_is_listed(bridge->link))
		timer_set(bridge->status, SETTLE_MS);
}

static void
make_timers(struct bridge *bridge, struct event_base *base)
{
	bridge->pump = timer_new(base, pump, bridge);
	bridge->tick = timer_new(base, tick, bridge);
	bridge->haunt = timer_new(base, end_haunt, bridge);
	bridge->grace = timer_new(base, on_grace, bridge);
	bridge->status = timer_new(base, ask_status, bridge);
	bridge->goodbye = timer_new(base, on_goodbye, bridge);
}

struct bridge *
bridge_new(struct event_base *base, const struct mqtt_config *config,
    const char *socket_path)
{
	struct bridge *bridge = xcalloc(1, sizeof(*bridge));
	struct orders_needs needs;

	bridge->config = config;
	topics_init(&bridge->topics, config->prefix, config->site,
	    config->discovery_prefix, config->birth_topic);
	bridge->status_topic = topics_own(&bridge->topics, "status");
	bridge->command_filter = topics_own(&bridge->topics, "command/#");
	bridge->will = (struct session_will){ bridge->status_topic, OFFLINE };
	make_timers(bridge, base);
	bridge->outbox = outbox_new();
	bridge->devices =
	    devices_new(bridge->outbox, &bridge->topics, config->allowed);
	bridge->ghosts = ghosts_new(&bridge->topics);
	bridge->link = daemon_link_new(base, socket_path, &link_ops, bridge);
	bridge->session =
	    session_new(base, config, &bridge->will, &session_ops, bridge);
	needs = (struct orders_needs){ config, &bridge->topics, bridge->devices,
		bridge->link, bridge->outbox, on_answered, bridge };
	bridge->orders = orders_new(&needs);
	return bridge;
}

void
bridge_free(struct bridge *bridge)
{
	if (bridge == NULL)
		return;
	daemon_link_free(bridge->link);
	session_free(bridge->session);
	orders_free(bridge->orders);
	ghosts_free(bridge->ghosts);
	devices_free(bridge->devices);
	outbox_free(bridge->outbox);
	timer_free(bridge->pump);
	timer_free(bridge->tick);
	timer_free(bridge->haunt);
	timer_free(bridge->grace);
	timer_free(bridge->status);
	timer_free(bridge->goodbye);
	topics_fini(&bridge->topics);
	free(bridge->status_topic);
	free(bridge->command_filter);
	free(bridge);
}

void
bridge_end(struct bridge *bridge, void (*ended)(void *ctx), void *ctx)
{
	bridge->ended = ended;
	bridge->ended_ctx = ctx;
	bridge->is_ending = true;
	timer_stop(bridge->grace);
	timer_set(bridge->goodbye, GOODBYE_MS);
	set_status(bridge, OFFLINE);
}
