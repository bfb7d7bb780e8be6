/* SPDX-License-Identifier: ISC */
/* Compares addresses with the networks of [Match] and of AllowNetworks=. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/network.h"

static bool
parse_network(const char *word, struct network *net, struct error *err)
{
	char address[INET_ADDRSTRLEN + 1];
	const char *slash = strchrnul(word, '/');
	struct in_addr in;
	uint64_t bits = 32;

	if ((size_t)(slash - word) >= sizeof(address))
		return error_set(err, EINVAL,
		    "%.40s is not an IPv4 address or network; write for "
		    "example 192.168.1.0/24",
		    word);
	memcpy(address, word, (size_t)(slash - word));
	address[slash - word] = '\0';
	if (inet_pton(AF_INET, address, &in) != 1)
		return error_set(err, EINVAL,
		    "%.40s is not an IPv4 address or"
		    " network; write for example 192.168.1.0/24",
		    word);
	if (*slash == '/' && !text_number(slash + 1, 0, 32, &bits))
		return error_set(err, EINVAL,
		    "%.40s: the length of a network is a number from 0 to 32, "
		    "as in 192.168.1.0/24",
		    word);
	net->bits = (unsigned)bits;
	net->mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
	net->address = ntohl(in.s_addr) & net->mask;
	if (net->address == ntohl(in.s_addr))
		return true;
	in.s_addr = htonl(net->address);
	inet_ntop(AF_INET, &in, address, sizeof(address));
	return error_set(err, EINVAL,
	    "%.40s is no network of /%u; write %s/%u for all of it, or leave "
	    "the /%u out",
	    word, net->bits, address, net->bits, net->bits);
}

static bool
add_network(void *ctx, const char *word, struct error *err)
{
	struct networks *list = ctx;
	struct network net = { .excluded = *word == '!' };

	if (!parse_network(word + net.excluded, &net, err))
		return false;
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = net;
	return true;
}

bool
networks_add(struct networks *list, const char *words, struct error *err)
{
	return text_each_word(words, add_network, list, err);
}

bool
networks_has(const struct networks *list, struct in_addr in)
{
	in_addr_t address = ntohl(in.s_addr);
	bool wanted = false, any = true;

	for (size_t i = 0; i < list->count; i++) {
		const struct network *net = &list->items[i];
		bool fits = (address & net->mask) == net->address;

		if (net->excluded && fits)
			return false;
		wanted = wanted || (!net->excluded && fits);
		any = any && net->excluded;
	}
	return wanted || any;
}

bool
networks_name_loopback(const struct networks *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct network *net = &list->items[i];

		if (!net->excluded && net->bits >= 8 &&
		    net->address >> 24 == IN_LOOPBACKNET)
			return true;
	}
	return false;
}

void
networks_fini(struct networks *list)
{
	free(list->items);
	*list = (struct networks){ 0 };
}
