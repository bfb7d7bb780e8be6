/* SPDX-License-Identifier: ISC */
/*
 * web_guard -- which requests are for this page, and from it.
 *
 * A browser is driven by whatever page a person has open.  So the name by which
 * the page is asked for must be one of ours: otherwise a foreign name that is
 * made to lead here would be let in.  And an order must come from a page of
 * ours, as its Origin says.
 */
#ifndef REFLASHD_WEB_GUARD_H
#define REFLASHD_WEB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strlist.h"

struct web_guard {
	const struct strlist *allowed; /* borrowed: of AllowedHosts= */
	const char *machine;	       /* borrowed: the name of this machine */
};

/*
 * Return true if the value of Host is a name or an address of ours. local is
 * the address at which the connection has arrived; NULL: a Unix socket.
 */
bool
web_guard_host(const struct web_guard *, const char *host, const char *local);

/*
 * Return true if the value of Origin is that of a page of ours: by the very
 * host and port of Host, or by one of AllowedHosts=.
 */
bool web_guard_origin(
    const struct web_guard *, const char *origin, const char *host);

/* Return true if the value of Content-Type says JSON. */
bool web_guard_is_json(const char *type);

#endif
