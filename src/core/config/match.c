/* SPDX-License-Identifier: ISC */
/*
 * Compares ids, firmware versions and addresses with the patterns of [Match]
 * and AllowNetworks=.
 */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/match.h"

bool
match_globs_fit(const struct strlist *globs, const char *subject)
{
	bool wanted = false, any = true;

	for (size_t i = 0; i < globs->count; i++) {
		const char *glob = globs->items[i];
		bool excluded = *glob == '!';
		bool fits =
		    fnmatch(glob + excluded, subject, FNM_CASEFOLD) == 0;

		if (excluded && fits)
			return false;
		wanted = wanted || (!excluded && fits);
		any = any && excluded;
	}
	return wanted || any;
}

bool
match_version_parse(const char *text, struct match_version *out)
{
	char copy[32], *rest = copy, *part;
	size_t count = 0;

	*out = (struct match_version){ 0 };
	if (!text_copy(copy, sizeof(copy), text))
		return false;
	while ((part = strsep(&rest, ".")) != NULL) {
		uint64_t n;

		if (count == MATCH_VERSION_PARTS ||
		    !text_number(part, 0, UINT32_MAX, &n))
			return false;
		out->part[count++] = (uint32_t)n;
	}
	return true;
}

int
match_version_compare(
    const struct match_version *a, const struct match_version *b)
{
	for (size_t i = 0; i < MATCH_VERSION_PARTS; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

/* clang-format off */
static const struct {
	const char *sign; /* the longer ones first */
	enum match_relation relation;
} signs[] = {
	{ ">=", MATCH_AT_LEAST },
	{ "<=", MATCH_AT_MOST },
	{ "==", MATCH_EQUAL },
	{ "!=", MATCH_NOT },
	{ ">",	MATCH_MORE },
	{ "<",	MATCH_LESS },
	{ "=",	MATCH_EQUAL },
	{ "!",	MATCH_NOT },
	{ "",	MATCH_EQUAL },
};
/* clang-format on */

static bool
add_bound(struct match_versions *list, const char *word, struct error *err)
{
	struct match_bound bound = { 0 };
	size_t len, i = 0;

	while (strncmp(word, signs[i].sign, strlen(signs[i].sign)) != 0)
		i++;
	len = strlen(signs[i].sign);
	bound.relation = signs[i].relation;
	if (word[len] == '\0')
		return error_set(err, EINVAL,
		    "there is no version after %s;"
		    " write for example %s3.6.0, without a blank",
		    word, word);
	if (!match_version_parse(word + len, &bound.version) ||
	    !text_copy(bound.text, sizeof(bound.text), word))
		return error_set(err, EINVAL,
		    "%.40s is not a firmware version;"
		    " write for example >=3.5 <3.9, or 3.6.0",
		    word + len);
	if (list->count == MATCH_MAX_BOUNDS)
		return error_set(
		    err, E2BIG, "more than %d bounds", MATCH_MAX_BOUNDS);
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = bound;
	return true;
}

bool
match_versions_add(
    struct match_versions *list, const char *words, struct error *err)
{
	char *copy = xstrdup(words), *rest = copy, *word;
	bool ok = true;

	while (ok && (word = text_word(&rest)) != NULL)
		ok = add_bound(list, word, err);
	free(copy);
	return ok;
}

static bool
bound_holds(
    const struct match_bound *bound, const struct match_version *version)
{
	int order = match_version_compare(version, &bound->version);

	switch (bound->relation) {
	case MATCH_LESS:
		return order < 0;
	case MATCH_AT_MOST:
		return order <= 0;
	case MATCH_EQUAL:
		return order == 0;
	case MATCH_AT_LEAST:
		return order >= 0;
	case MATCH_MORE:
		return order > 0;
	default: /* MATCH_NOT */
		return order != 0;
	}
}

static bool
all_hold(const struct match_versions *list, const struct match_version *version)
{
	for (size_t i = 0; i < list->count; i++)
		if (!bound_holds(&list->items[i], version))
			return false;
	return true;
}

bool
match_versions_fit(const struct match_versions *list, const char *text)
{
	struct match_version version;

	if (list->count == 0)
		return true;
	return match_version_parse(text, &version) && all_hold(list, &version);
}

/*
 * Return the smallest version that is greater.  A bound has too few parts to be
 * the greatest version of all.
 */
static struct match_version
successor(struct match_version version)
{
	size_t i = MATCH_VERSION_PARTS;

	do
		assert(i > 0);
	while (++version.part[--i] == 0);
	return version;
}

/*
 * Return true if any version fits.  If one does, then one of these does: 0, a
 * version at a bound, the one right behind it, or the one behind a run of
 * versions that are excluded one by one.
 */
bool
match_versions_possible(const struct match_versions *list)
{
	struct match_version start = { 0 };

	for (size_t i = 0; i <= list->count; i++) {
		struct match_version version = start;

		for (size_t step = 0; step <= list->count; step++) {
			if (all_hold(list, &version))
				return true;
			version = successor(version);
		}
		if (i < list->count)
			start = list->items[i].version;
	}
	return false;
}

void
match_versions_fini(struct match_versions *list)
{
	free(list->items);
	*list = (struct match_versions){ 0 };
}

static bool
parse_net(const char *word, struct match_net *net, struct error *err)
{
	char address[INET_ADDRSTRLEN + 1];
	const char *slash = strchrnul(word, '/');
	struct in_addr in;
	uint64_t bits = 32;

	if ((size_t)(slash - word) >= sizeof(address))
		return error_set(
		    err, EINVAL, "%.40s is not an IPv4 address", word);
	memcpy(address, word, (size_t)(slash - word));
	address[slash - word] = '\0';
	if (inet_pton(AF_INET, address, &in) != 1)
		return error_set(err, EINVAL,
		    "%.40s is not an IPv4 address or"
		    " network; write for example 192.168.1.0/24",
		    word);
	if (*slash == '/' && !text_number(slash + 1, 0, 32, &bits))
		return error_set(err, EINVAL,
		    "%.40s: the length of a network"
		    " is a number from 0 to 32",
		    word);
	net->bits = (unsigned)bits;
	net->mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
	net->address = ntohl(in.s_addr) & net->mask;
	if (net->address == ntohl(in.s_addr))
		return true;
	in.s_addr = htonl(net->address);
	inet_ntop(AF_INET, &in, address, sizeof(address));
	return error_set(err, EINVAL,
	    "%.40s means no network of /%u; write"
	    " %s/%u for all of it, or leave the /%u out",
	    word, net->bits, address, net->bits, net->bits);
}

bool
match_nets_add(struct match_nets *list, const char *words, struct error *err)
{
	char *copy = xstrdup(words), *rest = copy, *word;
	bool ok = true;

	while ((word = text_word(&rest)) != NULL) {
		struct match_net net = { .excluded = *word == '!' };

		ok = parse_net(word + net.excluded, &net, err);
		if (!ok)
			break;
		list->items = xrealloc(
		    list->items, list->count + 1, sizeof(list->items[0]));
		list->items[list->count++] = net;
	}
	free(copy);
	return ok;
}

bool
match_nets_has(const struct match_nets *list, struct in_addr in)
{
	in_addr_t address = ntohl(in.s_addr);
	bool wanted = false, any = true;

	for (size_t i = 0; i < list->count; i++) {
		const struct match_net *net = &list->items[i];
		bool fits = (address & net->mask) == net->address;

		if (net->excluded && fits)
			return false;
		wanted = wanted || (!net->excluded && fits);
		any = any && net->excluded;
	}
	return wanted || any;
}

bool
match_nets_name_loopback(const struct match_nets *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct match_net *net = &list->items[i];

		if (!net->excluded && net->bits >= 8 &&
		    net->address >> 24 == IN_LOOPBACKNET)
			return true;
	}
	return false;
}

void
match_nets_fini(struct match_nets *list)
{
	free(list->items);
	*list = (struct match_nets){ 0 };
}
