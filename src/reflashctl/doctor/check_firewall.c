/* SPDX-License-Identifier: ISC */
/*
 * Looks whether the firewall of this machine lets in what reflashd needs:
 * multicast DNS, and the requests of devices for their image.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/net/firewall.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/lan_interface.h"
#include "reflashctl/doctor/run_program.h"

#define CHECK	  "firewall"
#define MDNS_PORT 5353
#define MDNS_NET  "224.0.0.251"

/* The rules of this machine. */
struct rules {
	json_t *nft;	/* owned; NULL: none, or not to be seen */
	char *iptables; /* owned; NULL */
	bool has_ufw, has_firewalld;
};

static char *
output_of(const char *program, const char *a, const char *b, const char *c)
{
	char *path = run_program_find(program), *text = NULL;
	const char *const argv[] = { path, a, b, c, NULL };
	struct run_result result;

	if (path == NULL)
		return NULL;
	run_program(argv, &result);
	if (result.code == 0)
		text = xstrdup(result.out);
	run_result_fini(&result);
	free(path);
	return text;
}

/* Return true if ufw is switched on, as its configuration says. */
static bool
is_ufw_on(void)
{
	FILE *file = fopen("/etc/ufw/ufw.conf", "re");
	char line[256];
	bool is = false;

	while (file != NULL && !is && fgets(line, sizeof(line), file) != NULL)
		is = strncmp(line, "ENABLED=yes", 11) == 0;
	if (file != NULL)
		fclose(file);
	return is;
}

/* Return true if the ruleset has a table of that name. */
static bool
has_table(const json_t *ruleset, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(ruleset, "nftables"), i, entry) {
		const char *is = json_string_value(
		    json_object_get(json_object_get(entry, "table"), "name"));

		if (is != NULL && strcmp(is, name) == 0)
			return true;
	}
	return false;
}

/*
 * Remove the chains that iptables keeps in nftables: there they are in a form
 * that only iptables-save understands.
 */
static void
drop_iptables_chains(json_t *ruleset)
{
	json_t *list = json_object_get(ruleset, "nftables");

	for (size_t i = json_array_size(list); i-- > 0;) {
		const json_t *chain =
		    json_object_get(json_array_get(list, i), "chain");
		const char *name =
		    json_string_value(json_object_get(chain, "name"));

		if (name != NULL &&
		    (strcmp(name, "INPUT") == 0 ||
			strcmp(name, "PREROUTING") == 0))
			json_array_remove(list, i);
	}
}

static void
read_rules(struct rules *rules)
{
	char *nft = output_of("nft", "-j", "list", "ruleset");

	*rules = (struct rules){ .has_ufw = is_ufw_on() };
	if (nft != NULL)
		rules->nft = json_loads(nft, 0, NULL);
	free(nft);
	rules->iptables = output_of("iptables-save", NULL, NULL, NULL);
	if (rules->iptables != NULL && firewall_has_iptables(rules->iptables))
		drop_iptables_chains(rules->nft);
	rules->has_firewalld = has_table(rules->nft, "firewalld");
}

static enum firewall_answer
ask(const struct rules *rules, const struct firewall_packet *packet,
    struct firewall_place *place)
{
	enum firewall_answer answer = FIREWALL_OPEN, other;
	struct firewall_place elsewhere;

	*place = (struct firewall_place){ .is_iptables = false };
	if (rules->nft != NULL)
		answer = firewall_ask_nft(rules->nft, packet, place);
	if (rules->iptables == NULL)
		return answer;
	other = firewall_ask_iptables(rules->iptables, packet, &elsewhere);
	if (other <= answer)
		return answer;
	*place = elsewhere;
	return other;
}

/* Say how to open the port, in the way that outlives a restart if there is one.
 */
static void
add_command(const struct installation *installation, const struct rules *rules,
    const struct firewall_place *place, const struct firewall_packet *packet,
    struct finding *finding)
{
	const char *sudo = installation->sudo;
	const char *protocol = packet->is_udp ? "udp" : "tcp";
	char *command;

	finding_cure(finding, "Open it:");
	if (rules->has_ufw && place->is_iptables) {
		finding_command(
		    finding, "%sufw allow %u/%s", sudo, packet->port, protocol);
		return;
	}
	if (rules->has_firewalld && strcmp(place->table, "firewalld") == 0) {
		finding_command(finding,
		    "%sfirewall-cmd --permanent --add-port=%u/%s && "
		    "%sfirewall-cmd --reload",
		    sudo, packet->port, protocol, sudo);
		return;
	}
	command = firewall_command(place, packet);
	finding_cure(finding,
	    "Open it. This lasts until the next start of the machine: put the "
	    "rule where your firewall has its others, too:");
	finding_command(finding, "%s%s", sudo, command);
	free(command);
}

static void
add_answer(const struct installation *installation, struct findings *findings,
    const struct rules *rules, const struct firewall_packet *packet)
{
	const char *what = packet->is_udp
	    ? "UDP port 5353, so devices are not found"
	    : "the port of the images, so no device can download";
	struct firewall_place place;
	enum firewall_answer answer = ask(rules, packet, &place);
	struct finding *finding;

	if (answer == FIREWALL_OPEN) {
		findings_add(findings, CHECK, VERDICT_OK,
		    "%s port %u is open for devices on %s",
		    packet->is_udp ? "UDP" : "TCP", packet->port,
		    packet->interface);
		return;
	}
	finding = findings_add(findings, CHECK,
	    answer == FIREWALL_CLOSED ? VERDICT_FAILURE : VERDICT_WARNING,
	    "the firewall of this machine %s %s (%s, table %s%s%s, chain %s, "
	    "on %s)",
	    answer == FIREWALL_CLOSED ? "closes" : "may close", what,
	    place.is_iptables ? "iptables" : "nftables", place.family,
	    place.family[0] != '\0' ? " " : "", place.table, place.chain,
	    packet->interface);
	add_command(installation, rules, &place, packet, finding);
}

/* Return an address from which a device on that network could come. */
static struct in_addr
neighbour_of(const struct lan_interface *one)
{
	uint32_t host = ntohl(one->address.s_addr);
	struct in_addr neighbour = { htonl(host ^ 1) };

	return neighbour;
}

static void
look_at(const struct installation *installation, struct findings *findings,
    const struct rules *rules, const struct lan_interface *one)
{
	struct firewall_packet packet = { .is_udp = true,
		.port = MDNS_PORT,
		.interface = one->name,
		.from = neighbour_of(one),
		.is_multicast = true };

	inet_pton(AF_INET, MDNS_NET, &packet.to);
	add_answer(installation, findings, rules, &packet);
	packet.is_udp = packet.is_multicast = false;
	packet.port = (uint16_t)installation_port(installation);
	packet.to = one->address;
	add_answer(installation, findings, rules, &packet);
}

/* Say that there are no rules to be seen, and why. */
static void
add_no_rules(struct findings *findings)
{
	char *nft = run_program_find("nft");
	char *iptables = run_program_find("iptables-save");

	if (nft == NULL && iptables == NULL)
		findings_add(findings, CHECK, VERDICT_OK,
		    "no firewall is installed: neither nft nor iptables-save "
		    "is there");
	else
		findings_add(findings, CHECK, VERDICT_WARNING,
		    "the rules of the firewall cannot be read: %s fails here",
		    nft != NULL ? "nft -j list ruleset" : "iptables-save");
	free(nft);
	free(iptables);
}

/* Say what a user who may not see the rules should do. */
static void
add_unseen(const struct installation *installation, struct findings *findings)
{
	struct finding *finding = findings_add(findings, CHECK, VERDICT_WARNING,
	    "%s; only root can see the rules of a firewall",
	    is_ufw_on() ? "ufw is switched on"
			: "it is not known whether a firewall is in the "
			  "way");

	finding_cure(finding, "To see them:");
	finding_command(finding, "sudo %s doctor", installation->reflashctl);
}

void
check_firewall(
    const struct installation *installation, struct findings *findings)
{
	size_t count;
	struct lan_interface *list =
	    lan_interfaces(installation->config, &count);
	struct rules rules;

	if (!installation->is_root) {
		add_unseen(installation, findings);
		free(list);
		return;
	}
	read_rules(&rules);
	if (rules.nft == NULL && rules.iptables == NULL)
		add_no_rules(findings);
	for (size_t i = 0; i < count; i++)
		if ((rules.nft != NULL || rules.iptables != NULL) &&
		    lan_interface_is_usable(&list[i]))
			look_at(installation, findings, &rules, &list[i]);
	json_decref(rules.nft);
	free(rules.iptables);
	free(list);
}
