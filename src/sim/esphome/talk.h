/* SPDX-License-Identifier: ISC */
/*
 * talk -- a small server at the address of a device for a protocol that is not
 * HTTP.
 */
#ifndef REFLASHD_SIM_TALK_H
#define REFLASHD_SIM_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct device;
struct evbuffer;
struct talk;

enum talk_next { TALK_STAY, TALK_CLOSE };

/*
 * All that has come on a connection until now; take from it what is answered.
 * What comes about by it must not close the server before it has returned.
 */
typedef enum talk_next
talk_fn(void *ctx, struct evbuffer *in, struct evbuffer *out);

/* Closed at first; device and ctx are borrowed. */
struct talk *talk_new(struct device *, uint16_t port, talk_fn *, void *ctx);
void talk_free(struct talk *); /* NULL is fine */

/* Listen; stop that, and drop all connections. */
bool talk_open(struct talk *, struct error *);
void talk_close(struct talk *);

#endif
