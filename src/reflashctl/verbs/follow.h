/* SPDX-License-Identifier: ISC */
/*
 * follow -- watches devices until what was ordered for them has ended.
 *
 * The devices are looked at before the order is sent, so that an old end is not
 * taken for the new one.
 */
#ifndef REFLASHD_REFLASHCTL_FOLLOW_H
#define REFLASHD_REFLASHCTL_FOLLOW_H

#include <jansson.h>

#include "reflashctl/ctl.h"

struct follow;

/*
 * Look at all devices; timeout_sec -1: without limit.  NULL: the daemon does
 * not answer, which is printed.
 */
struct follow *follow_new(const struct ctl *, long timeout_sec);
void follow_free(struct follow *); /* NULL is fine */

/*
 * Watch the devices of the outcomes that were carried out, on a terminal with a
 * bar for each, else with a line for each change.  Each of these outcomes gets
 * its "device" in the end.  Returns the exit code, as the verb wait has it.
 */
int follow_run(struct follow *, json_t *outcomes);

#endif
