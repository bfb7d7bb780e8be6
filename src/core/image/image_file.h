/* SPDX-License-Identifier: ISC */
/*
 * image_file -- which names the file of an image may have.
 *
 * Such a name is typed after commands, stands in policies and in messages, and
 * is the last part of a URL: so it has only characters that mean nothing
 * anywhere.
 */
#ifndef REFLASHD_IMAGE_FILE_H
#define REFLASHD_IMAGE_FILE_H

#include <stdbool.h>

#include "base/error.h"

#define IMAGE_FILE_SIZE 64 /* with the end: what a record has room for */

/* Return false, and what is allowed, if no image may be put under this name. */
bool image_file_check(const char *name, struct error *);

/*
 * Copy the last part of a path or URL, without what follows a '?' or '#'.  It
 * may be "", and need not be a name that image_file_check() accepts.
 */
void image_file_of(const char *path, char dst[IMAGE_FILE_SIZE]);

#endif
