/* SPDX-License-Identifier: ISC */
/*
 * web_files -- the files of src/web/page, which make puts into the program, so
 * that the page and the program are always of the same version.
 */
#ifndef REFLASHD_WEB_FILES_H
#define REFLASHD_WEB_FILES_H

#include <stddef.h>

struct web_file {
	const char *path; /* "/page.css" */
	const char *type;
	const unsigned char *data;
	size_t len;
};

extern const struct web_file web_files[];
extern const size_t web_file_count;

#endif
