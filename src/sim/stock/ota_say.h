/* SPDX-License-Identifier: ISC */
/*
 * ota_say -- what the download client sends to the file server, with the lies
 * that a fault asks for.
 */
#ifndef REFLASHD_SIM_OTA_SAY_H
#define REFLASHD_SIM_OTA_SAY_H

#include <stdint.h>

#include "sim/stock/ota_url.h"

struct bufferevent;
struct device;
struct evbuffer;
struct sim;

/* Ask for the bytes first to last. */
void ota_say_get(struct evbuffer *, const struct device *,
    const struct ota_url *, uint64_t first, uint64_t last);

/* Send the verdict at the end of a download; 0 is success. */
void ota_say_verdict(struct evbuffer *, const struct device *, int verdict);

/* Return the verdict, or the one that a fault puts in its place. */
int ota_say_choose(const struct device *, int verdict);

/* Send success as a stranger.  The connection is the caller's, or NULL. */
struct bufferevent *ota_say_stray(struct sim *, const struct sockaddr_in *);

#endif
