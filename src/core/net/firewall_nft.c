/* SPDX-License-Identifier: ISC */
/*
 * Sends a packet through the chains of nftables, as "nft -j list ruleset"
 * prints them.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "core/net/firewall_parts.h"

/* The rules, and the packet on its way through them. */
struct nft {
	const json_t *ruleset; /* borrowed */
	struct firewall_way *way;
	unsigned depth;
};

static enum firewall_verdict
walk_chain(struct nft *, const json_t *of, const char *name);

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
is_text(const json_t *object, const char *key, const char *wanted)
{
	const char *text = text_of(object, key);

	return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

/*
 * Find the verdict in a statement or an element: {"drop":null} or
 * {"jump":{"target":"x"}}; of is what names the table.  Returns false if it is
 * none.
 */
static bool
find_verdict(struct nft *nft, const json_t *of, const json_t *statement,
    enum firewall_verdict *out)
{
	const json_t *jump = json_object_get(statement, "jump");
	const json_t *leap = json_object_get(statement, "goto");

	if (json_object_get(statement, "accept") != NULL)
		*out = FIREWALL_ACCEPT;
	else if (json_object_get(statement, "drop") != NULL ||
	    json_object_get(statement, "reject") != NULL)
		*out = FIREWALL_DROP;
	else if (json_object_get(statement, "return") != NULL)
		*out = FIREWALL_RETURN;
	else if (json_object_get(statement, "continue") != NULL)
		*out = FIREWALL_GOES_ON;
	else if (jump != NULL)
		*out = walk_chain(nft, of, text_of(jump, "target"));
	else if (leap != NULL) {
		*out = walk_chain(nft, of, text_of(leap, "target"));
		if (*out == FIREWALL_GOES_ON)
			*out = FIREWALL_RETURN;
	} else
		return false;
	return true;
}

/* Find the pairs of a verdict map that is named "@x" in its table. */
static const json_t *
find_pairs(const struct nft *nft, const json_t *rule, const json_t *data)
{
	const json_t *entry, *set = json_object_get(data, "set");
	const char *name = json_string_value(data);
	size_t i;

	if (name == NULL)
		return set;
	json_array_foreach (
	    json_object_get(nft->ruleset, "nftables"), i, entry) {
		const json_t *map = json_object_get(entry, "map");

		if (name[0] == '@' && is_text(map, "name", name + 1) &&
		    is_text(map, "table", text_of(rule, "table")) &&
		    is_text(map, "family", text_of(rule, "family")))
			return json_object_get(map, "elem");
	}
	return NULL;
}

/* Return what a verdict map makes of the packet, where the rule fits so far. */
static enum firewall_verdict
ask_vmap(struct nft *nft, const json_t *rule, const json_t *vmap,
    enum firewall_fit so_far)
{
	const json_t *pair;
	size_t i;

	json_array_foreach (
	    find_pairs(nft, rule, json_object_get(vmap, "data")), i, pair) {
		enum firewall_verdict verdict;
		enum firewall_fit fit;
		json_auto_t *match = json_pack("{s:s, s:O?, s:O?}", "op",
		    "==", "left", json_object_get(vmap, "key"), "right",
		    json_array_get(pair, 0));

		if (match == NULL)
			continue;
		fit = firewall_least(so_far,
		    firewall_nft_match(
			nft->ruleset, rule, match, nft->way->packet));
		if (fit == FIREWALL_NO ||
		    !find_verdict(nft, rule, json_array_get(pair, 1), &verdict))
			continue;
		verdict = firewall_weigh(nft->way, fit, verdict);
		if (verdict != FIREWALL_GOES_ON)
			return verdict;
	}
	return FIREWALL_GOES_ON;
}

/* Return true for a statement that fits every packet, and lets it go on. */
static bool
is_harmless(const json_t *statement)
{
	static const char *const words[] = { "counter", "log", "limit",
		"mangle", "notrack", "comment", "quota", "set", "map", "dup" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (json_object_get(statement, words[i]) != NULL)
			return true;
	return false;
}

static enum firewall_verdict
ask_rule(struct nft *nft, const json_t *rule)
{
	enum firewall_fit fit = FIREWALL_YES;
	enum firewall_verdict verdict;
	const json_t *statement, *match, *vmap;
	size_t i;

	json_array_foreach (json_object_get(rule, "expr"), i, statement) {
		match = json_object_get(statement, "match");
		vmap = json_object_get(statement, "vmap");
		if (match != NULL)
			fit = firewall_least(fit,
			    firewall_nft_match(
				nft->ruleset, rule, match, nft->way->packet));
		if (fit == FIREWALL_NO)
			return FIREWALL_GOES_ON;
		if (vmap != NULL)
			return ask_vmap(nft, rule, vmap, fit);
		if (find_verdict(nft, rule, statement, &verdict))
			return firewall_weigh(nft->way, fit, verdict);
		if (match == NULL && !is_harmless(statement))
			fit = FIREWALL_MAYBE;
	}
	return FIREWALL_GOES_ON;
}

/* Walk through a chain of the table of that object. */
static enum firewall_verdict
walk_chain(struct nft *nft, const json_t *of, const char *name)
{
	enum firewall_verdict verdict = FIREWALL_GOES_ON;
	const json_t *entry;
	size_t i;

	if (nft->depth >= FIREWALL_DEPTH) {
		nft->way->may_be_taken = true;
		return FIREWALL_GOES_ON;
	}
	nft->depth++;
	json_array_foreach (
	    json_object_get(nft->ruleset, "nftables"), i, entry) {
		const json_t *rule = json_object_get(entry, "rule");

		if (rule == NULL || !is_text(rule, "chain", name) ||
		    !is_text(rule, "table", text_of(of, "table")) ||
		    !is_text(rule, "family", text_of(of, "family")) ||
		    nft->way->steps++ >= FIREWALL_STEPS)
			continue;
		verdict = ask_rule(nft, rule);
		if (verdict != FIREWALL_GOES_ON)
			break;
	}
	nft->depth--;
	return verdict == FIREWALL_RETURN ? FIREWALL_GOES_ON : verdict;
}

/* Return true for the beginning of the way into this machine. */
static bool
is_entrance(const json_t *chain)
{
	const char *family = text_of(chain, "family");

	return family != NULL &&
	    (strcmp(family, "inet") == 0 || strcmp(family, "ip") == 0) &&
	    (is_text(chain, "hook", "input") ||
		is_text(chain, "hook", "prerouting"));
}

static enum firewall_answer
ask_chain(const json_t *ruleset, const json_t *chain,
    const struct firewall_packet *packet)
{
	struct firewall_way way = { .packet = packet };
	struct nft nft = { .ruleset = ruleset, .way = &way };
	enum firewall_verdict verdict =
	    walk_chain(&nft, chain, text_of(chain, "name"));

	if (verdict == FIREWALL_GOES_ON && is_text(chain, "policy", "drop"))
		verdict = FIREWALL_DROP;
	return firewall_conclude(&way, verdict);
}

static void
note_place(const json_t *chain, struct firewall_place *place)
{
	const char *family = text_of(chain, "family");
	const char *table = text_of(chain, "table");
	const char *name = text_of(chain, "name");

	*place = (struct firewall_place){ .is_iptables = false };
	text_copy(place->family, sizeof(place->family), family ? family : "");
	text_copy(place->table, sizeof(place->table), table ? table : "");
	text_copy(place->chain, sizeof(place->chain), name ? name : "");
}

enum firewall_answer
firewall_ask_nft(const json_t *ruleset, const struct firewall_packet *packet,
    struct firewall_place *place)
{
	enum firewall_answer worst = FIREWALL_OPEN;
	const json_t *entry;
	size_t i;

	*place = (struct firewall_place){ .is_iptables = false };
	json_array_foreach (json_object_get(ruleset, "nftables"), i, entry) {
		const json_t *chain = json_object_get(entry, "chain");
		enum firewall_answer answer;

		if (!is_entrance(chain))
			continue;
		answer = ask_chain(ruleset, chain, packet);
		if (answer <= worst)
			continue;
		worst = answer;
		note_place(chain, place);
	}
	return worst;
}
