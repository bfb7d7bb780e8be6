/* SPDX-License-Identifier: ISC */
/*
 * keys -- the keys that a person has pressed, from the bytes that a terminal
 * sends for them.
 *
 * An arrow is several bytes, which may come one by one; Escape is the first of
 * them alone.  Pure: it takes bytes, and is told when no more will come.
 */
#ifndef REFLASHD_REFLASHCTL_KEYS_H
#define REFLASHD_REFLASHCTL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Keys without a character; any other key is the byte that it sends. */
enum key {
	KEY_NONE = 0,
	KEY_BACKSPACE = 0x100,
	KEY_ENTER,
	KEY_ESCAPE,
	KEY_UP,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
};

/* Bytes that were read and mean no key yet.  Zeroed: none. */
struct keys {
	char text[64];
	size_t len;
};

/*
 * Take the next key off the bytes.  KEY_NONE: there is none, or its bytes are
 * incomplete.  is_all: no more bytes come now, so an Escape stands for itself.
 */
int keys_take(struct keys *, bool is_all);

#endif
