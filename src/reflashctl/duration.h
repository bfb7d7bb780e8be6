/* SPDX-License-Identifier: ISC */
/*
 * duration -- lengths of time as people type them, and time that passes.
 */
#ifndef REFLASHD_REFLASHCTL_DURATION_H
#define REFLASHD_REFLASHCTL_DURATION_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define DURATION_MAX_SEC (30 * 86400)

/* Parse "90", "10m" or "1h 30min": 0 to DURATION_MAX_SEC seconds. */
bool duration_parse(const char *, unsigned *seconds);

/*
 * Find a time in the past by how long it is ago ("2d", "1h 30min"), or by its
 * date and perhaps its time of day, local ("2026-01-31 13:05") or in UTC
 * ("2026-01-31T13:05:09Z").  false: it is none of these.
 */
bool duration_since(const char *, time_t now, time_t *since);

/* Return the ms until then by clock_awake_ms(), for poll(2); 0: it is over. */
int duration_left_ms(uint64_t then_ms);

#endif
