/* SPDX-License-Identifier: ISC */
/*
 * Compares a packet with what a rule of nftables asks for: its port, addresses,
 * interface and state.
 */
#include "config.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/firewall_parts.h"

/* A fact of the packet: a number, an address, a name, or a list of names. */
struct fact {
	enum { NUMBER, ADDRESS, NAME, INTERFACE } kind;
	json_int_t number; /* of a name: another way to write it; -1: none */
	struct in_addr address;
	const char *name;
};

struct comparison {
	const json_t *ruleset, *rule; /* borrowed */
	const struct fact *fact;
	unsigned depth; /* sets within elements */
};

static enum firewall_fit compare(struct comparison *, const json_t *right);

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static enum firewall_fit
fits(bool does)
{
	return does ? FIREWALL_YES : FIREWALL_NO;
}

static bool
is_same_text(const json_t *a, const json_t *b, const char *key)
{
	const char *x = text_of(a, key), *y = text_of(b, key);

	return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* Find the elements of a set of the table that the rule is in; or NULL. */
static const json_t *
find_elements(const struct comparison *comparison, const char *name)
{
	const json_t *list = json_object_get(comparison->ruleset, "nftables");
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry) {
		const json_t *set = json_object_get(entry, "set");
		const char *is = text_of(set, "name");

		if (is != NULL && strcmp(is, name) == 0 &&
		    is_same_text(set, comparison->rule, "table") &&
		    is_same_text(set, comparison->rule, "family"))
			return json_object_get(set, "elem");
	}
	return NULL;
}

/* Return the best fit of any element. */
static enum firewall_fit
compare_any(struct comparison *comparison, const json_t *elements)
{
	enum firewall_fit best = FIREWALL_NO;
	const json_t *element;
	size_t i;

	json_array_foreach (elements, i, element) {
		enum firewall_fit fit = compare(comparison, element);

		if (fit > best)
			best = fit;
	}
	return best;
}

static enum firewall_fit
compare_text(struct comparison *comparison, const char *text)
{
	const struct fact *fact = comparison->fact;
	bool ok;

	if (text[0] == '@') {
		const json_t *elements = find_elements(comparison, text + 1);

		/* A set without elements has no list of them. */
		return elements != NULL ? compare_any(comparison, elements)
					: FIREWALL_MAYBE;
	}
	switch (fact->kind) {
	case INTERFACE:
		return fits(firewall_name_fits(fact->name, text, '*'));
	case NAME:
		return fits(strcmp(fact->name, text) == 0);
	case ADDRESS:
		return firewall_is_within(fact->address, text, 32, &ok)
		    ? FIREWALL_YES
		    : fits(false);
	default:
		return FIREWALL_MAYBE; /* a port by its name */
	}
}

static enum firewall_fit
compare_range(const struct fact *fact, const json_t *range)
{
	const json_t *from = json_array_get(range, 0);
	const json_t *to = json_array_get(range, 1);
	struct in_addr a, b;

	if (fact->kind == NUMBER && json_is_integer(from) &&
	    json_is_integer(to))
		return fits(fact->number >= json_integer_value(from) &&
		    fact->number <= json_integer_value(to));
	if (fact->kind != ADDRESS || !json_is_string(from) ||
	    !json_is_string(to) ||
	    inet_pton(AF_INET, json_string_value(from), &a) != 1 ||
	    inet_pton(AF_INET, json_string_value(to), &b) != 1)
		return FIREWALL_MAYBE;
	return fits(ntohl(fact->address.s_addr) >= ntohl(a.s_addr) &&
	    ntohl(fact->address.s_addr) <= ntohl(b.s_addr));
}

static enum firewall_fit
compare_prefix(const struct fact *fact, const json_t *prefix)
{
	const char *net = text_of(prefix, "addr");
	json_int_t bits = json_integer_value(json_object_get(prefix, "len"));
	bool ok, is;

	if (fact->kind != ADDRESS || net == NULL || bits < 0 || bits > 32)
		return FIREWALL_MAYBE;
	is = firewall_is_within(fact->address, net, (unsigned)bits, &ok);
	return ok ? fits(is) : FIREWALL_NO; /* of IPv6 */
}

static enum firewall_fit
compare_object(struct comparison *comparison, const json_t *right)
{
	const json_t *value;

	if ((value = json_object_get(right, "set")) != NULL)
		return json_is_array(value) ? compare_any(comparison, value)
					    : compare(comparison, value);
	if ((value = json_object_get(right, "range")) != NULL)
		return compare_range(comparison->fact, value);
	if ((value = json_object_get(right, "prefix")) != NULL)
		return compare_prefix(comparison->fact, value);
	if ((value = json_object_get(right, "elem")) != NULL)
		return compare(comparison, json_object_get(value, "val"));
	return FIREWALL_MAYBE;
}

static enum firewall_fit
compare(struct comparison *comparison, const json_t *right)
{
	const struct fact *fact = comparison->fact;
	enum firewall_fit fit = FIREWALL_MAYBE;

	if (++comparison->depth > FIREWALL_DEPTH)
		return FIREWALL_MAYBE;
	if (json_is_integer(right) && fact->kind != ADDRESS)
		fit = fits(fact->number == json_integer_value(right));
	else if (json_is_string(right))
		fit = compare_text(comparison, json_string_value(right));
	else if (json_is_array(right))
		fit = compare_any(comparison, right);
	else if (json_is_object(right))
		fit = compare_object(comparison, right);
	comparison->depth--;
	return fit;
}

/* Return true, and the fact of {"meta":{"key":...}}; false: not known. */
static bool
find_meta(
    const char *key, const struct firewall_packet *packet, struct fact *fact)
{
	if (strcmp(key, "iifname") == 0 || strcmp(key, "iif") == 0)
		*fact = (struct fact){ .kind = INTERFACE,
			.name = packet->interface,
			.number = -1 };
	else if (strcmp(key, "l4proto") == 0)
		*fact = (struct fact){ .kind = NAME,
			.name = packet->is_udp ? "udp" : "tcp",
			.number = packet->is_udp ? IPPROTO_UDP : IPPROTO_TCP };
	else if (strcmp(key, "nfproto") == 0)
		*fact =
		    (struct fact){ .kind = NAME, .name = "ipv4", .number = 2 };
	else if (strcmp(key, "protocol") == 0)
		*fact =
		    (struct fact){ .kind = NAME, .name = "ip", .number = 8 };
	else if (strcmp(key, "pkttype") == 0)
		*fact = (struct fact){ .kind = NAME,
			.name = packet->is_multicast ? "multicast" : "host",
			.number = packet->is_multicast ? 2 : 0 };
	else
		return false;
	return true;
}

static bool
find_ip(
    const char *field, const struct firewall_packet *packet, struct fact *fact)
{
	if (strcmp(field, "saddr") == 0)
		*fact =
		    (struct fact){ .kind = ADDRESS, .address = packet->from };
	else if (strcmp(field, "daddr") == 0)
		*fact = (struct fact){ .kind = ADDRESS, .address = packet->to };
	else if (strcmp(field, "protocol") == 0)
		return find_meta("l4proto", packet, fact);
	else
		return false;
	return true;
}

/* Find the fact of a port; both ends of multicast DNS have the same. */
static bool
find_port(
    const char *field, const struct firewall_packet *packet, struct fact *fact)
{
	*fact = (struct fact){ .kind = NUMBER, .number = packet->port };
	return strcmp(field, "dport") == 0 ||
	    (strcmp(field, "sport") == 0 && packet->is_multicast);
}

/* The left side of a match, as far as it is known of the packet. */
enum left { LEFT_UNKNOWN, LEFT_FACT, LEFT_OTHER_PROTOCOL };

static enum left
find_payload(const json_t *payload, const struct firewall_packet *packet,
    struct fact *fact)
{
	const char *protocol = text_of(payload, "protocol");
	const char *field = text_of(payload, "field");
	bool is_known;

	if (protocol == NULL || field == NULL ||
	    strcmp(protocol, "ether") == 0 || strcmp(protocol, "vlan") == 0)
		return LEFT_UNKNOWN;
	if (strcmp(protocol, "ip") == 0)
		is_known = find_ip(field, packet, fact);
	else if (strcmp(protocol, "th") == 0 ||
	    strcmp(protocol, packet->is_udp ? "udp" : "tcp") == 0)
		is_known = find_port(field, packet, fact);
	else
		return LEFT_OTHER_PROTOCOL;
	return is_known ? LEFT_FACT : LEFT_UNKNOWN;
}

static enum left
find_left(
    const json_t *left, const struct firewall_packet *packet, struct fact *fact)
{
	const json_t *payload = json_object_get(left, "payload");
	const char *meta = text_of(json_object_get(left, "meta"), "key");
	const char *ct = text_of(json_object_get(left, "ct"), "key");

	if (payload != NULL)
		return find_payload(payload, packet, fact);
	if (meta != NULL)
		return find_meta(meta, packet, fact) ? LEFT_FACT : LEFT_UNKNOWN;
	if (ct == NULL || strcmp(ct, "state") != 0)
		return LEFT_UNKNOWN;
	*fact = (struct fact){ .kind = NAME, .name = "new", .number = 8 };
	return LEFT_FACT;
}

static enum firewall_fit
compare_order(const struct fact *fact, const char *op, const json_t *right)
{
	json_int_t than = json_integer_value(right);

	if (fact->kind != NUMBER || !json_is_integer(right))
		return FIREWALL_MAYBE;
	if (strcmp(op, "<") == 0)
		return fits(fact->number < than);
	if (strcmp(op, "<=") == 0)
		return fits(fact->number <= than);
	if (strcmp(op, ">") == 0)
		return fits(fact->number > than);
	return strcmp(op, ">=") == 0 ? fits(fact->number >= than)
				     : FIREWALL_MAYBE;
}

enum firewall_fit
firewall_nft_match(const json_t *ruleset, const json_t *rule,
    const json_t *match, const struct firewall_packet *packet)
{
	const char *op = text_of(match, "op");
	const json_t *right = json_object_get(match, "right");
	struct fact fact;
	struct comparison comparison = {
		.ruleset = ruleset, .rule = rule, .fact = &fact
	};
	enum left left =
	    find_left(json_object_get(match, "left"), packet, &fact);
	enum firewall_fit fit;

	if (left == LEFT_OTHER_PROTOCOL)
		return FIREWALL_NO;
	if (left == LEFT_UNKNOWN || op == NULL)
		return FIREWALL_MAYBE;
	if (strcmp(op, "==") != 0 && strcmp(op, "in") != 0 &&
	    strcmp(op, "!=") != 0)
		return compare_order(&fact, op, right);
	fit = compare(&comparison, right);
	if (strcmp(op, "!=") != 0)
		return fit;
	return fit == FIREWALL_YES ? FIREWALL_NO
	    : fit == FIREWALL_NO   ? FIREWALL_YES
				   : FIREWALL_MAYBE;
}
