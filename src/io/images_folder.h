/* SPDX-License-Identifier: ISC */
/*
 * images_folder -- ImageDirectory: which files are in it, and new ones.
 *
 * A new file is there as a whole or not at all: it is written under a hidden
 * name, and renamed once it is on the disk.  What a daemon that died has left
 * of that is removed by the next one.
 */
#ifndef REFLASHD_IMAGES_FOLDER_H
#define REFLASHD_IMAGES_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strlist.h"

/* List the names of its files, sorted, without the hidden ones. */
bool
images_folder_list(const char *folder, struct strlist *names, struct error *);

struct images_folder_file {
	const char *name; /* a name as image_file_check() accepts it */
	const void *data;
	size_t size;
	bool may_replace; /* what is there under that name */
};

/*
 * Put a file there; it is on the disk when this returns.  EEXIST: there is a
 * file of that name already.
 */
bool images_folder_put(
    const char *folder, const struct images_folder_file *, struct error *);

/* Remove the files that a daemon left unfinished when it died. */
void images_folder_clean(const char *folder);

#endif
