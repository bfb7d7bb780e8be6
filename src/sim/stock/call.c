/* SPDX-License-Identifier: ISC */
/* Answers a request to /zeroconf/ with a code, with nothing, or not at all. */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/stock/call.h"

bool
call_strikes(struct call *c, enum fault fault)
{
	return fault_strikes(&c->device->spec.faults, fault, c->on);
}

void
call_answer(struct call *c, int error)
{
	reply_json(c->reply, c->device, error, NULL);
}

void
call_answer_empty(struct call *c)
{
	free(c->reply->text);
	c->reply->text = xstrdup("");
}

void
call_hang(struct call *c, enum reply_how how)
{
	call_answer_empty(c);
	c->reply->how = how;
	c->reply->delay_ms = c->device->spec.hang_ms;
}
