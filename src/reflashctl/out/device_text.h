/* SPDX-License-Identifier: ISC */
/*
 * device_text -- a device as the daemon describes it, in words.
 */
#ifndef REFLASHD_REFLASHCTL_DEVICE_TEXT_H
#define REFLASHD_REFLASHCTL_DEVICE_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "core/state/state.h"
#include "reflashctl/out/term.h"

/* Borrowed; NULL where it is null or missing. */
const char *device_text(const json_t *device, const char *key);
json_int_t device_number(const json_t *device, const char *key);

/* STATE_SEEN if it is none that is known here. */
enum state device_state_of(const json_t *device);

/* "downloading 43 %", "held: approval", "failed: stalled", "seen, absent" */
char *device_state(const json_t *device, char *dst, size_t size);
enum term_color device_color(const json_t *device);

/* What its state and reason mean, in a sentence; "" if unknown here. */
const char *device_meaning(const json_t *device);
/* The same for any state or hold or reason, by its name alone. */
const char *device_reason_meaning(const char *reason);

/* "1000a05bf6  192.168.1.23     downloading 43 %": for lists of changes. */
char *device_line(const json_t *device, char *dst, size_t size);

/* "1.5 KiB/s"; and "" for 0. */
char *device_rate(json_int_t rate, char *dst, size_t size);

/*
 * Whether something has come of a device since it was as before (NULL: it was
 * not known): bytes, a step, or a new attempt.
 */
bool device_has_moved(const json_t *before, const json_t *now);

/* The seconds that a download still takes; -1: cannot tell. */
long device_left(const json_t *device);

/* RFC 3339 in UTC; -1 if it is something else. */
time_t device_time(const char *text);
/* The same moment as people here write it, to the second; "-" for NULL. */
char *device_local_time(const char *text, char *dst, size_t size);

#endif
