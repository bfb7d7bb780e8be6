/* SPDX-License-Identifier: ISC */
/* Looks whether this machine is on a network at all. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/lan_interface.h"
#include "reflashctl/doctor/run_program.h"

#define CHECK "interface"

/* Add the command that asks the router for an address. */
static void
add_address_command(const struct installation *installation,
    struct finding *finding, const char *name)
{
	static const struct {
		const char *program, *arguments;
	} clients[] = {
		{ "nmcli", "device connect" },
		{ "networkctl", "renew" },
		{ "dhclient", "" },
		{ "dhcpcd", "" },
		{ "udhcpc", "-i" },
	};

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		char *path = run_program_find(clients[i].program);

		if (path == NULL)
			continue;
		finding_command(finding, "%s%s%s%s %s", installation->sudo,
		    clients[i].program,
		    clients[i].arguments[0] != '\0' ? " " : "",
		    clients[i].arguments, name);
		free(path);
		return;
	}
}

static void
add_down(const struct installation *installation, struct findings *findings,
    const struct lan_interface *one)
{
	struct finding *finding = findings_add(
	    findings, CHECK, VERDICT_FAILURE, "%s is switched off", one->name);

	finding_cure(finding, "Switch it on:");
	finding_command(
	    finding, "%sip link set %s up", installation->sudo, one->name);
}

/* Say what is wrong with an interface that cannot be used. */
static void
add_unusable(const struct installation *installation, struct findings *findings,
    const struct lan_interface *one)
{
	char address[INET_ADDRSTRLEN];
	struct finding *finding;

	inet_ntop(AF_INET, &one->address, address, sizeof(address));
	if (!one->exists) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "there is no interface %s, which Interfaces= names",
		    one->name);
		finding_cure(finding,
		    "\"ip link\" lists those that there are; correct "
		    "Interfaces= in [Discovery]");
	} else if (!one->is_up) {
		add_down(installation, findings, one);
	} else if (!one->has_link) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s is not connected: no cable, or no Wi-Fi", one->name);
		finding_cure(finding, "Plug in the cable, or join the Wi-Fi");
	} else if (one->address.s_addr == 0) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s has no IPv4 address", one->name);
		finding_cure(finding, "Ask the router for one:");
		add_address_command(installation, finding, one->name);
	} else {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s has the address %s, which is in no network that "
		    "reflashd may contact",
		    one->name, address);
		finding_cure(finding,
		    "If it is your own network, add it to AllowNetworks= in "
		    "[Discovery]; see reflashd.conf(5)");
	}
}

/* Look whether an interface that can be used lets multicast through. */
static void
look_at_multicast(const struct installation *installation,
    struct findings *findings, const struct lan_interface *one)
{
	char address[INET_ADDRSTRLEN];
	struct finding *finding;

	inet_ntop(AF_INET, &one->address, address, sizeof(address));
	if (one->has_multicast) {
		findings_add(findings, CHECK, VERDICT_OK, "%s has %s/%u",
		    one->name, address, one->prefix);
		return;
	}
	finding = findings_add(findings, CHECK, VERDICT_FAILURE,
	    "multicast is switched off on %s (%s/%u), so no device is found "
	    "there",
	    one->name, address, one->prefix);
	finding_cure(finding, "Switch it on:");
	finding_command(finding, "%sip link set %s multicast on",
	    installation->sudo, one->name);
}

/* Return true if an interface without a use is worth a word. */
static bool
is_worth_a_word(
    const struct lan_interface *one, size_t usable, size_t connected)
{
	if (one->is_configured)
		return true;
	/* Many machines have some that nobody uses. */
	return usable == 0 && (connected == 0 || (one->is_up && one->has_link));
}

void
check_interfaces(
    const struct installation *installation, struct findings *findings)
{
	size_t count, usable = 0, connected = 0;
	struct lan_interface *list =
	    lan_interfaces(installation->config, &count);

	for (size_t i = 0; i < count; i++) {
		usable += lan_interface_is_usable(&list[i]);
		connected += list[i].is_up && list[i].has_link;
	}
	for (size_t i = 0; i < count; i++)
		if (lan_interface_is_usable(&list[i]))
			look_at_multicast(installation, findings, &list[i]);
		else if (is_worth_a_word(&list[i], usable, connected))
			add_unusable(installation, findings, &list[i]);
	if (count == 0)
		findings_add(findings, CHECK, VERDICT_FAILURE,
		    "this machine has no network interface");
	free(list);
}
