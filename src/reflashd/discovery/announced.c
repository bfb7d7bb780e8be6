/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/sonoff/announce.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/discovery/announced.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/scheduler.h"

/* This machine is on another network now, and so may the device be. */
static bool
is_off_our_nets(const struct device *device)
{
	return device->prefix > 0 &&
	    address_prefix(reachable_facts(), device->address) == 0;
}

/*
 * It has an address, and is announced at another, which may be contacted.
 * True: the new one counts from now on.
 */
static bool
change_address(
    struct daemon *daemon, struct device *device, const struct announce *a)
{
	switch (device->state) {
	case STATE_OFFERING:
	case STATE_DOWNLOADING:
		/* Its address is the one that was told to fetch. */
		flash_expect(device, a->address);
		return false;
	case STATE_REBOOTING:
		/* It should have left: this may be somebody else. */
		identify_whether_stock(
		    daemon, device, a->address, a->interface);
		return false;
	default:
		if (reachable_device_why_not(daemon, device) != NULL ||
		    is_off_our_nets(device)) {
			device_set_address(device, a->address, a->interface);
			return true;
		}
		id_conflict_heard(daemon, device, a->address, a->interface);
		return false;
	}
}

/*
 * A better address never gives way to one that must not be contacted, or
 * anybody could send a job's calls where he likes.
 */
static bool
take_address(
    struct daemon *daemon, struct device *device, const struct announce *a)
{
	const char *why;

	if (!device->has_address) {
		device_set_address(device, a->address, a->interface);
		return true;
	}
	why = reachable_why_not(daemon, a->address, a->interface);
	if (device->address.s_addr == a->address.s_addr) {
		/* Perhaps by another interface than it was heard by before. */
		if (why == NULL)
			device_set_address(device, a->address, a->interface);
		return true;
	}
	if (why == NULL)
		return change_address(daemon, device, a);
	log_debug("discovery", "%s: ignored: %s", device->id, why);
	return false;
}

/* Not its port: that would send our calls wherever somebody likes. */
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
fits(const struct daemon *daemon, const struct announce *a)
{
	const struct policy_facts facts = {
		.id = a->id,
		.type = a->type[0] != '\0' ? a->type : NULL,
		.firmware = a->firmware[0] != '\0' ? a->firmware : NULL,
		.address = a->address,
		.has_address = a->has_address,
	};
	bool undecided = false;

	return policy_find(daemon->setup.policies, &facts, &undecided) !=
	    NULL ||
	    undecided;
}

static void
complain_of_numbers(struct daemon *daemon)
{
	uint64_t now = clock_now_ms();
	unsigned count;

	ratelimit_take(&daemon->no_room, 0, now);
	count = ratelimit_tell(&daemon->no_room, now);
	if (count > 0)
		log_warning("discovery: %u devices are known, as many as "
			    "MaxDevices allows; announcements of further ones "
			    "are not looked at (%u so far)",
		    daemon->setup.config->max_devices, count);
}

static void
seen(struct daemon *daemon, const struct announce *a)
{
	struct device *device = registry_get(daemon->registry, a->id,
	    scheduler_rank(daemon->scheduler, a->id, fits(daemon, a)));

	if (device == NULL) {
		complain_of_numbers(daemon);
		return;
	}
	if (device_took_image(device)) {
		if (a->has_address)
			identify_whether_stock(
			    daemon, device, a->address, a->interface);
		return;
	}
	if (a->has_address && !take_address(daemon, device, a))
		return;
	device->seen_ms = clock_now_ms();
	if (!state_is_at_work(device->state)) /* a job asks the device itself */
		take_facts(device, a);
	device->present = true;
	if (!state_is_at_work(device->state))
		scheduler_consider(daemon->scheduler, device);
}

void
announced_announced(struct daemon *daemon, const struct announce *a)
{
	/* The lines of another program: it must not choose where calls go. */
	if (a->kind == ANNOUNCE_SEEN &&
	    !reachable_has_interface(a->interface)) {
		log_debug("discovery",
		    "%s: ignored: this machine has no "
		    "network at its interface \"%s\"",
		    a->instance, a->interface);
		return;
	}
	if (strcmp(a->service, ANNOUNCE_EWELINK) != 0) {
		if (a->kind == ANNOUNCE_SEEN)
			postflash_run_announced(daemon, a);
		return;
	}
	if (!a->is_target || a->id[0] == '\0')
		log_debug("discovery", "%s: %s", a->instance, a->text);
	else if (a->kind == ANNOUNCE_SEEN)
		seen(daemon, a);
	else
		log_debug("discovery", "%s: said to be gone", a->id);
}
