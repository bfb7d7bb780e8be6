/* SPDX-License-Identifier: ISC */
/*
 * otafetch -- the connection of a download (ota.h): asks, reads, says the
 * verdict.  What is to be done about what comes is decided in ota.c.
 */
#ifndef REFLASHD_SIM_OTAFETCH_H
#define REFLASHD_SIM_OTAFETCH_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/fault.h"
#include "sim/image/firmware.h"
#include "sim/stock/otaurl.h"

enum step {
	STEP_PAUSE, /* the timer says when to go on */
	STEP_CONNECT,
	STEP_READ,
	STEP_VERDICT, /* told, or about to be */
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
	bool answered; /* this connection has been */
	bool verdict_due;
	bool stray_waits; /* a stranger's verdict is not answered yet */
	unsigned verdicts_left;
	int verdict;
	struct event *timer, *chunk, *limit;
};

/* Go on with what is next: connect, say the verdict or ask for a range. */
void otafetch_go_on(struct ota *);
void otafetch_drop(struct ota *);

/* The server broke the protocol: the download is over. */
void otafetch_bad(struct ota *, const char *why);

/* Decisions, in ota.c.  Behind lost, finish and end it may be gone. */
bool ota_has(const struct ota *, enum fault);
void ota_lost(struct ota *, const char *why);
void ota_finish(struct ota *, int verdict);
void ota_end(struct ota *);

/* Meet what a fault has in store.  True: no going on, it may be gone. */
bool ota_meet_fault(struct ota *);

#endif
