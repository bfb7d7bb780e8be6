/* SPDX-License-Identifier: ISC */
/*
 * reply -- what a device sends back, and how well or badly it does so.
 */
#ifndef REFLASHD_SIM_REPLY_H
#define REFLASHD_SIM_REPLY_H

#include <jansson.h>

#include "sim/fault.h"

struct device;

#define REPLY_SLOW_MS 3000

enum reply_how {
	REPLY_SEND,  /* the text, then close; "" is an empty reply */
	REPLY_STAY,  /* the text, and close later */
	REPLY_DRIP,  /* the text, a byte a second */
	REPLY_FLOOD, /* the text, then more for ever */
	REPLY_RESET,
	REPLY_HANG,  /* nothing until the other side gives up */
	REPLY_STUCK, /* nothing for a while, and deaf to all others */
	REPLY_LAST,  /* api_release() has the answer */
};

struct reply {
	enum reply_how how;
	unsigned delay_ms;
	char *text;	  /* owned */
	const char *more; /* borrowed for ever */
	void (*after)(struct device *);
};

/* A good answer: {"seq":N,"error":E[,"data":...]}.  Takes data. */
void reply_json(struct reply *, const struct device *, int error, json_t *data);

/* An answer with that body. */
void reply_body(
    struct reply *, const char *status, const char *type, const char *body);

/* Whether a fault of the transport takes the place of an answer. */
bool reply_instead(struct reply *, struct device *, enum fault_on);

/* What a fault does to an answer that is sent. */
void reply_spoil(struct reply *, struct device *, enum fault_on);

#endif
