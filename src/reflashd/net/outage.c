/* SPDX-License-Identifier: ISC */
/* Listens to the kernel for what this machine can reach, and tells the jobs. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "io/net/route.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/scheduler.h"

#define MAX_LINES 20   /* of the log, of one network in ten minutes */
#define LATE_MS	  5000 /* behind its time, nobody was at work here */
#define SLEPT_MS  1000
#define PULSE_MS  2000

/* ---- networks ---------------------------------------------------------- */

static bool
is_cut_off(struct reachable *reachable, struct in_addr address, unsigned prefix,
    char *why, size_t size)
{
	struct address_way way;

	route_way(address, &way);
	return address_is_cut_off(
	    reachable_facts(reachable), address, prefix, &way, why, size);
}

static void
tell_out(struct connectivity_net *net)
{
	char name[32];

	if (ratelimit_take(&net->lines, MAX_LINES, clock_now_ms()))
		log_warning("network: this machine cannot reach %s: %s; "
			    "nothing is started there, and no time counts "
			    "until it can",
		    connectivity_name(net, name, sizeof(name)), net->why);
}

static void
tell_back(struct connectivity_net *net)
{
	char name[32], time[32];

	if (ratelimit_take(&net->lines, MAX_LINES, clock_now_ms()))
		log_info("network: this machine can reach %s again, after %s",
		    connectivity_name(net, name, sizeof(name)),
		    text_duration(time, sizeof(time),
			(connectivity_outage_ms(net) + 999) / 1000));
}

static void
look_at_net(struct reachable *reachable, struct connectivity_net *net)
{
	char why[CONNECTIVITY_WHY_SIZE];
	unsigned prefix = net->is_routed ? 0 : net->prefix;
	bool is_out =
	    is_cut_off(reachable, net->example, prefix, why, sizeof(why));

	switch (connectivity_note(net, is_out ? why : NULL, clock_awake_ms())) {
	case CONNECTIVITY_SAME:
		break;
	case CONNECTIVITY_OUT:
		tell_out(net);
		break;
	case CONNECTIVITY_BACK:
		tell_back(net);
		break;
	}
}

/*
 * The network of a device.  NULL: it has no address, or is said to be where no
 * network of ours is, which anybody can say.
 */
static struct connectivity_net *
net_of(struct daemon *daemon, struct device *device)
{
	struct connectivity_net *net;
	unsigned prefix;

	if (!device->has_address)
		return NULL;
	prefix =
	    address_prefix(reachable_facts(daemon->reachable), device->address);
	if (prefix == 0 && device->prefix == 0) /* others were there */
		prefix = connectivity_prefix(&daemon->reach, device->address);
	if (prefix > 0)
		device->prefix = (uint8_t)prefix;
	if (device->prefix == 0 && device->interface[0] != '\0')
		return NULL;
	net =
	    connectivity_find(&daemon->reach, device->address, device->prefix);
	if (net != NULL)
		return net;
	net = connectivity_add(&daemon->reach, device->address, device->prefix);
	look_at_net(daemon->reachable, net);
	return net;
}

/*
 * The socket may have been refused when it was asked for last, and may be
 * granted now.
 */
static void
listen_to_kernel(struct daemon *daemon)
{
	struct event *network = daemon->network;

	if (event_pending(network, EV_READ, NULL) || route_fd() == -1)
		return;
	event_del(network);
	event_assign(network, daemon->base, route_fd(), EV_READ | EV_PERSIST,
	    event_get_callback(network), daemon);
	event_add(network, NULL);
}

/* ---- devices ----------------------------------------------------------- */

static void
lose(struct daemon *daemon, struct device *device)
{
	flash_cut_off(daemon, device);
	events_publish(daemon->events, device);
}

/* What was not heard of it meanwhile says nothing. */
static void
regain(struct daemon *daemon, struct device *device,
    const struct connectivity_net *net)
{
	uint64_t seconds = (connectivity_outage_ms(net) + 999) / 1000;
	char name[32], what[240], time[32];

	snprintf(what, sizeof(what),
	    "this machine could not reach %s for %s (%s)",
	    connectivity_name(net, name, sizeof(name)),
	    text_duration(time, sizeof(time), seconds), net->last);
	device->unwatched_s += (int64_t)seconds;
	device->look_after_ms = 0;
	if (device->present)
		device->seen_ms = clock_now_ms();
	outage_watch(daemon);
	flash_reconnected(device, what);
	postflash_run_reconnected(device);
	events_publish(daemon->events, device);
}

void
outage_look_at(struct daemon *daemon, struct device *device)
{
	const struct connectivity_net *net = net_of(daemon, device);
	bool was_out = device->cut_off[0] != '\0';
	bool is_out = net != NULL && net->why[0] != '\0';
	char name[32];

	if (is_out)
		snprintf(device->cut_off, sizeof(device->cut_off),
		    "this machine cannot reach %s: %s",
		    connectivity_name(net, name, sizeof(name)), net->why);
	else
		device->cut_off[0] = '\0';
	if (is_out && !was_out)
		lose(daemon, device);
	else if (was_out && !is_out && net != NULL && net->out_ms != 0)
		regain(daemon, device, net);
	else if (was_out && !is_out)
		flash_reconnected(device, "it was at another address");
}

void
outage_look(struct daemon *daemon)
{
	struct device *device = NULL;
	struct connectivity_net *net;

	LL_FOREACH(daemon->reach.nets, net)
	look_at_net(daemon->reachable, net);
	while ((device = registry_next(daemon->registry, device)) != NULL)
		outage_look_at(daemon, device);
	flash_look_at_local(daemon);
	if (daemon->reach.nets == NULL)
		return;
	scheduler_requery_soon(daemon->scheduler);
}

/* Whether look_at_net() would find something new there. */
static bool
has_changed(struct reachable *reachable, const struct connectivity_net *net)
{
	char why[CONNECTIVITY_WHY_SIZE];
	unsigned prefix = net->is_routed ? 0 : net->prefix;
	bool was_out = net->why[0] != '\0';

	return is_cut_off(reachable, net->example, prefix, why, sizeof(why)) !=
	    was_out;
}

void
outage_look_again(struct daemon *daemon)
{
	const struct connectivity_net *net;

	listen_to_kernel(daemon);
	LL_FOREACH(daemon->reach.nets, net)
	if (has_changed(daemon->reachable, net)) {
		outage_look(daemon);
		return;
	}
}

bool
outage_is_now(struct daemon *daemon, const struct device *device)
{
	char why[CONNECTIVITY_WHY_SIZE];

	return device->cut_off[0] != '\0' ||
	    is_cut_off(daemon->reachable, device->address, device->prefix, why,
		sizeof(why));
}

/* ---- time -------------------------------------------------------------- */

uint64_t
outage_clock(struct daemon *daemon, struct device *device,
    struct connectivity_clock *clock)
{
	return connectivity_clock(
	    clock, net_of(daemon, device), clock_awake_ms());
}

void
outage_heard(struct connectivity_clock *clock)
{
	connectivity_heard(clock, clock_awake_ms());
}

static void
excuse_all(struct daemon *daemon, const char *what)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (device->cut_off[0] == '\0')
			flash_reconnected(device, what);
}

/* How long this machine has slept since it was switched on. */
static uint64_t
slept_ms(void)
{
	uint64_t awake = clock_awake_ms(), all = clock_now_ms();

	return all > awake ? all - awake : 0;
}

void
outage_due(struct daemon *daemon, uint64_t due_ms)
{
	uint64_t now = clock_awake_ms(), slept = slept_ms();
	char what[120], time[32];

	if (slept > daemon->slept_ms + SLEPT_MS) {
		snprintf(what, sizeof(what), "this machine slept for %s",
		    text_duration(
			time, sizeof(time), (slept - daemon->slept_ms) / 1000));
		log_info("network: %s; what was not heard meanwhile does not "
			 "count",
		    what);
		connectivity_slept(&daemon->reach, now);
		excuse_all(daemon, what);
	}
	daemon->slept_ms = slept;
	if (now < due_ms + LATE_MS)
		return;
	if (daemon->reach.missed_until_ms + LATE_MS < now) {
		snprintf(what, sizeof(what),
		    "reflashd did not get to run for %s",
		    text_duration(time, sizeof(time), (now - due_ms) / 1000));
		log_warning("network: %s; what was not heard meanwhile does "
			    "not count",
		    what);
		excuse_all(daemon, what);
	}
	connectivity_missed(&daemon->reach, due_ms, now);
}

static bool
has_work(const struct daemon *daemon)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (state_is_at_work(device->state))
			return true;
	return false;
}

void
outage_watch(struct daemon *daemon)
{
	const struct timeval tv = { PULSE_MS / 1000, 0 };

	if (daemon->pulse == NULL || evtimer_pending(daemon->pulse, NULL))
		return;
	daemon->pulse_ms = clock_awake_ms() + PULSE_MS;
	evtimer_add(daemon->pulse, &tv);
}

/* What is waited for may be nothing that would tell how late it comes. */
static void
on_pulse(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)fd;
	(void)what;
	outage_due(daemon, daemon->pulse_ms);
	outage_look_again(daemon);
	if (has_work(daemon))
		outage_watch(daemon);
}

/* ---- nobody can be let in ---- */

static const char *
lack_of(int why)
{
	switch (why) {
	case EMFILE:
	case ENFILE:
		return "free file descriptors";
	case ENOMEM:
	case ENOBUFS:
		return "memory for another connection";
	default:
		return "way to accept a connection";
	}
}

static const char *
cure_of(int why)
{
	switch (why) {
	case EMFILE:
		return ". Raise LimitNOFILE= of reflashd.service";
	case ENFILE:
		return ". Other programs use them up: raise the sysctl "
		       "fs.file-max";
	case ENOMEM:
	case ENOBUFS:
		return ". Other programs use it up: \"free -m\" shows how "
		       "much there is";
	default:
		return "";
	}
}

static char *
starved_sentence(const struct daemon *daemon)
{
	int why = daemon->starved_why;

	return xasprintf("server: this machine has no %s (%s), and so no "
			 "device can connect; what is not heard meanwhile does "
			 "not count%s",
	    lack_of(why), strerror(why), cure_of(why));
}

static void
begin_starvation(struct daemon *daemon, int why)
{
	char *sentence;

	daemon->starved_ms = clock_awake_ms();
	daemon->starved_why = why;
	if (!ratelimit_take(&daemon->starved_lines, MAX_LINES, clock_now_ms()))
		return;
	sentence = starved_sentence(daemon);
	log_warning("%s", sentence);
	free(sentence);
}

static void
go_on_starving(struct daemon *daemon)
{
	struct device *device = NULL;
	char what[120];

	connectivity_hold(&daemon->reach, clock_awake_ms());
	snprintf(what, sizeof(what), "this machine has no %s",
	    lack_of(daemon->starved_why));
	while ((device = registry_next(daemon->registry, device)) != NULL) {
		flash_excuse(device, what);
		postflash_run_excuse(device);
	}
}

static void
end_starvation(struct daemon *daemon)
{
	uint64_t now = clock_awake_ms();
	char what[120], time[32];

	snprintf(what, sizeof(what), "this machine had no %s for %s",
	    lack_of(daemon->starved_why),
	    text_duration(
		time, sizeof(time), (now - daemon->starved_ms) / 1000));
	if (ratelimit_take(&daemon->starved_lines, MAX_LINES, clock_now_ms()))
		log_info("server: devices can connect again: %s", what);
	daemon->starved_ms = 0;
	connectivity_release(&daemon->reach, now);
	excuse_all(daemon, what);
}

void
outage_starved(struct daemon *daemon, int why)
{
	if (daemon->starved_ms == 0)
		begin_starvation(daemon, why);
	if (why != 0)
		go_on_starving(daemon);
	else
		end_starvation(daemon);
}

/* ---- begin, end, status ------------------------------------------------ */

static void
on_change(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	/* What the kernel has to say is read by that. */
	reachable_facts(((struct daemon *)ctx)->reachable);
	outage_look(ctx);
}

bool
outage_start(struct daemon *daemon, struct error *err)
{
	daemon->slept_ms = slept_ms();
	daemon->network =
	    event_new(daemon->base, -1, EV_PERSIST, on_change, daemon);
	daemon->pulse = evtimer_new(daemon->base, on_pulse, daemon);
	if (daemon->network == NULL || daemon->pulse == NULL)
		return error_set(err, ENOMEM, "no event for the network");
	listen_to_kernel(daemon);
	return true;
}

void
outage_changed(struct daemon *daemon)
{
	if (daemon->network != NULL)
		event_active(daemon->network, EV_TIMEOUT, 0);
}

void
outage_stop(struct daemon *daemon)
{
	if (daemon->network != NULL)
		event_free(daemon->network);
	if (daemon->pulse != NULL)
		event_free(daemon->pulse);
	daemon->network = daemon->pulse = NULL;
	connectivity_fini(&daemon->reach);
}

void
outage_problems(const struct daemon *daemon, json_t *problems)
{
	const struct connectivity_net *net;
	char name[32], *sentence;

	if (daemon->starved_ms != 0) {
		sentence = starved_sentence(daemon);
		json_array_append_new(problems, json_string(sentence));
		free(sentence);
	}
	LL_FOREACH(daemon->reach.nets, net)
	if (net->why[0] != '\0')
		json_array_append_new(problems,
		    json_sprintf("network: this machine cannot reach %s: %s; "
				 "nothing is started there",
			connectivity_name(net, name, sizeof(name)), net->why));
}
