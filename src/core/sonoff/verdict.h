/* SPDX-License-Identifier: ISC */
/*
 * verdict -- what a device says about its own update, {"error":N}, in the
 * body of its POST to /api/device/otaFlash.
 */
#ifndef REFLASHD_VERDICT_H
#define REFLASHD_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * N must be there and be a small whole number; other keys do not matter.
 * Bytes that a C program leaves behind the object (a NUL, a line end) are
 * forgiven.
 */
bool verdict_parse(const void *body, size_t len, int *code, struct error *);

#endif
