/* SPDX-License-Identifier: ISC */
/*
 * version -- versions of firmware, and bounds for them: ">=3.5 <3.9 !=3.7.1".
 */
#ifndef REFLASHD_VERSION_H
#define REFLASHD_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Numbers between dots: 3.5 is the same as 3.5.0, and less than 3.10. */
#define VERSION_PARTS 4

struct version {
	uint32_t part[VERSION_PARTS];
};

bool version_parse(const char *, struct version *);
int version_compare(const struct version *, const struct version *);

enum version_relation {
	VERSION_LESS,
	VERSION_AT_MOST,
	VERSION_EQUAL,
	VERSION_AT_LEAST,
	VERSION_MORE,
	VERSION_NOT,
};

struct version_bound {
	enum version_relation relation;
	struct version version;
	char text[24]; /* as it was written */
};

#define VERSION_MAX_BOUNDS 32 /* versions_possible() is cubic */

/* ">=3.5 <3.9 !=3.7.1": all must hold.  A bare 3.6.0 means =3.6.0. */
struct versions {
	struct version_bound *items;
	size_t count;
};

bool versions_add(struct versions *, const char *words, struct error *);
/*
 * Return true if the version fits.  A version that cannot be read fits only an
 * empty list.
 */
bool versions_fit(const struct versions *, const char *);
/* Return true if there is a version that fits at all. */
bool versions_possible(const struct versions *);
void versions_fini(struct versions *);

#endif
