/* SPDX-License-Identifier: ISC */
/*
 * web_sockets -- the sockets of the page: those that the service manager has
 * opened, or else those of Listen=.
 */
#ifndef REFLASHD_WEB_SOCKETS_H
#define REFLASHD_WEB_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "beside/web_config.h"

struct web_sockets {
	int fds[WEB_CONFIG_MAX_LISTEN + 1];
	size_t count;
	bool are_given; /* by the service manager */
};

/*
 * Open all, or take those that were given.  Where Listen= is at its default,
 * one of them is enough; the log tells why another is not there.
 */
bool web_sockets_open(
    struct web_sockets *, const struct web_config *, struct error *);

/* Describe a socket for the log: "http://127.0.0.1:8267" or its path. */
void web_sockets_name(int fd, char *dst, size_t size);

#endif
