/* SPDX-License-Identifier: ISC */
/*
 * report -- devices, plans and events as the JSON that reflashctl shows.
 *
 * Keys are never missing but null.  What comes from the network has been
 * escaped where it was read.  Every function returns a new reference.
 */
#ifndef REFLASHD_REPORT_H
#define REFLASHD_REPORT_H

#include <jansson.h>

#include "core/device/device.h"
#include "core/schedule/decide.h"

json_t *report_device(const struct device *);

/* Return one element of `plan`. */
json_t *report_plan(const struct device *, const struct decision *);

/* Return one element of `history`: how an attempt ended. */
json_t *report_history(const struct device *);

/*
 * Return the token of the reason, or of what a held device waits for; NULL for
 * neither.  The other two return its advice and its words for people.
 */
const char *report_reason(const struct device *);
const char *report_advice(const struct device *);
const char *report_sentence(const struct device *);

/*
 * Return the id (core/state/message.h) of the line that describes the device
 * now.
 */
const char *report_message(const struct device *);

/* Return how much of the image has been handed over, from 0 to 100. */
unsigned report_percent(const struct device *);

#endif
