/* SPDX-License-Identifier: ISC */
/*
 * device -- one Sonoff: its place on the LAN, its life, and what was seen of
 * those who talk to it.
 *
 *	away --come--> stock --ota_flash--> flashing --verdict 0--> rebooting
 *	  ^              |  ^                  |                        |
 *	  +----leave-----+  +------failed------+                     booted
 *
 * The device after it has booted: booted.h.
 *
 * Its API (api.h), its announcements (mdns.h) and its download (ota.h) are
 * owned by it and live from come to leave.
 */
#ifndef REFLASHD_SIM_DEVICE_H
#define REFLASHD_SIM_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problems.h"
#include "sim/image/firmware.h"
#include "sim/lan/lan.h"
#include "sim/spec.h"

struct booted;
struct api;
struct event;
struct ota;
struct sim;
struct voice;

/* clang-format off */
#define DEVICE_STATES(X)	\
	X(AWAY,	     "away")	\
	X(STOCK,     "stock")	\
	X(FLASHING,  "flashing")	\
	X(REBOOTING, "rebooting")	\
	X(BOOTED,    "booted")
/* clang-format on */

enum device_state {
#define X(symbol, name) DEVICE_##symbol,
	DEVICE_STATES(X)
#undef X
};

/* What the report says of the device. */
struct device_tally {
	unsigned info, unlock, flash, other;
	unsigned told; /* how often ota_flash was accepted */
	unsigned ranges, losses, refused;
	unsigned
	    unanswered; /* connections to the file server without an answer */
	uint64_t bytes;
	int verdict;		     /* the last verdict, -1: none */
	int verdict_status;	     /* what the server answered, 0: nothing */
	uint64_t told_at, booted_at; /* ms since the start, 0: never */
	uint64_t range_at;	     /* time of the last range, likewise */
	unsigned boots;
	char booted[65]; /* sha256 of the image, "": none */
};

struct device {
	struct sim *sim; /* borrowed */
	struct spec spec;
	struct lan_port port;
	struct in_addr told_address; /* the address in its announcements */
	enum device_state state;
	bool unlocked;
	uint32_t seq;
	uint64_t unlocked_at; /* ms; when a delayed unlock takes effect */
	char told_sha[65];
	int pre_download;      /* error code of the answer after the download */
	struct fault_set plan; /* the faults of this download */
	struct api *api;
	struct voice *voice;
	struct ota *ota;
	struct booted *after;
	struct firmware fetched; /* what the last complete download brought */
	struct event *timer;	 /* of the reboot */
	struct device_tally tally;
	struct problems breaches;
};

struct device *device_new(struct sim *, const struct spec *, struct error *);
void device_free(struct device *);

/* Join the LAN with the stock firmware; leave the LAN. */
bool device_come(struct device *, struct error *);
void device_leave(struct device *);

/* Move to another address; the second gives the old one to a new device. */
void device_move(struct device *);
void device_hand_over(struct device *);

/* Swap addresses with another device; both must have booted an image. */
bool device_swap(struct device *, const char *other_id, struct error *);

/* Start the download that ota_flash asks for, after a delay in ms. */
bool device_flash(struct device *, const char *url, const char *sha256,
    unsigned delay, struct error *);

/* Forget a download that stands still. */
void device_give_up(struct device *);

/* End the download, and free it. */
void device_flashed(struct device *, int verdict);

/* Lose power, or reboot into the stock firmware. */
void device_reboot_stock(struct device *, bool comes_back);

bool device_is_present(const struct device *);
bool device_is_unlocked(const struct device *);
const char *device_state_name(const struct device *);

/* Write the mDNS instance name, also the host name.  Returns dst. */
char *device_instance(const struct device *, char *dst, size_t size);

/* Note that the other side broke the protocol. */
void device_breach(struct device *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Print a line if --verbose was given. */
void device_say(const struct device *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
