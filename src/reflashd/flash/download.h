/* SPDX-License-Identifier: ISC */
/*
 * download -- what devices do at the file server, told to the module that has
 * put the file there: flash its first image, postflash_run its upgrade.  What
 * the server tells of no file in particular is logged, or handed on.
 */
#ifndef REFLASHD_DOWNLOAD_H
#define REFLASHD_DOWNLOAD_H

#include <stdint.h>

#include "io/http/server.h"

struct downloads;
struct netdiag_log;
struct outage;

/* Of one file; the ctx of its server_job_new(). */
struct download {
	void *ctx; /* borrowed; given to these, any of which may be NULL: */
	void (*began)(void *ctx);
	void (*served)(
	    void *ctx, uint64_t first, uint64_t len, struct in_addr from);
	void (*verdict)(void *ctx, int code);
	bool (*is_at)(void *ctx, struct in_addr from);
};

/* All borrowed until downloads_free(). */
struct downloads_parts {
	struct netdiag_log *firewall;
	struct outage *outage;
};

struct downloads *downloads_new(const struct downloads_parts *);
void downloads_free(struct downloads *); /* NULL is fine */

/* For server_new(), with the downloads as their ctx. */
extern const struct server_ops download_server_ops;

#endif
