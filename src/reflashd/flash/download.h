/* SPDX-License-Identifier: ISC */
/*
 * download -- images on the file server, and what came there for no image.
 */
#ifndef REFLASHD_DOWNLOAD_H
#define REFLASHD_DOWNLOAD_H

#include "io/http/server.h"

struct downloads;
struct image;
struct netdiag_log;
struct outage;

/* All borrowed until downloads_free(). */
struct downloads_parts {
	struct netdiag_log *netdiag_log;
	struct outage *outage;
};

struct downloads *downloads_new(const struct downloads_parts *);
void downloads_free(struct downloads *); /* NULL is fine */

/*
 * Put an image on the server for the device at an address; see
 * server_job_new().  The server takes a reference of its own.
 */
struct server_job *download_offer(struct server *, struct image *,
    const char *name, struct in_addr device, const char *token,
    const struct server_job_ops *, void *ctx, struct error *);

/* For server_new(), with the downloads as their ctx. */
extern const struct server_ops download_server_ops;

#endif
