/* SPDX-License-Identifier: ISC */
/*
 * fuzz_firewall -- whatever nft or iptables-save print, each question has an
 * answer, and a place where the packet is stopped only where it is.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/firewall.h"

#include "fuzz.h"

static void
check(enum firewall_answer answer, const struct firewall_place *place,
    const struct firewall_packet *packet)
{
	char *command = firewall_command(place, packet);

	HOLDS(answer <= FIREWALL_CLOSED);
	HOLDS(answer != FIREWALL_OPEN ||
	    (place->table[0] == '\0' && place->chain[0] == '\0'));
	HOLDS(strchr(command, '\n') == NULL || strchr(command, '\'') != NULL);
	free(command);
}

static void
ask(const char *text, size_t size, bool is_udp)
{
	struct firewall_packet packet = { .is_udp = is_udp,
		.port = is_udp ? 5353 : 8266,
		.interface = "eth0",
		.is_multicast = is_udp };
	struct firewall_place place;
	json_t *ruleset = json_loadb(text, size, 0, NULL);

	inet_pton(AF_INET, "192.168.1.23", &packet.from);
	inet_pton(AF_INET, "192.168.1.2", &packet.to);
	if (ruleset != NULL)
		check(firewall_ask_nft(ruleset, &packet, &place), &place,
		    &packet);
	check(firewall_ask_iptables(text, &packet, &place), &place, &packet);
	json_decref(ruleset);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);

	HOLDS(text != NULL);
	memcpy(text, data, size);
	ask(text, size, true);
	ask(text, size, false);
	free(text);
	return 0;
}
