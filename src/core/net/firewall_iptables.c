/* SPDX-License-Identifier: ISC */
/*
 * Sends a packet through the chains of iptables, as iptables-save prints them:
 *
 *	*filter
 *	:INPUT DROP [12:3456]
 *	-A INPUT -p udp -m udp --dport 5353 -j ACCEPT
 *	COMMIT
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/net/firewall_parts.h"

#define MAX_WORDS 64 /* of a rule */
#define PORT_MAX  65535

/* The rules of one table. */
struct table {
	const char *text, *end; /* borrowed: its lines */
	struct firewall_way *way;
	unsigned depth;
};

/* A rule, cut into words. */
struct rule {
	char *copy; /* owned */
	const char *words[MAX_WORDS + 1];
	size_t count;
	bool is_cut; /* it has more words */
};

/* A rule, as far as its words are understood for this packet. */
struct reading {
	const struct firewall_packet *packet;
	enum firewall_fit fit;
	const char *target; /* borrowed; NULL: none */
	bool leaps;	    /* -g: it does not come back */
};

static enum firewall_verdict walk_chain(struct table *, const char *name);

/* Cut a line into words; a word may be in quotes. */
static void
cut(const char *line, size_t len, struct rule *rule)
{
	char *at, quote;

	*rule = (struct rule){ .copy = xstrndup(line, len) };
	at = rule->copy;
	for (;;) {
		at += strspn(at, " \t\r");
		if (*at == '\0')
			return;
		if (rule->count == MAX_WORDS) {
			rule->is_cut = true;
			return;
		}
		quote = *at == '"' ? *at++ : '\0';
		rule->words[rule->count++] = at;
		at += quote ? strcspn(at, "\"") : strcspn(at, " \t\r");
		if (*at != '\0')
			*at++ = '\0';
	}
}

/* Return the next line of the table at *at, which is moved after it. */
static const char *
next_line(const struct table *table, const char **at, size_t *len)
{
	const char *line = *at;

	if (line >= table->end)
		return NULL;
	*len = strcspn(line, "\n");
	if (line + *len > table->end)
		*len = (size_t)(table->end - line);
	*at = line + *len + (line[*len] == '\n');
	return line;
}

static void
note(struct reading *reading, bool fits, bool is_negated)
{
	if (fits == is_negated)
		reading->fit = FIREWALL_NO;
}

static void
note_unknown(struct reading *reading)
{
	reading->fit = firewall_least(reading->fit, FIREWALL_MAYBE);
}

static bool
is_protocol(const struct firewall_packet *packet, const char *word)
{
	return strcmp(word, packet->is_udp ? "udp" : "tcp") == 0 ||
	    strcmp(word, packet->is_udp ? "17" : "6") == 0 ||
	    strcmp(word, "all") == 0 || strcmp(word, "0") == 0;
}

/* Return true if the port is "a" or within "a:b". */
static bool
is_port(uint16_t port, const char *word)
{
	char low[8], high[8];
	size_t len = strcspn(word, ":");
	const char *rest = word[len] == ':' ? word + len + 1 : word;
	uint64_t from = 0, to = PORT_MAX;

	if (len >= sizeof(low) || strlen(rest) >= sizeof(high))
		return false;
	snprintf(low, sizeof(low), "%.*s", (int)len, word);
	snprintf(high, sizeof(high), "%s", rest);
	if ((low[0] != '\0' && !text_number(low, 0, PORT_MAX, &from)) ||
	    (high[0] != '\0' && !text_number(high, 0, PORT_MAX, &to)))
		return false;
	return port >= from && port <= to;
}

/* Return true if a word of "A,B,C" is there, or a port in it. */
static bool
is_in_list(const char *list, const char *word, uint16_t port)
{
	char *copy = xstrdup(list), *rest = copy, *one;
	bool is = false;

	while (!is && (one = strsep(&rest, ",")) != NULL)
		is = word != NULL ? strcmp(one, word) == 0 : is_port(port, one);
	free(copy);
	return is;
}

/* Note whether an address is in "192.168.1.0/24". */
static void
note_address(struct reading *reading, struct in_addr address, const char *word,
    bool is_negated)
{
	char net[INET_ADDRSTRLEN];
	size_t len = strcspn(word, "/");
	uint64_t bits = 32;
	bool ok, is;

	if (len >= sizeof(net) ||
	    (word[len] == '/' && !text_number(word + len + 1, 0, 32, &bits))) {
		note_unknown(reading);
		return;
	}
	snprintf(net, sizeof(net), "%.*s", (int)len, word);
	is = firewall_is_within(address, net, (unsigned)bits, &ok);
	if (ok)
		note(reading, is, is_negated);
	else
		note_unknown(reading);
}

/* Return how the packet is addressed, as the match addrtype calls it. */
static const char *
type_of(const struct firewall_packet *packet)
{
	return packet->is_multicast ? "MULTICAST" : "LOCAL";
}

static bool
is_one(const char *word, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

#define IS_ONE(word, list) is_one(word, list, sizeof(list) / sizeof(list[0]))

/* Read an option with its value.  Returns false if the option is not known. */
static bool
read_option(struct reading *reading, const char *option, const char *value,
    bool is_negated)
{
	static const char *const empty[] = { "-m", "--comment", "--limit",
		"--limit-burst", "--reject-with", "--log-prefix",
		"--log-level" };
	static const char *const states[] = { "--ctstate", "--state" };
	static const char *const ports[] = { "--dport", "--dports" };
	const struct firewall_packet *packet = reading->packet;

	if (IS_ONE(option, empty))
		return true;
	if (strcmp(option, "-p") == 0)
		note(reading, is_protocol(packet, value), is_negated);
	else if (strcmp(option, "-i") == 0)
		note(reading, firewall_name_fits(packet->interface, value, '+'),
		    is_negated);
	else if (strcmp(option, "-s") == 0)
		note_address(reading, packet->from, value, is_negated);
	else if (strcmp(option, "-d") == 0)
		note_address(reading, packet->to, value, is_negated);
	else if (IS_ONE(option, ports))
		note(
		    reading, is_in_list(value, NULL, packet->port), is_negated);
	else if (IS_ONE(option, states))
		note(reading, is_in_list(value, "NEW", 0), is_negated);
	else if (strcmp(option, "--dst-type") == 0)
		note(reading, strcmp(value, type_of(packet)) == 0, is_negated);
	else if (strcmp(option, "-j") == 0 || strcmp(option, "-g") == 0) {
		reading->target = value;
		reading->leaps = option[1] == 'g';
	} else
		return false;
	return true;
}

/* Read the words behind "-A CHAIN". */
static void
read_rule(const struct rule *rule, struct reading *reading)
{
	bool is_negated = false;

	if (rule->is_cut)
		note_unknown(reading);
	for (size_t i = 2; i < rule->count; i++) {
		const char *word = rule->words[i];

		if (strcmp(word, "!") == 0) {
			is_negated = true;
			continue;
		}
		if (word[0] == '-' && i + 1 < rule->count &&
		    read_option(reading, word, rule->words[i + 1], is_negated))
			i++;
		else if (word[0] == '-' && reading->target == NULL)
			note_unknown(reading);
		is_negated = false;
	}
}

static bool
has_chain(const struct table *table, const char *name)
{
	const char *at = table->text, *line;
	size_t len, wanted = strlen(name);

	while ((line = next_line(table, &at, &len)) != NULL)
		if (line[0] == ':' && len > wanted + 1 &&
		    strncmp(line + 1, name, wanted) == 0 &&
		    line[wanted + 1] == ' ')
			return true;
	return false;
}

/* Return what the target makes of a packet that fits the rule. */
static enum firewall_verdict
follow(struct table *table, const struct reading *reading)
{
	const char *target = reading->target;
	enum firewall_verdict verdict;

	if (target == NULL)
		return FIREWALL_GOES_ON;
	if (strcmp(target, "ACCEPT") == 0)
		return FIREWALL_ACCEPT;
	if (strcmp(target, "DROP") == 0 || strcmp(target, "REJECT") == 0)
		return FIREWALL_DROP;
	if (strcmp(target, "RETURN") == 0)
		return FIREWALL_RETURN;
	if (!has_chain(table, target))
		return FIREWALL_GOES_ON; /* LOG, MARK and so on */
	verdict = walk_chain(table, target);
	return verdict == FIREWALL_GOES_ON && reading->leaps ? FIREWALL_RETURN
							     : verdict;
}

static enum firewall_verdict
ask_rule(struct table *table, const struct rule *rule)
{
	struct reading reading = { .packet = table->way->packet,
		.fit = FIREWALL_YES };

	read_rule(rule, &reading);
	if (reading.fit == FIREWALL_NO)
		return FIREWALL_GOES_ON;
	return firewall_weigh(table->way, reading.fit, follow(table, &reading));
}

static enum firewall_verdict
walk_chain(struct table *table, const char *name)
{
	enum firewall_verdict verdict = FIREWALL_GOES_ON;
	const char *at = table->text, *line;
	size_t len;

	if (table->depth >= FIREWALL_DEPTH) {
		table->way->may_be_taken = true;
		return FIREWALL_GOES_ON;
	}
	table->depth++;
	while (verdict == FIREWALL_GOES_ON &&
	    (line = next_line(table, &at, &len)) != NULL) {
		struct rule rule;

		if (len < 3 || strncmp(line, "-A ", 3) != 0 ||
		    table->way->steps++ >= FIREWALL_STEPS)
			continue;
		cut(line, len, &rule);
		if (rule.count > 1 && strcmp(rule.words[1], name) == 0)
			verdict = ask_rule(table, &rule);
		free(rule.copy);
	}
	table->depth--;
	return verdict == FIREWALL_RETURN ? FIREWALL_GOES_ON : verdict;
}

/* Return true if the policy of a chain is DROP: ":INPUT DROP [0:0]". */
static bool
is_closed(const struct table *table, const char *name)
{
	const char *at = table->text, *line;
	size_t len, wanted = strlen(name);

	while ((line = next_line(table, &at, &len)) != NULL)
		if (line[0] == ':' && len > wanted + 5 &&
		    strncmp(line + 1, name, wanted) == 0 &&
		    strncmp(line + 1 + wanted, " DROP", 5) == 0)
			return true;
	return false;
}

static enum firewall_answer
ask_chain(struct table *table, const char *chain)
{
	enum firewall_verdict verdict = walk_chain(table, chain);

	if (verdict == FIREWALL_GOES_ON && is_closed(table, chain))
		verdict = FIREWALL_DROP;
	return firewall_conclude(table->way, verdict);
}

/* Find the next table: after "*NAME", up to the next one. */
static bool
next_table(const char **text, char name[64], struct table *table)
{
	const char *at = *text;
	size_t len;

	while (at != NULL && *at != '*') {
		at = strchr(at, '\n');
		at = at != NULL ? at + 1 : NULL;
	}
	if (at == NULL)
		return false;
	len = strcspn(at + 1, " \r\n");
	snprintf(name, 64, "%.*s", len < 64 ? (int)len : 63, at + 1);
	table->text = at + 1;
	table->end = strstr(at, "\n*");
	if (table->end == NULL)
		table->end = at + strlen(at);
	else
		table->end++;
	*text = table->end;
	return true;
}

static const char *const entrances[] = { "PREROUTING", "INPUT" };

bool
firewall_has_iptables(const char *text)
{
	struct table table;
	char name[64];

	while (next_table(&text, name, &table))
		for (size_t i = 0; i < 2; i++)
			if (has_chain(&table, entrances[i]))
				return true;
	return false;
}

enum firewall_answer
firewall_ask_iptables(const char *text, const struct firewall_packet *packet,
    struct firewall_place *place)
{
	enum firewall_answer worst = FIREWALL_OPEN;
	char name[64];
	struct table table;

	*place = (struct firewall_place){ .is_iptables = true };
	while (next_table(&text, name, &table)) {
		if (strcmp(name, "nat") == 0)
			continue;
		for (size_t i = 0; i < 2; i++) {
			struct firewall_way way = { .packet = packet };
			enum firewall_answer answer;

			table.way = &way;
			table.depth = 0;
			answer = ask_chain(&table, entrances[i]);
			if (answer <= worst)
				continue;
			worst = answer;
			text_copy(place->table, sizeof(place->table), name);
			text_copy(
			    place->chain, sizeof(place->chain), entrances[i]);
		}
	}
	return worst;
}
