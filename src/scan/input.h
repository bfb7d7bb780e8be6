/* SPDX-License-Identifier: ISC */
/*
 * input -- the daemon's requests to report something again.
 *
 * A line on stdin, if that is a socket, is a part of names: "1000a05bf6".
 * Every service known under such a name is reported as if it had just been
 * found.
 */
#ifndef REFLASHD_SCAN_INPUT_H
#define REFLASHD_SCAN_INPUT_H

#include <avahi-common/watch.h>

struct browser;
struct input;

/* Both are borrowed. */
struct input *input_new(const AvahiPoll *, struct browser *);
void input_free(struct input *);

#endif
