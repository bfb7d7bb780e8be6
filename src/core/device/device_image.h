/* SPDX-License-Identifier: ISC */
/*
 * device_image -- what a device keeps in mind of an image, when the image
 * itself may be gone.
 */
#ifndef REFLASHD_DEVICE_IMAGE_H
#define REFLASHD_DEVICE_IMAGE_H

#include <stdint.h>

#include "core/image/image_label.h"

struct device_image {
	char name[64]; /* of the file, escaped */
	char sha256[65];
	uint64_t size;
	char kind[16];		      /* "tasmota", "esphome", ... */
	char version[32];	      /* "" where it cannot be told */
	char label[IMAGE_LABEL_SIZE]; /* "" in records of earlier versions */
};

/* Note an image: the name of its file, its sha256 and what a check found. */
void device_image_set(struct device_image *, const char *name,
    const char *sha256, const struct image_report *);

#endif
