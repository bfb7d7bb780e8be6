/* SPDX-License-Identifier: ISC */
/*
 * image_source -- an image that can be got from somewhere: one entry of the
 * catalogue, which is a file *.image each.
 *
 *	[Image]
 *	Name=tasmota-lite
 *	Kind=tasmota
 *	Version=9.5.0
 *	Size=504848
 *	Sha256=5c1a...
 *	Url=http://...
 *	Note=...
 *
 * The checksum is what is trusted, whatever the servers are.
 */
#ifndef REFLASHD_IMAGE_SOURCE_H
#define REFLASHD_IMAGE_SOURCE_H

#include "base/problems.h"
#include "base/strlist.h"
#include "core/config/option.h"
#include "core/image/image.h"
#include "core/image/image_file.h"

#define IMAGE_SOURCE_URL 1024 /* bytes of a URL, at most */

/* An entry is only read, and owns all in it.  A missing text is NULL. */
struct image_source {
	char *origin; /* the path of its file */
	char *name;
	enum image_kind kind; /* IMAGE_UNKNOWN: none that is known here */
	char *version;
	unsigned size;	     /* in bytes */
	char sha256[65];     /* lower case */
	struct strlist urls; /* to be tried in this order */
	char *note;
	struct options options; /* private */
};

/*
 * Parse an entry.  On any mistake return NULL and add at least one problem with
 * its line.  NULL without a problem: the file is empty, which switches off the
 * entry of its name.
 */
struct image_source *image_source_parse(
    const char *text, size_t len, const char *file, struct problems *);
void image_source_free(struct image_source *); /* NULL is fine */

/*
 * Write the name that the file gets in ImageDirectory: that of its first URL,
 * or where that is none, its own.  Returns dst.
 */
char *image_source_file(const struct image_source *, char dst[IMAGE_FILE_SIZE]);

/* Write "Tasmota 9.5.0 lite", as far as it is known; returns dst. */
#define IMAGE_SOURCE_LABEL 120
char *
image_source_label(const struct image_source *, char dst[IMAGE_SOURCE_LABEL]);

/*
 * Return true if it can be the first image of a device, by its size and its
 * name; else it can be an upgrade.
 */
bool image_source_is_first(const struct image_source *);

/* Return true for an http or https URL without anything odd in it. */
bool image_source_is_url(const char *url, struct error *);

/* Return the table of all keys, so that the manual can be checked. */
const struct option_table *image_source_table(void);

#endif
