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
#include <stdbool.h>

#include "core/device/device.h"
#include "core/schedule/decide.h"
#include "core/state/advice_words.h"

json_t *report_device(const struct device *);

/* Return one element of `plan`. */
json_t *report_plan(const struct device *, const struct decision *);

/* Return one element of `history`: how an attempt ended. */
json_t *report_history(const struct device *);

/*
 * Copy a line of the history.  What an earlier version did not write is null.
 */
json_t *report_past(const json_t *line);

/*
 * Return the token of the reason, or of what a held device waits for; NULL for
 * neither; and its words for people.
 */
const char *report_reason(const struct device *);
const char *report_sentence(const struct device *);

/*
 * Write what to do about the device now, with its own name in each command.
 * Returns dst, or NULL: there is nothing to do.
 */
const char *report_advice(const struct device *, char dst[ADVICE_SIZE]);

/* Write what to do about a reason, in the same way.  Returns dst. */
const char *
report_advice_of(const struct device *, enum reason, char dst[ADVICE_SIZE]);

/* Return true if the set-up of a flashed device waits for a file of ours. */
bool report_is_lacking(const struct device *);

/* Return the id (core/state/message.h) of the line about the device now. */
const char *report_message(const struct device *);

/* Return how much of the image has been handed over, from 0 to 100. */
unsigned report_percent(const struct device *);

#endif
