/* SPDX-License-Identifier: ISC */
/* Looks whether anybody on the network is heard by multicast DNS. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/mdns_ask.h"

#define CHECK	   "multicast"
#define LISTEN_SEC 3
#define MAX_BUSY   5 /* times as long, where the machine is busy */

/* Return true if something was found before that explains silence. */
static bool
is_explained(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		if (finding->verdict == VERDICT_FAILURE &&
		    (strcmp(finding->check, "interface") == 0 ||
			(strcmp(finding->check, "firewall") == 0 &&
			    strstr(finding->detail, "5353") != NULL) ||
			(strcmp(finding->check, "port") == 0 &&
			    strstr(finding->detail, "UDP") != NULL)))
			return true;
	}
	return false;
}

static bool
is_container(void)
{
	return access("/.dockerenv", F_OK) == 0 ||
	    access("/run/.containerenv", F_OK) == 0;
}

/* Return the names of the usable interfaces: "eth0, wlan0"; free(). */
static char *
names_of(const struct lan_interface *list, size_t count)
{
	char *names = xstrdup("");

	for (size_t i = 0; i < count; i++) {
		char *more =
		    xasprintf("%s%s%s", names, i > 0 ? ", " : "", list[i].name);

		free(names);
		names = more;
	}
	return names;
}

/*
 * Return how many times as long everything takes on this machine just now, at
 * most MAX_BUSY; 1: it is not busy.
 */
static unsigned
how_busy(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	double load;

	if (getloadavg(&load, 1) != 1 || processors < 1 ||
	    load <= (double)processors)
		return 1;
	load /= (double)processors;
	return load < MAX_BUSY ? (unsigned)load + 1 : MAX_BUSY;
}

static void
add_silence(struct findings *findings, const struct mdns_heard *heard,
    const char *on, unsigned busy)
{
	struct finding *finding = findings_add(findings, CHECK, VERDICT_FAILURE,
	    "%s %s%s within %u s%s",
	    heard->self ? "nobody has answered by multicast DNS on"
			: "nothing was heard by multicast DNS on",
	    on, heard->self ? "" : ", not even this machine itself,",
	    busy * LISTEN_SEC,
	    busy > 1 ? "; but this machine is busy, so look again later" : "");

	if (is_container())
		finding_cure(finding,
		    "A container hears the network only with --network host; "
		    "see doc/container.md");
	else
		finding_cure(finding,
		    "Switch a device off and on: it announces itself. If "
		    "nobody is heard even so, the devices are on another "
		    "network, such as a guest Wi-Fi, or the access point keeps "
		    "its clients apart (client isolation) or drops multicast "
		    "(IGMP snooping). A device whose address you know can be "
		    "named with Device= in reflashd.conf(5)");
}

/* Remove the interfaces that cannot be used. */
static size_t
keep_usable(struct lan_interface *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (lan_interface_is_usable(&list[i]))
			list[kept++] = list[i];
	return kept;
}

static void
ask_network(
    struct findings *findings, const struct lan_interface *list, size_t count)
{
	char *names = names_of(list, count);
	unsigned busy = how_busy();
	struct mdns_heard heard;
	struct error err;

	if (!mdns_ask(list, count, busy * LISTEN_SEC * 1000, &heard, &err))
		findings_add(findings, CHECK, VERDICT_WARNING,
		    "it cannot be listened to: %s", err.text);
	else if (heard.others == 0)
		add_silence(findings, &heard, names, busy);
	else
		findings_add(findings, CHECK, VERDICT_OK,
		    "others are heard by multicast DNS on %s", names);
	free(names);
}

void
check_multicast(
    const struct installation *installation, struct findings *findings)
{
	size_t count;
	struct lan_interface *list;

	if (installation->config->backend == CONFIG_BACKEND_NONE) {
		findings_add(findings, CHECK, VERDICT_OK,
		    "not used: only the devices that Device= names are asked");
		return;
	}
	if (is_explained(findings))
		return;
	list = lan_interfaces(installation->config, &count);
	count = keep_usable(list, count);
	if (count > 0)
		ask_network(findings, list, count);
	free(list);
}
