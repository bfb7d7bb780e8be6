/* SPDX-License-Identifier: ISC */
/*
 * call -- one request to /zeroconf/ while it is answered.
 */
#ifndef REFLASHD_SIM_CALL_H
#define REFLASHD_SIM_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "sim/stock/reply.h"

struct call {
	struct device *device; /* borrowed, as all of these */
	enum fault_on on;
	json_t *data;
	struct reply *reply;
};

/* Whether the fault strikes this call; counts it down. */
bool call_strikes(struct call *, enum fault);

/* With a code and nothing else. */
void call_answer(struct call *, int error);
void call_answer_empty(struct call *);

/* REPLY_HANG or REPLY_STUCK, as long as the device is told to. */
void call_hang(struct call *, enum reply_how);

/* ota_flash (flashcall.c): the others are small enough for zeroconf.c. */
void call_flash(struct call *);

#endif
