/* SPDX-License-Identifier: ISC */
/* image_send -- hands an image to the daemon, and prints what it says. */
#ifndef REFLASHD_REFLASHCTL_IMAGE_SEND_H
#define REFLASHD_REFLASHCTL_IMAGE_SEND_H

#include "reflashctl/ctl.h"
#include "reflashctl/source/image_bytes.h"

/*
 * Have sealed bytes put into ImageDirectory under a name.  verb is the word
 * that was typed, for --json.  Returns an exit code.
 */
int image_send(struct ctl *, const char *verb, const struct image_bytes *,
    const char *name);

/*
 * Return true if there is nothing to send, and *rc is the exit code: the very
 * same image has this name already, which is printed, or the daemon cannot be
 * asked.
 */
bool image_send_is_done(struct ctl *, const char *verb, const char *name,
    const char *sha256, int *rc);

#endif
