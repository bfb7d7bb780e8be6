/* SPDX-License-Identifier: ISC */
/*
 * proposal -- the text of a first policy for some devices and an image, in
 * which a comment explains every choice.
 *
 * The choices are careful ones: these devices and no others, none before it was
 * approved, this very file, one device first, and a stop after a failure.
 */
#ifndef REFLASHD_REFLASHCTL_PROPOSAL_H
#define REFLASHD_REFLASHCTL_PROPOSAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define PROPOSAL_NAME "50-first" /* of the policy */

/*
 * Return the image that is best for a first flash, borrowed from a list as the
 * daemon gives it; NULL: none can be a first image.  One without warnings is
 * better than one with, a Tasmota fits more devices than an ESPHome, and a
 * later version is better than an earlier one.
 */
json_t *proposal_image(const json_t *images);

/* Return true if a policy can name a file of this name as it is. */
bool proposal_can_name(const char *image);

/* Write the policy; devices is an array of at least one. */
void proposal_write(FILE *, const json_t *devices, const json_t *image);

#endif
