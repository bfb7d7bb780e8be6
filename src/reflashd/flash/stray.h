/* SPDX-License-Identifier: ISC */
/*
 * stray -- what came to the file server and was for nobody, in the log.
 *
 * Anybody can cause it as often as he likes: each kind is told once in ten
 * minutes, with how often it was.
 */
#ifndef REFLASHD_STRAY_H
#define REFLASHD_STRAY_H

#include "io/http/server.h"

/* For server_ops; ctx is the daemon. */
void stray_came(void *ctx, enum server_stray, struct in_addr from);

#endif
