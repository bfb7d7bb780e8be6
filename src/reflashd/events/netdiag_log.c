/* SPDX-License-Identifier: ISC */
/*
 * Warns the operator in the log and in status that a firewall may keep devices
 * out, with the commands that open it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/device/registry.h"
#include "core/net/netdiag.h"
#include "reflashd/events/netdiag_log.h"
#include "reflashd/net/reachable.h"

#define MDNS_PORT     5353
#define COMMANDS_SIZE 320

struct netdiag_log {
	struct registry *registry;   /* borrowed */
	struct reachable *reachable; /* borrowed */
	unsigned port;
	struct netdiag suspect;
};

struct netdiag_log *
netdiag_log_new(struct registry *registry, struct reachable *reachable)
{
	struct netdiag_log *netdiag_log = xcalloc(1, sizeof(*netdiag_log));

	netdiag_log->registry = registry;
	netdiag_log->reachable = reachable;
	return netdiag_log;
}

void
netdiag_log_free(struct netdiag_log *netdiag_log)
{
	free(netdiag_log);
}

void
netdiag_log_set_port(struct netdiag_log *netdiag_log, unsigned port)
{
	netdiag_log->port = port;
}

void
netdiag_log_heard(struct netdiag_log *netdiag_log, enum scan_heard heard)
{
	netdiag_heard(&netdiag_log->suspect, heard);
}

void
netdiag_log_came(struct netdiag_log *netdiag_log, struct in_addr from)
{
	/* No firewall keeps out what comes from this machine itself. */
	if (!reachable_is_own(netdiag_log->reachable, from))
		netdiag_came(&netdiag_log->suspect, from);
}

bool
netdiag_log_explain(struct netdiag_log *netdiag_log, struct device *device)
{
	unsigned port = netdiag_log->port;
	bool known = netdiag_log->suspect.tcp;
	char why[128];

	/* For an excused attempt, the reason is known already. */
	if (!device->attempt.never_came || device->attempt.is_uncounted ||
	    reachable_is_own(netdiag_log->reachable, device->place.address) ||
	    (device->reason != REASON_NEVER_FETCHED &&
		device->reason != REASON_OFFER_REFUSED))
		return false;
	switch (
	    netdiag_never_came(&netdiag_log->suspect, device->place.address)) {
	case NETDIAG_NOTHING:
		return false;
	case NETDIAG_FIREWALL:
		snprintf(why, sizeof(why),
		    "; no device has connected to TCP port %u yet, so the "
		    "firewall of this machine may be in the way",
		    port);
		break;
	case NETDIAG_NETWORK:
		snprintf(why, sizeof(why),
		    "; others do connect to TCP port %u, so the network of "
		    "this device may be in the way",
		    port);
		break;
	}
	strncat(device->detail, why,
	    sizeof(device->detail) - strlen(device->detail) - 1);
	return netdiag_log->suspect.tcp && !known;
}

static char *
tcp_sentence(const struct netdiag_log *netdiag_log)
{
	unsigned port = netdiag_log->port;
	char commands[COMMANDS_SIZE];

	return xasprintf(
	    "firewall: a device was told to download, and neither it nor any "
	    "other device has connected to TCP port %u since the start: the "
	    "firewall of this machine may be in the way. To let devices in, %s",
	    port, netdiag_commands(commands, sizeof(commands), port, "tcp"));
}

static bool
has_answered(const struct netdiag_log *netdiag_log)
{
	registry_foreach (netdiag_log->registry, device)
		if (device->facts.info_known)
			return true;
	return false;
}

static char *
udp_sentence(const struct netdiag_log *netdiag_log)
{
	char commands[COMMANDS_SIZE];

	return xasprintf(
	    "discovery: no other machine has been heard%s: the firewall of "
	    "this one may drop UDP port %u, or the devices are in another "
	    "network (VLAN, guest Wi-Fi), or their access point keeps clients "
	    "apart. To let multicast DNS in, %s. A device whose address is "
	    "known: Device= in reflashd.conf",
	    has_answered(netdiag_log)
		? " by multicast DNS, though devices do answer when asked"
		: " by multicast DNS",
	    MDNS_PORT,
	    netdiag_commands(commands, sizeof(commands), MDNS_PORT, "udp"));
}

static void
warn(char *taken)
{
	log_warning("%s", taken);
	free(taken);
}

void
netdiag_log_tell_tcp(const struct netdiag_log *netdiag_log)
{
	warn(tcp_sentence(netdiag_log));
}

void
netdiag_log_asked(struct netdiag_log *netdiag_log)
{
	bool has_device = registry_count(netdiag_log->registry) > 0;

	if (!reachable_has_network(netdiag_log->reachable))
		return;
	switch (netdiag_asked(&netdiag_log->suspect, has_device)) {
	case NETDIAG_NO_SILENCE:
		break;
	case NETDIAG_NOBODY:
		warn(udp_sentence(netdiag_log));
		break;
	case NETDIAG_EMPTY:
		log_info("discovery: other machines are heard, but no Sonoff "
			 "or eWeLink device yet. A device announces itself "
			 "when it is switched on; it must be on this network");
		break;
	}
}

static void
add(json_t *problems, bool suspected, char *taken)
{
	if (suspected)
		json_array_append_new(problems, json_string(taken));
	free(taken);
}

void
netdiag_log_problems(const struct netdiag_log *netdiag_log, json_t *problems)
{
	add(problems, netdiag_log->suspect.udp, udp_sentence(netdiag_log));
	add(problems, netdiag_log->suspect.tcp, tcp_sentence(netdiag_log));
}
