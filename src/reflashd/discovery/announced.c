/* SPDX-License-Identifier: ISC */
/* Judges what devices announce, and hands on what can be believed of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
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

struct announced {
	struct announced_parts parts;
	struct ratelimit no_room; /* devices that MaxDevices= left out */
};

/* This machine is on another network now, and so may the device be. */
static bool
is_off_our_nets(const struct announced *announced, const struct device *device)
{
	return device->prefix > 0 &&
	    address_prefix(reachable_facts(announced->parts.reachable),
		device->address) == 0;
}

/*
 * A device that has an address is announced at another one, which may be
 * contacted.  Return true if the new address counts from now on.
 */
static bool
change_address(const struct announced *announced, struct device *device,
    const struct announce *a)
{
	const struct announced_parts *parts = &announced->parts;

	switch (device->state) {
	case STATE_OFFERING:
	case STATE_DOWNLOADING:
		/* Its address is the one that was told to fetch. */
		flash_expect(device, a->address);
		return false;
	case STATE_REBOOTING:
		/* It should have left: this may be somebody else. */
		identify_whether_stock(
		    parts->identify, device, a->address, a->interface);
		return false;
	default:
		if (reachable_device_why_not(parts->reachable, device) !=
			NULL ||
		    is_off_our_nets(announced, device)) {
			device_set_address(device, a->address, a->interface);
			return true;
		}
		id_conflict_heard(
		    parts->id_conflict, device, a->address, a->interface);
		return false;
	}
}

/*
 * A better address never gives way to one that must not be contacted:
 * otherwise a stranger could send the calls of a job to any address.
 */
static bool
take_address(const struct announced *announced, struct device *device,
    const struct announce *a)
{
	const char *why;

	if (!device->has_address) {
		device_set_address(device, a->address, a->interface);
		return true;
	}
	why = reachable_why_not(
	    announced->parts.reachable, a->address, a->interface);
	if (device->address.s_addr == a->address.s_addr) {
		/* Perhaps by another interface than it was heard by before. */
		if (why == NULL)
			device_set_address(device, a->address, a->interface);
		return true;
	}
	if (why == NULL)
		return change_address(announced, device, a);
	log_debug("discovery", "%s: ignored: %s", device->id, why);
	return false;
}

/* The port is not taken: a stranger could send our calls to any port. */
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

/* Does a policy fit what was announced, or may it? */
static bool
may_fit_policy(const struct announced *announced, const struct announce *a)
{
	const struct policy_facts facts = {
		.id = a->id,
		.type = a->type[0] != '\0' ? a->type : NULL,
		.firmware = a->firmware[0] != '\0' ? a->firmware : NULL,
		.address = a->address,
		.has_address = a->has_address,
	};
	bool undecided = false;

	return policy_find(announced->parts.setup->policies, &facts,
		   &undecided) != NULL ||
	    undecided;
}

static void
complain_of_numbers(struct announced *announced)
{
	uint64_t now = clock_now_ms();
	unsigned count;

	ratelimit_take(&announced->no_room, 0, now);
	count = ratelimit_tell(&announced->no_room, now);
	if (count > 0)
		log_warning("discovery: %u devices are known, as many as "
			    "MaxDevices allows; announcements of further ones "
			    "are not looked at (%u so far)",
		    announced->parts.setup->config->max_devices, count);
}

static void
hear_device(struct announced *announced, const struct announce *a)
{
	const struct announced_parts *parts = &announced->parts;
	enum device_rank rank = scheduler_rank(
	    parts->scheduler, a->id, may_fit_policy(announced, a));
	struct device *device = registry_get(parts->registry, a->id, rank);

	if (device == NULL) {
		complain_of_numbers(announced);
		return;
	}
	if (device_took_image(device)) {
		if (a->has_address)
			identify_whether_stock(
			    parts->identify, device, a->address, a->interface);
		return;
	}
	if (a->has_address && !take_address(announced, device, a))
		return;
	device->seen_ms = clock_now_ms();
	if (!state_is_at_work(device->state)) /* a job asks the device itself */
		take_facts(device, a);
	device->present = true;
	if (!state_is_at_work(device->state))
		scheduler_consider(parts->scheduler, device);
}

void
announced_hear(struct announced *announced, const struct announce *a)
{
	/* The lines of another program: it must not choose where calls go. */
	if (a->kind == ANNOUNCE_SEEN &&
	    !reachable_has_interface(
		announced->parts.reachable, a->interface)) {
		log_debug("discovery",
		    "%s: ignored: this machine has no "
		    "network at its interface \"%s\"",
		    a->instance, a->interface);
		return;
	}
	if (strcmp(a->service, ANNOUNCE_EWELINK) != 0) {
		if (a->kind == ANNOUNCE_SEEN)
			postflash_run_announced(
			    announced->parts.postflash_run, a);
		return;
	}
	if (!a->is_target || a->id[0] == '\0')
		log_debug("discovery", "%s: %s", a->instance, a->text);
	else if (a->kind == ANNOUNCE_SEEN)
		hear_device(announced, a);
	else
		log_debug("discovery", "%s: said to be gone", a->id);
}

struct announced *
announced_new(const struct announced_parts *parts)
{
	struct announced *announced = xcalloc(1, sizeof(*announced));

	announced->parts = *parts;
	return announced;
}

void
announced_free(struct announced *announced)
{
	free(announced);
}
