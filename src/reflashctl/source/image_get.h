/* SPDX-License-Identifier: ISC */
/*
 * image_get -- gets an image from where it is, checks that it is the wanted
 * one, and hands it to the daemon.
 *
 * Each function prints what went wrong, and returns an exit code.
 */
#ifndef REFLASHD_REFLASHCTL_IMAGE_GET_H
#define REFLASHD_REFLASHCTL_IMAGE_GET_H

#include "core/source/image_source.h"
#include "reflashctl/ctl.h"

struct image_get {
	struct ctl *ctl;      /* borrowed */
	const char *source;   /* as a person has typed it, borrowed */
	unsigned timeout_sec; /* 0: the usual ten minutes */
};

/* Get an entry of the catalogue, from the first URL that has it. */
int image_get_entry(const struct image_get *, const struct image_source *);

/* Get what is at a URL, which may be a manifest that names the image. */
int image_get_url(const struct image_get *);

/* Get the image that a manifest names, which is a file here. */
int image_get_manifest(const struct image_get *);

#endif
