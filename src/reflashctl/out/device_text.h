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

/* Return a text, borrowed; NULL: it is null or missing. */
const char *device_text(const json_t *device, const char *key);
json_int_t device_number(const json_t *device, const char *key);

/* Return the state; STATE_SEEN for one that is not known here. */
enum state device_state_of(const json_t *device);

/* Write "downloading 43 %", "held: approval", "seen, absent" and so on. */
char *device_state(const json_t *device, char *dst, size_t size);
enum term_color device_color(const json_t *device);

/* Return what the state and reason mean, in a sentence; "": unknown here. */
const char *device_meaning(const json_t *device);
/* The same for a hold or a reason, by its name. */
const char *device_reason_meaning(const char *reason);

/* Write "1000a05bf6  192.168.1.23     downloading 43 %", for monitor. */
char *device_line(const json_t *device, char *dst, size_t size);

/* Write "-81 dBm" if the signal is weak, else "".  Returns dst. */
char *device_weak_signal(const json_t *device, char *dst, size_t size);

/* Write "1.5 KiB/s", or "" for 0. */
char *device_rate(json_int_t rate, char *dst, size_t size);

/*
 * Return true if a device has progressed since before (NULL: it was unknown):
 * by bytes, a step, or a new attempt.
 */
bool device_has_moved(const json_t *before, const json_t *now);

/* Return the seconds that a download still takes; -1: unknown. */
long device_left(const json_t *device);

/* Parse a time of RFC 3339 in UTC; -1: it is none. */
time_t device_time(const char *text);
/* Write the same time in local form, to the second; "-" for NULL. */
char *device_local_time(const char *text, char *dst, size_t size);

#endif
