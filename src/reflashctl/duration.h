/* SPDX-License-Identifier: ISC */
/*
 * duration -- lengths of time as people type them, and time that passes.
 */
#ifndef REFLASHD_REFLASHCTL_DURATION_H
#define REFLASHD_REFLASHCTL_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_MAX_SEC (30 * 86400)

/* "90", "10m", "1h 30min": 0 to DURATION_MAX_SEC seconds. */
bool duration_parse(const char *, unsigned *seconds);

/* From now until then by clock_awake_ms(), as poll(2) wants it; 0 if that has
 * passed. */
int duration_left_ms(uint64_t then_ms);

#endif
