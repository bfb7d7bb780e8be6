/* SPDX-License-Identifier: ISC */
/*
 * request -- reads one HTTP request as a small device does: only exact strings
 * count.
 */
#ifndef REFLASHD_SIM_REQUEST_H
#define REFLASHD_SIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problems.h"

#define REQUEST_MAX 4096

enum request_state {
	REQUEST_MORE, /* the header is not complete */
	REQUEST_BODY, /* the header is, the body is not */
	REQUEST_WHOLE,
	REQUEST_BROKEN, /* no device would understand this */
};

struct request {
	char method[8];
	char path[64];
	size_t head_len;  /* with the empty line */
	const char *body; /* borrowed from the bytes */
	size_t body_len;
};

/* Read the first bytes of a connection. */
enum request_state request_read(const char *data, size_t len, struct request *);

/* Find everything that a strict device does not accept in a whole request. */
void request_check(
    const char *data, size_t len, const struct request *, struct problems *);

#endif
