/* SPDX-License-Identifier: ISC */
/*
 * wait_text -- the facts of a wait, for the person who reads why a device has
 * not begun: they follow hold_meaning() and a colon.
 */
#ifndef REFLASHD_WAIT_TEXT_H
#define REFLASHD_WAIT_TEXT_H

#include "core/device/device.h"
#include "core/policy/policy.h"

/*
 * Return "waiting its turn: 4 at a time", "" for HOLD_NONE, to be freed with
 * free().
 */
char *wait_text_sentence(enum hold, const char *detail);

/* With HOLD_APPROVAL: the command that approves the device. */
void wait_text_approval(const struct device *, char *dst, size_t);

/* With HOLD_WINDOW: when the next window of the policy opens. */
void wait_text_window(const struct policy *, time_t now, char *dst, size_t);

/* With HOLD_ABSENT: since when, and what happened in an attempt before. */
void wait_text_absent(const struct device *, char *dst, size_t);

/*
 * With HOLD_BACKOFF: append the time of the next attempt.  Nothing is appended
 * once that time has come.
 */
void wait_text_backoff(const struct device *, char *dst, size_t);

#endif
