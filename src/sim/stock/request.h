/* SPDX-License-Identifier: ISC */
/*
 * request -- reads one HTTP request the way a small device does: exact
 * strings, no mercy.
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
	REQUEST_BROKEN, /* nothing that a device would understand */
};

struct request {
	char method[8];
	char path[64];
	size_t head_len;  /* up to and with the empty line */
	const char *body; /* borrowed from the bytes */
	size_t body_len;
};

/* What there is in the first bytes of a connection. */
enum request_state request_read(const char *data, size_t len, struct request *);

/* All that a strict device minds about a whole request. */
void request_check(
    const char *data, size_t len, const struct request *, struct problems *);

/* Content-Type and so on: each word begins in upper case. */
bool request_is_title_case(const char *name, size_t len);

#endif
