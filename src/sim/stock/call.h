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

/* Return true if the fault strikes this call, and count it down. */
bool call_strikes(struct call *, enum fault);

/* Answer with a code alone; close the connection without an answer. */
void call_answer(struct call *, int error);
void call_answer_empty(struct call *);

/* Let the call hang: REPLY_HANG or REPLY_STUCK. */
void call_hang(struct call *, enum reply_how);

/* Answer ota_flash (call_flash.c); zeroconf.c answers the others. */
void call_flash(struct call *);

#endif
