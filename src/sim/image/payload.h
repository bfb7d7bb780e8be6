/* SPDX-License-Identifier: ISC */
/*
 * payload -- the strings inside a firmware by which it is recognised.
 */
#ifndef REFLASHD_SIM_PAYLOAD_H
#define REFLASHD_SIM_PAYLOAD_H

#include <stddef.h>

/* One run of bytes, zero bytes included. */
struct payload_mark {
	const char *bytes;
	size_t len;
};

struct payload {
	const char *name;
	const struct payload_mark *marks;
	size_t count;
};

const struct payload *payload_find(const char *name); /* or NULL */
const struct payload *payload_at(size_t index);	      /* or NULL */

/* Spread the marks of a payload over a piece of program memory. */
void payload_write(const struct payload *, unsigned char *dst, size_t len);

#endif
