/* SPDX-License-Identifier: ISC */
/*
 * download -- who has something on the server: a job its first image,
 * postflash_run its upgrade.  The server knows neither; it calls the download.
 */
#ifndef REFLASHD_DOWNLOAD_H
#define REFLASHD_DOWNLOAD_H

#include <stdint.h>

#include "io/http/server.h"

struct download {
	void *ctx; /* borrowed; given to these, any of which may be NULL: */
	void (*began)(void *ctx);
	void (*served)(
	    void *ctx, uint64_t first, uint64_t len, struct in_addr from);
	void (*verdict)(void *ctx, int code);
	bool (*is_at)(void *ctx, struct in_addr from);
};

/* For server_new(); the ctx of every server_job_new() is a download. */
extern const struct server_ops download_server_ops;

#endif
