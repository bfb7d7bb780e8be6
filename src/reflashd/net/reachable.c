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
	struct reachable_parts parts;
	struct address_facts facts; /* the networks of this machine */
	bool is_current;	    /* the last attempt to load them worked */
	struct ratelimit complaints;
	struct error why;  /* the sentence of reachable_why_not() */
	struct error lost; /* why that attempt did not work */
};

struct reachable *
reachable_new(const struct reachable_parts *parts)
{
	struct reachable *reachable = xcalloc(1, sizeof(*reachable));

	reachable->parts = *parts;
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
 * Load the facts again only when the kernel says that they have changed.  If
 * that fails, the earlier facts count, and the next call tries again.  It is
 * told as a change only once it has succeeded: that telling leads to the next
 * call.  If the kernel says nothing, outage_look_again() finds the change.
 */
const struct address_facts *
reachable_facts(struct reachable *reachable)
{
	bool is_told = route_changed(), was_current = reachable->is_current;
	struct address_facts fresh;

	if (!is_told && was_current)
		return &reachable->facts;
	reachable->is_current = route_load(&fresh, &reachable->lost);
	if (reachable->is_current) {
		route_fini(&reachable->facts);
		reachable->facts = fresh;
	} else if (ratelimit_take(&reachable->complaints, 1, clock_now_ms())) {
		log_warning("network: %s", reachable->lost.text);
	}
	if (route_fd() != -1 && (is_told || reachable->is_current))
		reachable->parts.changed(reachable->parts.ctx);
	return &reachable->facts;
}

const char *
reachable_lost(struct reachable *reachable)
{
	reachable_facts(reachable);
	return reachable->is_current ? NULL : reachable->lost.text;
}

static bool
is_loopback(struct in_addr address)
{
	return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool
reachable_is_configured(
    const struct reachable *reachable, struct in_addr address)
{
	const struct config_devices *list =
	    &reachable->parts.setup->config->devices;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

bool
reachable_is_at_work(const struct reachable *reachable, struct in_addr address)
{
	registry_foreach (reachable->parts.registry, device)
		if (state_is_at_work(device->state) &&
		    device->place.address.s_addr == address.s_addr)
			return true;
	return false;
}

const char *
reachable_why_not(
    struct reachable *reachable, struct in_addr address, const char *interface)
{
	const struct networks *nets =
	    &reachable->parts.setup->config->allow_networks;
	struct error *why = &reachable->why;
	const struct address_facts *own;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	/* A reload does not disturb a flash that is under way. */
	if (!networks_has(nets, address) &&
	    !reachable_is_at_work(reachable, address)) {
		error_set(why, EPERM, "%s is not in AllowNetworks", text);
		return why->text;
	}
	/* A rehearsal names loopback; "all networks" does not include it. */
	if (is_loopback(address))
		return networks_name_loopback(nets) ||
			reachable_is_at_work(reachable, address)
		    ? NULL
		    : "it is a loopback address";
	own = reachable_facts(reachable);
	if (own->own_count == 0)
		return "the addresses of this machine are not known";
	if (reachable_is_configured(reachable, address))
		interface = NULL;
	if (!address_may_be_contacted(own, address, interface, false, why))
		return why->text;
	return NULL;
}

/* A device that downloads serves one connection at a time. */
static bool
is_downloading(const struct reachable *reachable, struct in_addr address)
{
	registry_foreach (reachable->parts.registry, device)
		if (device->place.address.s_addr == address.s_addr &&
		    state_is_fetching(device->state))
			return true;
	return false;
}

const char *
reachable_client_why_not(struct in_addr address, bool is_urgent, void *ctx)
{
	if (!is_urgent && is_downloading(ctx, address))
		return "a device is downloading an image there";
	return reachable_why_not(ctx, address, NULL);
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
	/* While its network is out of reach, any address may be right. */
	if (!device->place.has_address || device->place.cut_off[0] != '\0')
		return NULL;
	return reachable_why_not(
	    reachable, device->place.address, device->place.interface);
}

bool
reachable_advertised(const struct reachable *reachable,
    const struct device *device, struct in_addr listen, struct in_addr *local,
    struct error *err)
{
	const struct config *config = reachable->parts.setup->config;

	if (inet_pton(AF_INET, config->advertise_address, local) == 1 &&
	    local->s_addr != INADDR_ANY)
		return true;
	/* A server that listens at one address is reached at that one. */
	*local = listen;
	if (local->s_addr != INADDR_ANY)
		return true;
	return route_local_address(device->place.address, local, err);
}
