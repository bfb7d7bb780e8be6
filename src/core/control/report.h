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

/* One element of `plan`. */
json_t *report_plan(const struct device *, const struct decision *);

/* One element of `history`: how an attempt ended. */
json_t *report_history(const struct device *);

/*
 * What the reason is called: the token of the reason, or of what a held device
 * waits for; NULL for neither.  Its advice and its words for people likewise.
 */
const char *report_reason(const struct device *);
const char *report_advice(const struct device *);
const char *report_sentence(const struct device *);

/* The id (core/state/message.h) of a line that says how it is now. */
const char *report_message(const struct device *);

/* 0 to 100 of the image that has been handed over. */
unsigned report_percent(const struct device *);

#endif
