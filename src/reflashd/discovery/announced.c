/* SPDX-License-Identifier: ISC */
/*
 * Takes in what devices announce, as far as it can be believed, and notes for
 * the scheduler that something was learned.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/device/registry.h"
#include "core/sonoff/announce.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/discovery/announced.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/scheduler.h"

/* Return true if this machine has left the network that the device was on. */
static bool
is_off_our_nets(
    const struct discovery_parts *parts, const struct device *device)
{
	return device->place.prefix > 0 &&
	    address_prefix(
		reachable_facts(parts->reachable), device->place.address) == 0;
}

/*
 * A device that has an address is announced at another one, which may be
 * contacted.  Return true if the new address counts from now on.
 */
static bool
change_address(const struct discovery_parts *parts, struct device *device,
    const struct announce *a)
{
	switch (device->state) {
	case STATE_OFFERING:
	case STATE_DOWNLOADING:
		/* The download is tied to the address that was told. */
		flash_expect(device, a->address);
		return false;
	case STATE_REBOOTING:
		/* The device should have left: this may be another one. */
		identify_whether_stock(
		    parts->identify, device, a->address, a->interface);
		return false;
	default:
		if (reachable_device_why_not(parts->reachable, device) !=
			NULL ||
		    is_off_our_nets(parts, device)) {
			device_set_address(device, a->address, a->interface);
			return true;
		}
		id_conflict_heard(
		    parts->id_conflict, device, a->address, a->interface);
		return false;
	}
}

/*
 * Take the announced address, but never one that must not be contacted instead
 * of another: a stranger could send the calls of a job there.  Returns false if
 * the announcement does not count.
 */
static bool
take_address(const struct discovery_parts *parts, struct device *device,
    const struct announce *a)
{
	const char *why;

	if (!device->place.has_address) {
		device_set_address(device, a->address, a->interface);
		return true;
	}
	why = reachable_why_not(parts->reachable, a->address, a->interface);
	if (device->place.address.s_addr == a->address.s_addr) {
		/* It may be heard at another interface than before. */
		if (why == NULL)
			device_set_address(device, a->address, a->interface);
		return true;
	}
	if (why == NULL)
		return change_address(parts, device, a);
	log_debug("discovery", "%s: ignored: %s", device->id, why);
	return false;
}

/* Do not take the port: a stranger could send our calls to any. */
static void
take_facts(struct device *device, const struct announce *a)
{
	struct device_said said = { .encrypted = a->encrypted,
		.has_switches = a->has_switches,
		.is_old = a->is_old,
		.port = a->port,
		.has_seq = a->has_seq,
		.seq = a->seq };

	text_escape(device->name, sizeof(device->name), a->instance,
	    strlen(a->instance));
	text_copy(said.type, sizeof(said.type), a->type);
	text_copy(said.firmware, sizeof(said.firmware), a->firmware);
	device_hear(device, &said);
}

/* Return true if a policy fits what was announced, or may fit. */
static bool
may_fit_policy(const struct discovery_parts *parts, const struct announce *a)
{
	const struct policy_facts facts = {
		.id = a->id,
		.type = a->type[0] != '\0' ? a->type : NULL,
		.firmware = a->firmware[0] != '\0' ? a->firmware : NULL,
		.address = a->address,
		.has_address = a->has_address,
	};
	bool undecided = false;

	return policy_find(parts->setup->policies, &facts, &undecided) !=
	    NULL ||
	    undecided;
}

static void
complain_of_numbers(
    const struct discovery_parts *parts, struct ratelimit *no_room)
{
	uint64_t now = clock_now_ms();
	unsigned count;

	ratelimit_take(no_room, 0, now);
	count = ratelimit_tell(no_room, now);
	if (count > 0)
		log_warning("discovery: %u devices are known, as many as "
			    "MaxDevices allows; announcements of further ones "
			    "are not looked at (%u so far)",
		    parts->setup->config->max_devices, count);
}

/*
 * Make a device that was not known.  Its rank, by which it may take the place
 * of a lesser one, is found at once: another may come in this turn.
 */
static struct device *
meet_device(const struct discovery_parts *parts, struct ratelimit *no_room,
    const struct announce *a)
{
	enum device_rank rank =
	    scheduler_rank(parts->scheduler, a->id, may_fit_policy(parts, a));
	struct device *device;

	/* The questions and jobs of the others must count. */
	if (!registry_has_room(parts->registry))
		scheduler_consider_learned(parts->scheduler);
	device = registry_get(parts->registry, a->id, rank);
	if (device == NULL)
		complain_of_numbers(parts, no_room);
	return device;
}

static void
hear_device(const struct discovery_parts *parts, struct ratelimit *no_room,
    const struct announce *a)
{
	struct device *device = registry_find(parts->registry, a->id);

	if (device == NULL)
		device = meet_device(parts, no_room, a);
	if (device == NULL)
		return;
	if (device_took_image(device)) {
		if (a->has_address)
			identify_whether_stock(
			    parts->identify, device, a->address, a->interface);
		return;
	}
	if (a->has_address && !take_address(parts, device, a))
		return;
	device->seen.last_ms = clock_now_ms();
	if (!state_is_at_work(device->state)) { /* a job asks the device */
		take_facts(device, a);
		registry_learned(parts->registry, device);
	}
	device->seen.is_present = true;
}

void
announced_hear(const struct discovery_parts *parts, struct ratelimit *no_room,
    const struct announce *a)
{
	/* reflash-scan is not trusted: it must not choose where calls go. */
	if (a->kind == ANNOUNCE_SEEN &&
	    !reachable_has_interface(parts->reachable, a->interface)) {
		log_debug("discovery",
		    "%s: ignored: this machine has no "
		    "network at its interface \"%s\"",
		    a->instance, a->interface);
		return;
	}
	if (strcmp(a->service, ANNOUNCE_EWELINK) != 0) {
		if (a->kind == ANNOUNCE_SEEN)
			postflash_run_announced(parts->postflash_run, a);
		return;
	}
	if (!a->is_target || a->id[0] == '\0')
		log_debug("discovery", "%s: %s", a->instance, a->text);
	else if (a->kind == ANNOUNCE_SEEN)
		hear_device(parts, no_room, a);
	else
		log_debug("discovery", "%s: said to be gone", a->id);
}
