/* SPDX-License-Identifier: ISC */
/*
 * ota_fetch -- the connection of a download (ota.h): it asks, reads and says
 * the verdict.  ota.c decides what follows.
 */
#ifndef REFLASHD_SIM_OTA_FETCH_H
#define REFLASHD_SIM_OTA_FETCH_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/fault.h"
#include "sim/image/firmware.h"
#include "sim/stock/ota_url.h"

enum step {
	STEP_PAUSE, /* the timer says when to go on */
	STEP_CONNECT,
	STEP_READ,
	STEP_VERDICT, /* the verdict is said, or about to be */
	STEP_STALLED,
};

struct bufferevent;
struct device;
struct event;

struct ota {
	struct device *device; /* borrowed */
	struct ota_url url;
	char told[65], sha[65];
	enum step step;
	struct bufferevent *bev, *stray;
	EVP_MD_CTX *md;
	struct firmware_scan scan;
	uint64_t offset, last, total;
	unsigned losses, drops, asked;
	bool half_passed, chunk_begun;
	bool answered; /* the server has answered on this connection */
	bool verdict_due;
	bool stray_waits; /* a stranger's verdict is not answered yet */
	unsigned verdicts_left;
	int verdict;
	struct event *timer, *chunk, *limit;
};

/* Do what is next: connect, say the verdict or ask for a range. */
void ota_fetch_go_on(struct ota *);
void ota_fetch_drop(struct ota *);

/* End the download, because the server broke the protocol. */
void ota_fetch_bad(struct ota *, const char *why);

/* The decisions, in ota.c.  lost, finish and end may free the download. */
bool ota_has(const struct ota *, enum fault);
void ota_lost(struct ota *, const char *why);
void ota_finish(struct ota *, int verdict);
void ota_end(struct ota *);

/* Meet a fault.  Returns true if that ends the download, and may free it. */
bool ota_meet_fault(struct ota *);

#endif
