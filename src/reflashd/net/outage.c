/* SPDX-License-Identifier: ISC */
/*
 * Listens to the kernel for what this machine can reach, and to its clocks for
 * whether it slept, so that no device is blamed for what this machine missed.
 */
#include "config.h"

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
#include "io/watch.h"
#include "reflashd/net/outage_parts.h"
#include "reflashd/net/reachable.h"

#define LATE_MS	 5000 /* after its time: the daemon did not run */
#define SLEPT_MS 1000
#define PULSE_MS 2000

/* Return true, and why, if this machine cannot reach an address now. */
static bool
is_cut_off(struct outage *outage, struct in_addr address, unsigned prefix,
    char why[CONNECTIVITY_WHY_SIZE])
{
	struct address_way way;

	route_way(address, &way);
	return address_is_cut_off(reachable_facts(outage->parts.reachable),
	    address, prefix, &way, why, CONNECTIVITY_WHY_SIZE);
}

static bool
is_net_cut_off(struct outage *outage, const struct connectivity_net *net,
    char why[CONNECTIVITY_WHY_SIZE])
{
	return is_cut_off(
	    outage, net->example, net->is_routed ? 0 : net->prefix, why);
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
look_at_net(struct outage *outage, struct connectivity_net *net)
{
	char why[CONNECTIVITY_WHY_SIZE];
	bool is_out = is_net_cut_off(outage, net, why);
	enum connectivity_news news =
	    connectivity_note(net, is_out ? why : NULL, clock_awake_ms());

	if (news == CONNECTIVITY_OUT)
		tell_out(net);
	else if (news == CONNECTIVITY_BACK)
		tell_back(net);
}

/*
 * Return the network of a device.  NULL: it has no address, or it was announced
 * where this machine has no network, which any announcement can claim.
 */
static struct connectivity_net *
net_of(struct outage *outage, struct device *device)
{
	struct connectivity_net *net;
	unsigned prefix;

	if (!device->place.has_address)
		return NULL;
	prefix = address_prefix(
	    reachable_facts(outage->parts.reachable), device->place.address);
	if (prefix == 0 &&
	    device->place.prefix == 0) /* see the other devices */
		prefix =
		    connectivity_prefix(&outage->reach, device->place.address);
	if (prefix > 0)
		device->place.prefix = (uint8_t)prefix;
	if (device->place.prefix == 0 && device->place.interface[0] != '\0')
		return NULL;
	net = connectivity_find(
	    &outage->reach, device->place.address, device->place.prefix);
	if (net != NULL)
		return net;
	net = connectivity_add(
	    &outage->reach, device->place.address, device->place.prefix);
	look_at_net(outage, net);
	return net;
}

/* Note that the network of a device is back: its silence meant nothing. */
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
	device->seen.look_after_ms = 0;
	if (device->seen.is_present)
		device->seen.last_ms = clock_now_ms();
	outage_watch(outage);
	outage->parts.ops->regained(device, what, outage->parts.ctx);
}

void
outage_look_at(struct outage *outage, struct device *device)
{
	const struct connectivity_net *net = net_of(outage, device);
	bool was_out = device->place.cut_off[0] != '\0';
	bool is_out = net != NULL && net->why[0] != '\0';
	char name[32];

	if (is_out)
		snprintf(device->place.cut_off, sizeof(device->place.cut_off),
		    "this machine cannot reach %s: %s",
		    connectivity_name(net, name, sizeof(name)), net->why);
	else
		device->place.cut_off[0] = '\0';
	if (is_out && !was_out)
		outage->parts.ops->lost(device, outage->parts.ctx);
	else if (was_out && !is_out && net != NULL && net->out_ms != 0)
		regain_device(outage, device, net);
	else if (was_out && !is_out)
		outage->parts.ops->excused(
		    device, "it was at another address", outage->parts.ctx);
}

void
outage_look(struct outage *outage)
{
	struct connectivity_net *net;

	/*
	 * A network that was lost while the daemon did not get to run stops its
	 * clock only now: what was missed until then must not have counted.
	 */
	outage_catch_up(outage);
	LL_FOREACH(outage->reach.nets, net)
	look_at_net(outage, net);
	registry_foreach (outage->parts.registry, device)
		outage_look_at(outage, device);
	outage->parts.ops->looked(
	    outage->reach.nets != NULL, outage->parts.ctx);
}

void
outage_look_again(struct outage *outage)
{
	const struct connectivity_net *net;
	char why[CONNECTIVITY_WHY_SIZE];

	/* The kernel may have refused the socket so far. */
	watch_set(outage->network, route_fd());
	LL_FOREACH(outage->reach.nets, net)
	if (is_net_cut_off(outage, net, why) != (net->why[0] != '\0')) {
		outage_look(outage);
		return;
	}
}

bool
outage_is_now(struct outage *outage, const struct device *device)
{
	char why[CONNECTIVITY_WHY_SIZE];

	return device->place.cut_off[0] != '\0' ||
	    is_cut_off(
		outage, device->place.address, device->place.prefix, why);
}

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

void
outage_excuse_all(struct outage *outage, const char *what)
{
	registry_foreach (outage->parts.registry, device)
		if (device->place.cut_off[0] == '\0')
			outage->parts.ops->excused(
			    device, what, outage->parts.ctx);
}

/* Return how long this machine has slept since it was switched on. */
static uint64_t
slept_ms(void)
{
	uint64_t awake = clock_awake_ms(), all = clock_now_ms();

	return all > awake ? all - awake : 0;
}

/* Log a gap and excuse the devices; what: "this machine slept for", say. */
static void
note_gap(struct outage *outage, int priority, const char *what, uint64_t gap_ms)
{
	char why[120], time[32];

	snprintf(why, sizeof(why), "%s %s", what,
	    text_duration(time, sizeof(time), gap_ms / 1000));
	log_fields(priority, NULL, 0,
	    "network: %s; what was not heard meanwhile does not count", why);
	outage_excuse_all(outage, why);
}

void
outage_due(struct outage *outage, uint64_t due_ms)
{
	uint64_t now = clock_awake_ms(), slept = slept_ms();
	bool is_new = outage->reach.missed_until_ms + LATE_MS < now;

	if (slept > outage->slept_ms + SLEPT_MS) {
		connectivity_slept(&outage->reach, now);
		note_gap(outage, LOG_INFO, "this machine slept for",
		    slept - outage->slept_ms);
	}
	outage->slept_ms = slept;
	if (now < due_ms + LATE_MS)
		return;
	/* The clocks stand before anybody looks at them. */
	connectivity_missed(&outage->reach, due_ms, now);
	if (is_new)
		note_gap(outage, LOG_WARNING, "reflashd did not get to run for",
		    now - due_ms);
}

void
outage_catch_up(struct outage *outage)
{
	if (timer_is_set(outage->pulse))
		outage_due(outage, outage->pulse_ms);
}

static bool
has_work(const struct outage *outage)
{
	registry_foreach (outage->parts.registry, device)
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

/* Find out whether the daemon runs late, even if no other timer is due soon. */
static void
on_pulse(void *ctx)
{
	struct outage *outage = ctx;

	outage_due(outage, outage->pulse_ms);
	outage_look_again(outage);
	if (has_work(outage))
		outage_watch(outage);
}

static void
on_change(void *ctx)
{
	struct outage *outage = ctx;

	/* Reads what the kernel has to say. */
	reachable_facts(outage->parts.reachable);
	outage_look(outage);
}

void
outage_changed(struct outage *outage)
{
	watch_call(outage->network);
}

struct outage *
outage_new(const struct outage_parts *parts)
{
	struct outage *outage = xcalloc(1, sizeof(*outage));

	outage->parts = *parts;
	outage->slept_ms = slept_ms();
	outage->pulse = timer_new(parts->base, on_pulse, outage);
	outage->network = watch_new(parts->base, on_change, outage);
	watch_set(outage->network, route_fd());
	return outage;
}

void
outage_free(struct outage *outage)
{
	if (outage == NULL)
		return;
	watch_free(outage->network);
	timer_free(outage->pulse);
	connectivity_fini(&outage->reach);
	free(outage);
}

void
outage_problems(const struct outage *outage, json_t *problems)
{
	const struct connectivity_net *net;
	const char *lost = reachable_lost(outage->parts.reachable);
	char name[32];

	outage_starved_problem(outage, problems);
	if (lost != NULL)
		json_array_append_new(
		    problems, json_sprintf("network: %s", lost));
	LL_FOREACH(outage->reach.nets, net)
	if (net->why[0] != '\0')
		json_array_append_new(problems,
		    json_sprintf("network: this machine cannot reach %s: %s; "
				 "nothing is started there",
			connectivity_name(net, name, sizeof(name)), net->why));
}
