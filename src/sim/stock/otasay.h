/* SPDX-License-Identifier: ISC */
/*
 * otasay -- what the download client says to the file server, and the lies
 * among it that a fault asks for.
 */
#ifndef REFLASHD_SIM_OTASAY_H
#define REFLASHD_SIM_OTASAY_H

#include <stdint.h>

#include "sim/stock/otaurl.h"

struct bufferevent;
struct device;
struct evbuffer;
struct sim;

/* A request for bytes first to last. */
void otasay_get(struct evbuffer *, const struct device *,
    const struct ota_url *, uint64_t first, uint64_t last);

/* The verdict at the end of a download; 0 is success. */
void otasay_verdict(struct evbuffer *, const struct device *, int verdict);

/* The verdict on a download of all bytes, where a fault wants another. */
int otasay_choose(const struct device *, int verdict);

/* Success, said by a stranger.  The connection is the caller's, or NULL. */
struct bufferevent *otasay_stray(struct sim *, const struct sockaddr_in *);

#endif
