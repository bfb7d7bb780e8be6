/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "core/config/configuration.h"
#include "io/net/route.h"
#include "reflashd/net/reachable.h"

/*
 * Activated at once when the kernel tells of a change; NULL: nobody wants to
 * know.  Where the kernel tells nothing, outage_look_again() finds it.
 */
static struct event *on_change;

/*
 * Loaded again only when the kernel says that they have changed, and that is
 * asked each time.  Where they cannot be had, those of the last time count.
 */
static const struct address_facts *
own_facts(void)
{
	static struct address_facts facts;
	static struct ratelimit complaints;
	static bool is_current;
	struct address_facts fresh;
	struct error err;

	if (!route_changed() && is_current)
		return &facts;
	if (on_change != NULL && route_fd() != -1)
		event_active(on_change, EV_TIMEOUT, 0);
	is_current = route_load(&fresh, &err);
	if (is_current) {
		route_fini(&facts);
		facts = fresh;
	} else if (ratelimit_take(&complaints, 1, clock_now_ms())) {
		log_warning("network: %s", err.text);
	}
	return &facts;
}

void
reachable_tell_changes(struct event *event)
{
	on_change = event;
}

const struct address_facts *
reachable_facts(void)
{
	return own_facts();
}

static bool
is_loopback(struct in_addr address)
{
	return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool
is_configured(const struct daemon *daemon, struct in_addr address)
{
	const struct config_devices *list = &daemon->setup.config->devices;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

bool
reachable_is_at_work(const struct daemon *daemon, struct in_addr address)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (state_is_at_work(device->state) &&
		    device->address.s_addr == address.s_addr)
			return true;
	return false;
}

bool
reachable_is_fetching(const struct daemon *daemon, struct in_addr address)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (device->address.s_addr == address.s_addr &&
		    (device->state == STATE_OFFERING ||
			device->state == STATE_DOWNLOADING))
			return true;
	return false;
}

const char *
reachable_why_not(
    const struct daemon *daemon, struct in_addr address, const char *interface)
{
	const struct match_nets *nets = &daemon->setup.config->allow_networks;
	const struct address_facts *own;
	static struct error err;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	/* What was allowed when it began: a reload disturbs no flash. */
	if (!match_nets_has(nets, address) &&
	    !reachable_is_at_work(daemon, address)) {
		error_set(&err, EPERM, "%s is not in AllowNetworks", text);
		return err.text;
	}
	/* Who names it rehearses there; who allows everything does not. */
	if (is_loopback(address))
		return match_nets_name_loopback(nets) ||
			reachable_is_at_work(daemon, address)
		    ? NULL
		    : "it is a loopback address";
	own = own_facts();
	if (own->own_count == 0)
		return "the addresses of this machine are not known";
	if (is_configured(daemon, address))
		interface = NULL;
	if (!address_may_be_contacted(own, address, interface, false, &err))
		return err.text;
	return NULL;
}

bool
reachable_neighbours(struct in_addr around, uint32_t *first, uint32_t *last)
{
	return address_neighbours(own_facts(), around, first, last);
}

bool
reachable_is_own(struct in_addr address)
{
	return is_loopback(address) || address_is_own(own_facts(), address);
}

bool
reachable_has_network(void)
{
	const struct address_facts *facts = own_facts();

	for (size_t i = 0; i < facts->own_count; i++)
		if (!is_loopback(facts->own[i].address))
			return true;
	return false;
}

bool
reachable_has_interface(const char *name)
{
	const struct address_facts *facts = own_facts();

	for (size_t i = 0; i < facts->own_count; i++)
		if (strcmp(facts->own[i].interface, name) == 0)
			return true;
	return false;
}

const char *
reachable_device_why_not(
    const struct daemon *daemon, const struct device *device)
{
	/* Who cannot reach its network cannot tell whether it is right. */
	if (!device->has_address || device->cut_off[0] != '\0')
		return NULL;
	return reachable_why_not(daemon, device->address, device->interface);
}

bool
reachable_advertised(const struct daemon *daemon, const struct device *device,
    struct in_addr *local, struct error *err)
{
	const struct config *config = daemon->setup.config;

	if (inet_pton(AF_INET, config->advertise_address, local) == 1 &&
	    local->s_addr != INADDR_ANY)
		return true;
	/* Listening to one address, it can be reached at no other. */
	*local = server_address(daemon->server);
	if (local->s_addr != INADDR_ANY)
		return true;
	return route_local_address(device->address, local, err);
}
