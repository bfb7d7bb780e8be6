/* SPDX-License-Identifier: ISC */
/*
 * Listens to the kernel for what this machine can reach, and to its clocks for
 * whether it slept, so that no device is blamed for what this machine missed.
 */
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
#include "core/device/registry.h"
#include "io/net/route.h"
#include "io/timer.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"

#define MAX_LINES 20   /* of the log, of one network in ten minutes */
#define LATE_MS	  5000 /* behind its time, nobody was at work here */
#define SLEPT_MS  1000
#define PULSE_MS  2000

struct outage {
	struct event_base *base;     /* borrowed */
	struct reachable *reachable; /* borrowed */
	struct registry *registry;   /* borrowed */
	const struct outage_ops *ops;
	void *ctx;	       /* borrowed */
	struct event *network; /* what this machine can reach has changed */
	struct connectivity reach;
	uint64_t slept_ms;   /* this machine, as far as is known */
	struct timer *pulse; /* while devices are at work: do we run? */
	uint64_t pulse_ms;   /* awake: when it is due */
	uint64_t starved_ms; /* awake: no device is let in since; 0: they are */
	int starved_why;     /* errno */
	struct ratelimit starved_lines;
};

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
net_of(struct outage *outage, struct device *device)
{
	struct connectivity_net *net;
	unsigned prefix;

	if (!device->has_address)
		return NULL;
	prefix =
	    address_prefix(reachable_facts(outage->reachable), device->address);
	if (prefix == 0 && device->prefix == 0) /* others were there */
		prefix = connectivity_prefix(&outage->reach, device->address);
	if (prefix > 0)
		device->prefix = (uint8_t)prefix;
	if (device->prefix == 0 && device->interface[0] != '\0')
		return NULL;
	net =
	    connectivity_find(&outage->reach, device->address, device->prefix);
	if (net != NULL)
		return net;
	net = connectivity_add(&outage->reach, device->address, device->prefix);
	look_at_net(outage->reachable, net);
	return net;
}

/*
 * The socket may have been refused when it was asked for last, and may be
 * granted now.
 */
static void
listen_to_kernel(struct outage *outage)
{
	struct event *network = outage->network;

	if (event_pending(network, EV_READ, NULL) || route_fd() == -1)
		return;
	event_del(network);
	event_assign(network, outage->base, route_fd(), EV_READ | EV_PERSIST,
	    event_get_callback(network), outage);
	event_add(network, NULL);
}

/* ---- devices ----------------------------------------------------------- */

/* What was not heard of the device meanwhile says nothing. */
static void
regain_device(struct outage *outage, struct device *device,
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
	outage_watch(outage);
	outage->ops->regained(device, what, outage->ctx);
}

void
outage_look_at(struct outage *outage, struct device *device)
{
	const struct connectivity_net *net = net_of(outage, device);
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
		outage->ops->lost(device, outage->ctx);
	else if (was_out && !is_out && net != NULL && net->out_ms != 0)
		regain_device(outage, device, net);
	else if (was_out && !is_out)
		outage->ops->excused(
		    device, "it was at another address", outage->ctx);
}

void
outage_look(struct outage *outage)
{
	struct device *device = NULL;
	struct connectivity_net *net;

	LL_FOREACH(outage->reach.nets, net)
	look_at_net(outage->reachable, net);
	while ((device = registry_next(outage->registry, device)) != NULL)
		outage_look_at(outage, device);
	outage->ops->looked(outage->reach.nets != NULL, outage->ctx);
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
outage_look_again(struct outage *outage)
{
	const struct connectivity_net *net;

	listen_to_kernel(outage);
	LL_FOREACH(outage->reach.nets, net)
	if (has_changed(outage->reachable, net)) {
		outage_look(outage);
		return;
	}
}

bool
outage_is_now(struct outage *outage, const struct device *device)
{
	char why[CONNECTIVITY_WHY_SIZE];

	return device->cut_off[0] != '\0' ||
	    is_cut_off(outage->reachable, device->address, device->prefix, why,
		sizeof(why));
}

/* ---- time -------------------------------------------------------------- */

uint64_t
outage_clock(struct outage *outage, struct device *device,
    struct connectivity_clock *clock)
{
	return connectivity_clock(
	    clock, net_of(outage, device), clock_awake_ms());
}

void
outage_heard(struct connectivity_clock *clock)
{
	connectivity_heard(clock, clock_awake_ms());
}

static void
excuse_all(struct outage *outage, const char *what)
{
	struct device *device = NULL;

	while ((device = registry_next(outage->registry, device)) != NULL)
		if (device->cut_off[0] == '\0')
			outage->ops->excused(device, what, outage->ctx);
}

/* How long this machine has slept since it was switched on. */
static uint64_t
slept_ms(void)
{
	uint64_t awake = clock_awake_ms(), all = clock_now_ms();

	return all > awake ? all - awake : 0;
}

void
outage_due(struct outage *outage, uint64_t due_ms)
{
	uint64_t now = clock_awake_ms(), slept = slept_ms();
	char what[120], time[32];

	if (slept > outage->slept_ms + SLEPT_MS) {
		snprintf(what, sizeof(what), "this machine slept for %s",
		    text_duration(
			time, sizeof(time), (slept - outage->slept_ms) / 1000));
		log_info("network: %s; what was not heard meanwhile does not "
			 "count",
		    what);
		connectivity_slept(&outage->reach, now);
		excuse_all(outage, what);
	}
	outage->slept_ms = slept;
	if (now < due_ms + LATE_MS)
		return;
	if (outage->reach.missed_until_ms + LATE_MS < now) {
		snprintf(what, sizeof(what),
		    "reflashd did not get to run for %s",
		    text_duration(time, sizeof(time), (now - due_ms) / 1000));
		log_warning("network: %s; what was not heard meanwhile does "
			    "not count",
		    what);
		excuse_all(outage, what);
	}
	connectivity_missed(&outage->reach, due_ms, now);
}

static bool
has_work(const struct outage *outage)
{
	struct device *device = NULL;

	while ((device = registry_next(outage->registry, device)) != NULL)
		if (state_is_at_work(device->state))
			return true;
	return false;
}

void
outage_watch(struct outage *outage)
{
	if (timer_is_set(outage->pulse))
		return;
	outage->pulse_ms = clock_awake_ms() + PULSE_MS;
	timer_set(outage->pulse, PULSE_MS);
}

/* What is waited for may be nothing that would tell how late it comes. */
static void
on_pulse(void *ctx)
{
	struct outage *outage = ctx;

	outage_due(outage, outage->pulse_ms);
	outage_look_again(outage);
	if (has_work(outage))
		outage_watch(outage);
}

/* ---- no device can be let in ---- */

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
starved_sentence(const struct outage *outage)
{
	int why = outage->starved_why;

	return xasprintf("server: this machine has no %s (%s), and so no "
			 "device can connect; what is not heard meanwhile does "
			 "not count%s",
	    lack_of(why), strerror(why), cure_of(why));
}

static void
begin_starvation(struct outage *outage, int why)
{
	char *sentence;

	outage->starved_ms = clock_awake_ms();
	outage->starved_why = why;
	if (!ratelimit_take(&outage->starved_lines, MAX_LINES, clock_now_ms()))
		return;
	sentence = starved_sentence(outage);
	log_warning("%s", sentence);
	free(sentence);
}

static void
go_on_starving(struct outage *outage)
{
	struct device *device = NULL;
	char what[120];

	connectivity_hold(&outage->reach, clock_awake_ms());
	snprintf(what, sizeof(what), "this machine has no %s",
	    lack_of(outage->starved_why));
	while ((device = registry_next(outage->registry, device)) != NULL)
		outage->ops->starved(device, what, outage->ctx);
}

static void
end_starvation(struct outage *outage)
{
	uint64_t now = clock_awake_ms();
	char what[120], time[32];

	snprintf(what, sizeof(what), "this machine had no %s for %s",
	    lack_of(outage->starved_why),
	    text_duration(
		time, sizeof(time), (now - outage->starved_ms) / 1000));
	if (ratelimit_take(&outage->starved_lines, MAX_LINES, clock_now_ms()))
		log_info("server: devices can connect again: %s", what);
	outage->starved_ms = 0;
	connectivity_release(&outage->reach, now);
	excuse_all(outage, what);
}

void
outage_starved(struct outage *outage, int why)
{
	if (outage->starved_ms == 0)
		begin_starvation(outage, why);
	if (why != 0)
		go_on_starving(outage);
	else
		end_starvation(outage);
}

/* ---- begin, end, status ------------------------------------------------ */

static void
on_change(evutil_socket_t fd, short what, void *ctx)
{
	struct outage *outage = ctx;

	(void)fd;
	(void)what;
	/* That reads what the kernel has to say. */
	reachable_facts(outage->reachable);
	outage_look(outage);
}

void
outage_changed(struct outage *outage)
{
	event_active(outage->network, EV_TIMEOUT, 0);
}

struct outage *
outage_new(const struct outage_parts *parts)
{
	struct outage *outage = xcalloc(1, sizeof(*outage));

	outage->base = parts->base;
	outage->reachable = parts->reachable;
	outage->registry = parts->registry;
	outage->ops = parts->ops;
	outage->ctx = parts->ctx;
	outage->slept_ms = slept_ms();
	outage->pulse = timer_new(outage->base, on_pulse, outage);
	outage->network =
	    event_new(outage->base, -1, EV_PERSIST, on_change, outage);
	if (outage->network == NULL)
		abort(); /* as when any memory is out */
	listen_to_kernel(outage);
	return outage;
}

void
outage_free(struct outage *outage)
{
	if (outage == NULL)
		return;
	event_free(outage->network);
	timer_free(outage->pulse);
	connectivity_fini(&outage->reach);
	free(outage);
}

void
outage_problems(const struct outage *outage, json_t *problems)
{
	const struct connectivity_net *net;
	char name[32], *sentence;

	if (outage->starved_ms != 0) {
		sentence = starved_sentence(outage);
		json_array_append_new(problems, json_string(sentence));
		free(sentence);
	}
	LL_FOREACH(outage->reach.nets, net)
	if (net->why[0] != '\0')
		json_array_append_new(problems,
		    json_sprintf("network: this machine cannot reach %s: %s; "
				 "nothing is started there",
			connectivity_name(net, name, sizeof(name)), net->why));
}
