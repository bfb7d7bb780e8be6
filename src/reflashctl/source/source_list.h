/* SPDX-License-Identifier: ISC */
/*
 * source_list -- the catalogue as it is on this machine: the *.image files of
 * two folders, in byte order of their names.  A file in /etc replaces the one
 * of the same name below /usr; an empty one, or a link to /dev/null, switches
 * it off.
 */
#ifndef REFLASHD_REFLASHCTL_SOURCE_LIST_H
#define REFLASHD_REFLASHCTL_SOURCE_LIST_H

#include <stddef.h>

#include "base/problems.h"
#include "core/source/image_source.h"

struct source_list {
	struct image_source **items; /* owned, each of them too */
	size_t count;
	struct problems problems; /* of the files that are left out */
	struct strlist folders;	  /* that were looked at, the first one first */
};

/* Read the catalogue; REFLASHD_CATALOG names other folders, with ':' between.
 */
void source_list_load(struct source_list *);
void source_list_fini(struct source_list *);

/*
 * Find an entry by its name or that of its file, borrowed; NULL: there is none.
 */
const struct image_source *
source_list_find(const struct source_list *, const char *name);

/*
 * The same, but also by the start of its name; *found is borrowed.  Where there
 * is none, what could be meant is printed, and what is wrong with the
 * catalogue.
 */
bool source_list_guess(const struct source_list *, const char *typed,
    const struct image_source **found);

#endif
