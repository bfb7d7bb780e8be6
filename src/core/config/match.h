/* SPDX-License-Identifier: ISC */
/*
 * match -- compares names, firmware versions and addresses with lists of words.
 *
 * Each list is a list of words; a text of several words may be added piece by
 * piece.  A word with ! in front excludes.  Something fits if no excluding word
 * fits it, and if any other word fits it or there are no others.  An empty list
 * fits everything, as nothing was asked for.
 */
#ifndef REFLASHD_MATCH_H
#define REFLASHD_MATCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strlist.h"

/*
 * Return true if the name fits.  Patterns as in fnmatch(3); case does not
 * matter.
 */
bool match_globs_fit(const struct strlist *, const char *);

/* Numbers between dots: 3.5 is the same as 3.5.0, and less than 3.10. */
#define MATCH_VERSION_PARTS 4

struct match_version {
	uint32_t part[MATCH_VERSION_PARTS];
};

bool match_version_parse(const char *, struct match_version *);
int match_version_compare(
    const struct match_version *, const struct match_version *);

enum match_relation {
	MATCH_LESS,
	MATCH_AT_MOST,
	MATCH_EQUAL,
	MATCH_AT_LEAST,
	MATCH_MORE,
	MATCH_NOT,
};

struct match_bound {
	enum match_relation relation;
	struct match_version version;
	char text[24]; /* as it was written */
};

#define MATCH_MAX_BOUNDS 32 /* match_versions_possible() is cubic */

/* ">=3.5 <3.9 !=3.7.1": all must hold.  A bare 3.6.0 means =3.6.0. */
struct match_versions {
	struct match_bound *items;
	size_t count;
};

bool
match_versions_add(struct match_versions *, const char *words, struct error *);
/*
 * Return true if the version fits.  A version that cannot be read fits only an
 * empty list.
 */
bool match_versions_fit(const struct match_versions *, const char *);
/* Return true if there is a version that fits at all. */
bool match_versions_possible(const struct match_versions *);
void match_versions_fini(struct match_versions *);

/* "192.168.1.0/24 !192.168.1.7 10.0.0.5" */
struct match_net {
	in_addr_t address, mask; /* host byte order */
	unsigned bits;
	bool excluded;
};

struct match_nets {
	struct match_net *items;
	size_t count;
};

bool match_nets_add(struct match_nets *, const char *words, struct error *);
bool match_nets_has(const struct match_nets *, struct in_addr);
/* Return true if a word names loopback, or a part of it, explicitly. */
bool match_nets_name_loopback(const struct match_nets *);
void match_nets_fini(struct match_nets *);

#endif
