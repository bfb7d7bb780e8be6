/* SPDX-License-Identifier: ISC */
/* reply -- the bytes that a device answers, and how it sends them. */
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
	REPLY_FLOOD, /* the text, then more without end */
	REPLY_RESET,
	REPLY_HANG,  /* no answer until the other side gives up */
	REPLY_STUCK, /* no answer for a while, to nobody else either */
	REPLY_LAST,  /* api_release() has the answer */
};

struct reply {
	enum reply_how how;
	unsigned delay_ms;
	char *text;	  /* owned */
	const char *more; /* borrowed, constant */
	void (*after)(struct device *);
};

/* Make a good answer: {"seq":N,"error":E[,"data":...]}.  data is taken. */
void reply_json(struct reply *, const struct device *, int error, json_t *data);

/* Return true if a fault of the transport has replaced the answer. */
bool reply_instead(struct reply *, struct device *, enum fault_on);

/* Let the faults of the device spoil an answer. */
void reply_spoil(struct reply *, struct device *, enum fault_on);

#endif
