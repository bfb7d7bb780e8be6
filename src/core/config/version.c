/* SPDX-License-Identifier: ISC */
/* Compares versions of firmware with each other, and with the bounds of
 * [Match]. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/version.h"

bool
version_parse(const char *text, struct version *out)
{
	char copy[32], *rest = copy, *part;
	size_t count = 0;

	*out = (struct version){ 0 };
	if (!text_copy(copy, sizeof(copy), text))
		return false;
	while ((part = strsep(&rest, ".")) != NULL) {
		uint64_t n;

		if (count == VERSION_PARTS ||
		    !text_number(part, 0, UINT32_MAX, &n))
			return false;
		out->part[count++] = (uint32_t)n;
	}
	return true;
}

int
version_compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < VERSION_PARTS; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

/* clang-format off */
static const struct {
	const char *sign; /* the longer ones first */
	enum version_relation relation;
} signs[] = {
	{ ">=", VERSION_AT_LEAST },
	{ "<=", VERSION_AT_MOST },
	{ "==", VERSION_EQUAL },
	{ "!=", VERSION_NOT },
	{ ">",	VERSION_MORE },
	{ "<",	VERSION_LESS },
	{ "=",	VERSION_EQUAL },
	{ "!",	VERSION_NOT },
	{ "",	VERSION_EQUAL },
};
/* clang-format on */

static bool
add_bound(void *ctx, const char *word, struct error *err)
{
	struct versions *list = ctx;
	struct version_bound bound = { 0 };
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
	if (!version_parse(word + len, &bound.version) ||
	    !text_copy(bound.text, sizeof(bound.text), word))
		return error_set(err, EINVAL,
		    "%.40s is not a firmware version;"
		    " write for example >=3.5 <3.9, or 3.6.0",
		    word + len);
	if (list->count == VERSION_MAX_BOUNDS)
		return error_set(
		    err, E2BIG, "write at most %d bounds", VERSION_MAX_BOUNDS);
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = bound;
	return true;
}

bool
versions_add(struct versions *list, const char *words, struct error *err)
{
	return text_each_word(words, add_bound, list, err);
}

static bool
bound_holds(const struct version_bound *bound, const struct version *version)
{
	int order = version_compare(version, &bound->version);

	switch (bound->relation) {
	case VERSION_LESS:
		return order < 0;
	case VERSION_AT_MOST:
		return order <= 0;
	case VERSION_EQUAL:
		return order == 0;
	case VERSION_AT_LEAST:
		return order >= 0;
	case VERSION_MORE:
		return order > 0;
	default: /* VERSION_NOT */
		return order != 0;
	}
}

static bool
all_hold(const struct versions *list, const struct version *version)
{
	for (size_t i = 0; i < list->count; i++)
		if (!bound_holds(&list->items[i], version))
			return false;
	return true;
}

bool
versions_fit(const struct versions *list, const char *text)
{
	struct version version;

	if (list->count == 0)
		return true;
	return version_parse(text, &version) && all_hold(list, &version);
}

/*
 * Return the smallest version that is greater.  A bound has too few parts to be
 * the greatest version of all.
 */
static struct version
successor(struct version version)
{
	size_t i = VERSION_PARTS;

	do
		assert(i > 0);
	while (++version.part[--i] == 0);
	return version;
}

/*
 * Return true if any version fits.  If one does, then one of these does: 0, a
 * version at a bound, the one right after it, or the one after a run of
 * versions that are excluded one by one.
 */
bool
versions_possible(const struct versions *list)
{
	struct version start = { 0 };

	for (size_t i = 0; i <= list->count; i++) {
		struct version version = start;

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
versions_fini(struct versions *list)
{
	free(list->items);
	*list = (struct versions){ 0 };
}
