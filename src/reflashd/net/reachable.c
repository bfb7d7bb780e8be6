/* SPDX-License-Identifier: ISC */
/*
 * Decides whether a request may go to an address, from AllowNetworks= and from
 * what the kernel says of the networks of this machine.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ratelimit.h"
#include "core/config/configuration.h"
#include "core/device/registry.h"
#include "io/conffiles.h"
#include "io/net/route.h"
#include "reflashd/net/reachable.h"

struct reachable {
	const struct setup *setup; /* borrowed */
	struct registry *registry; /* borrowed */
	void (*changed)(void *ctx);
	void *ctx;		    /* borrowed */
	struct address_facts facts; /* what this machine is */
	bool is_current;	    /* the last attempt to load them worked */
	struct ratelimit complaints;
	struct error why; /* the sentence of reachable_why_not() */
};

struct reachable *
reachable_new(const struct reachable_parts *parts)
{
	struct reachable *reachable = xcalloc(1, sizeof(*reachable));

	reachable->setup = parts->setup;
	reachable->registry = parts->registry;
	reachable->changed = parts->changed;
	reachable->ctx = parts->ctx;
	return reachable;
}

void
reachable_free(struct reachable *reachable)
{
	if (reachable == NULL)
		return;
	route_fini(&reachable->facts);
	free(reachable);
}

/*
 * Loaded again only when the kernel says that they have changed, and that is
 * asked each time.  Where they cannot be had, those of the last time count.
 * Where the kernel tells nothing, outage_look_again() finds a change.
 */
const struct address_facts *
reachable_facts(struct reachable *reachable)
{
	struct address_facts fresh;
	struct error err;

	if (!route_changed() && reachable->is_current)
		return &reachable->facts;
	if (route_fd() != -1)
		reachable->changed(reachable->ctx);
	reachable->is_current = route_load(&fresh, &err);
	if (reachable->is_current) {
		route_fini(&reachable->facts);
		reachable->facts = fresh;
	} else if (ratelimit_take(&reachable->complaints, 1, clock_now_ms())) {
		log_warning("network: %s", err.text);
	}
	return &reachable->facts;
}

static bool
is_loopback(struct in_addr address)
{
	return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool
is_configured(const struct reachable *reachable, struct in_addr address)
{
	const struct config_devices *list = &reachable->setup->config->devices;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

bool
reachable_is_at_work(const struct reachable *reachable, struct in_addr address)
{
	struct device *device = NULL;

	while ((device = registry_next(reachable->registry, device)) != NULL)
		if (state_is_at_work(device->state) &&
		    device->address.s_addr == address.s_addr)
			return true;
	return false;
}

bool
reachable_is_fetching(const struct reachable *reachable, struct in_addr address)
{
	struct device *device = NULL;

	while ((device = registry_next(reachable->registry, device)) != NULL)
		if (device->address.s_addr == address.s_addr &&
		    (device->state == STATE_OFFERING ||
			device->state == STATE_DOWNLOADING))
			return true;
	return false;
}

const char *
reachable_why_not(
    struct reachable *reachable, struct in_addr address, const char *interface)
{
	const struct match_nets *nets =
	    &reachable->setup->config->allow_networks;
	struct error *why = &reachable->why;
	const struct address_facts *own;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	/* A flash that is under way may go on: a reload disturbs none. */
	if (!match_nets_has(nets, address) &&
	    !reachable_is_at_work(reachable, address)) {
		error_set(why, EPERM, "%s is not in AllowNetworks", text);
		return why->text;
	}
	/* A rehearsal names loopback; all networks do not include it. */
	if (is_loopback(address))
		return match_nets_name_loopback(nets) ||
			reachable_is_at_work(reachable, address)
		    ? NULL
		    : "it is a loopback address";
	own = reachable_facts(reachable);
	if (own->own_count == 0)
		return "the addresses of this machine are not known";
	if (is_configured(reachable, address))
		interface = NULL;
	if (!address_may_be_contacted(own, address, interface, false, why))
		return why->text;
	return NULL;
}

bool
reachable_neighbours(struct reachable *reachable, struct in_addr around,
    uint32_t *first, uint32_t *last)
{
	return address_neighbours(
	    reachable_facts(reachable), around, first, last);
}

bool
reachable_is_own(struct reachable *reachable, struct in_addr address)
{
	return is_loopback(address) ||
	    address_is_own(reachable_facts(reachable), address);
}

bool
reachable_has_network(struct reachable *reachable)
{
	const struct address_facts *facts = reachable_facts(reachable);

	for (size_t i = 0; i < facts->own_count; i++)
		if (!is_loopback(facts->own[i].address))
			return true;
	return false;
}

bool
reachable_has_interface(struct reachable *reachable, const char *name)
{
	const struct address_facts *facts = reachable_facts(reachable);

	for (size_t i = 0; i < facts->own_count; i++)
		if (strcmp(facts->own[i].interface, name) == 0)
			return true;
	return false;
}

const char *
reachable_device_why_not(
    struct reachable *reachable, const struct device *device)
{
	/* Out of reach, no address can be told to be right or wrong. */
	if (!device->has_address || device->cut_off[0] != '\0')
		return NULL;
	return reachable_why_not(reachable, device->address, device->interface);
}

bool
reachable_advertised(const struct reachable *reachable,
    const struct device *device, struct in_addr listen, struct in_addr *local,
    struct error *err)
{
	const struct config *config = reachable->setup->config;

	if (inet_pton(AF_INET, config->advertise_address, local) == 1 &&
	    local->s_addr != INADDR_ANY)
		return true;
	/* A server that listens to one address has no other. */
	*local = listen;
	if (local->s_addr != INADDR_ANY)
		return true;
	return route_local_address(device->address, local, err);
}
