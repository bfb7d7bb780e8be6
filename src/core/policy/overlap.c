/* SPDX-License-Identifier: ISC */
/*
 * Compares the sets of ids, types, versions and addresses that policies ask
 * for, so that core/policy/lint can name a policy that can never decide.
 */
#include "config.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/policy/overlap.h"

/* An id under test for a pattern, and how many of its digits were matched. */
struct id {
	const char *start;
	unsigned digits, at;
};

/* Return true if one character of a pattern can match the next digit. */
static bool
is_digit_possible(const char *one, struct id id)
{
	static const char digits[] = "0123456789abcdef";
	bool is_fixed = id.at < strlen(id.start);

	for (size_t i = 0; i < sizeof(digits) - 1; i++) {
		const char text[2] = { digits[i], '\0' };

		if ((!is_fixed || id.start[id.at] == digits[i]) &&
		    fnmatch(one, text, FNM_CASEFOLD) == 0)
			return true;
	}
	return false;
}

/* Return the length of the character or [set] at the start of a pattern. */
static size_t
length_of_one(const char *pattern)
{
	const char *end;

	if (pattern[0] == '\\' && pattern[1] != '\0')
		return 2;
	if (pattern[0] != '[')
		return 1;
	end = pattern + 1 + strspn(pattern + 1, "!^");
	end = strchr(end + (*end == ']'), ']');
	return end != NULL ? (size_t)(end - pattern) + 1 : 1;
}

static bool
can_fit(const char *pattern, struct id id)
{
	size_t len = length_of_one(pattern);
	char *one;
	bool may;

	if (pattern[0] == '\0')
		return id.at == id.digits;
	if (pattern[0] == '*') {
		pattern += strspn(pattern, "*");
		for (; id.at <= id.digits; id.at++)
			if (can_fit(pattern, id))
				return true;
		return false;
	}
	if (id.at == id.digits)
		return false;
	one = xstrndup(pattern, len);
	may = is_digit_possible(one, id);
	free(one);
	id.at++;
	return may && can_fit(pattern + len, id);
}

bool
overlap_id_possible(const char *pattern, const char *start, unsigned digits)
{
	return can_fit(pattern, (struct id){ start, digits, 0 });
}

/*
 * Return true if the outer pattern fits every id that the inner one fits.
 * False if that is not certain.
 */
static bool
does_glob_cover(const char *outer, const char *inner)
{
	/*
	 * Only a '*' of the outer pattern can match a pattern in the inner one.
	 */
	if (strcasecmp(outer, inner) == 0)
		return true;
	if (strpbrk(inner, "*?[\\") != NULL && strpbrk(outer, "?[\\") != NULL)
		return false;
	return fnmatch(outer, inner, FNM_CASEFOLD) == 0;
}

static bool
is_covered_by_any(const struct strlist *list, bool excluding, const char *inner)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *word = list->items[i];

		if ((*word == '!') == excluding &&
		    does_glob_cover(word + excluding, inner))
			return true;
	}
	return false;
}

static size_t
count_wanted(const struct strlist *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += list->items[i][0] != '!';
	return count;
}

bool
overlap_words_possible(const struct strlist *list)
{
	if (count_wanted(list) == 0)
		return !is_covered_by_any(list, true, "*");
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i][0] != '!' &&
		    !is_covered_by_any(list, true, list->items[i]))
			return true;
	return false;
}

/* Return true if inner excludes all that outer excludes. */
static bool
are_exclusions_shared(const struct strlist *outer, const struct strlist *inner)
{
	for (size_t i = 0; i < outer->count; i++)
		if (outer->items[i][0] == '!' &&
		    !is_covered_by_any(inner, true, outer->items[i] + 1))
			return false;
	return true;
}

bool
overlap_words_cover(const struct strlist *outer, const struct strlist *inner)
{
	if (!are_exclusions_shared(outer, inner))
		return false;
	if (count_wanted(outer) == 0)
		return true;
	if (count_wanted(inner) == 0)
		return is_covered_by_any(outer, false, "*");
	for (size_t i = 0; i < inner->count; i++)
		if (inner->items[i][0] != '!' &&
		    !is_covered_by_any(outer, false, inner->items[i]))
			return false;
	return true;
}

/* Return a copy with room for two more bounds; freed by the caller. */
static struct versions
copy_with_room(const struct versions *list)
{
	struct versions copy = { .count = list->count };

	copy.items = xcalloc(list->count + 2, sizeof(*copy.items));
	if (list->count > 0)
		memcpy(
		    copy.items, list->items, list->count * sizeof(*copy.items));
	return copy;
}

static void
add_bound(struct versions *list, enum version_relation relation,
    struct version version)
{
	list->items[list->count++] =
	    (struct version_bound){ .relation = relation, .version = version };
}

bool
overlap_versions_within(
    const struct versions *list, const char *from, const char *to)
{
	struct versions copy = copy_with_room(list);
	struct version version;
	bool possible;

	if (version_parse(from, &version))
		add_bound(&copy, VERSION_AT_LEAST, version);
	if (version_parse(to, &version))
		add_bound(&copy, VERSION_LESS, version);
	possible = versions_possible(&copy);
	versions_fini(&copy);
	return possible;
}

bool
overlap_versions_cover(
    const struct versions *outer, const struct versions *inner)
{
	static const enum version_relation opposite[] = {
		[VERSION_LESS] = VERSION_AT_LEAST,
		[VERSION_AT_MOST] = VERSION_MORE,
		[VERSION_EQUAL] = VERSION_NOT,
		[VERSION_AT_LEAST] = VERSION_LESS,
		[VERSION_MORE] = VERSION_AT_MOST,
		[VERSION_NOT] = VERSION_EQUAL,
	};

	/* A version that cannot be read fits only the inner list. */
	if (outer->count > 0 && inner->count == 0)
		return false;
	for (size_t i = 0; i < outer->count; i++) {
		struct versions copy = copy_with_room(inner);
		bool possible;

		add_bound(&copy, opposite[outer->items[i].relation],
		    outer->items[i].version);
		possible = versions_possible(&copy);
		versions_fini(&copy);
		if (possible)
			return false;
	}
	return true;
}

/*
 * Return an address at which a set of nets can begin if it is not empty: the
 * start of a net, the address after a net, or, as the last candidate, 0.
 */
static struct in_addr
candidate(const struct networks *list, size_t i)
{
	const struct network *net;
	in_addr_t address = 0;

	if (i < 2 * list->count) {
		net = &list->items[i / 2];
		address =
		    i % 2 == 0 ? net->address : (net->address | ~net->mask) + 1;
	}
	return (struct in_addr){ htonl(address) };
}

/*
 * Return true if an address is in the first list and, as wanted, is or is not
 * in the other.
 */
static bool
is_there_any(
    const struct networks *in, const struct networks *other, bool wanted)
{
	const struct networks *lists[2] = { in, other };

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i <= 2 * lists[l]->count; i++) {
			struct in_addr address = candidate(lists[l], i);

			if (networks_has(in, address) &&
			    networks_has(other, address) == wanted)
				return true;
		}
	return false;
}

bool
overlap_nets_meet(const struct networks *a, const struct networks *b)
{
	return is_there_any(a, b, true);
}

bool
overlap_nets_cover(const struct networks *outer, const struct networks *inner)
{
	return !is_there_any(inner, outer, false);
}
