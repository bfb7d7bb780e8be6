/* SPDX-License-Identifier: ISC */
/*
 * devapi -- what is said to a device in DIY mode, and what it answers.
 *
 * Bodies of requests go out, bodies of replies come in; nothing here knows of
 * connections.  A reply is foreign: its size, its depth and the type of all
 * that matters are checked, a key that comes twice is refused, and every
 * string in the result is printable ASCII.
 */
#ifndef REFLASHD_DEVAPI_H
#define REFLASHD_DEVAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/reason.h"

#define DEVAPI_ID_MIN	10 /* hex digits, as all that can be flashed have */
#define DEVAPI_ID_LONG	24 /* as an SPM-Main and its parts have */
#define DEVAPI_ID_MAX	32
#define DEVAPI_ID_SIZE	(DEVAPI_ID_MAX + 1)
#define DEVAPI_MAX_BODY 8192 /* jansson needs up to 92 times as much memory */

/*
 * The calls.  One that may be repeated does no harm when it reaches the
 * device twice: unlocking an unlocked device is answered with error 0.
 */
#define DEVAPI_CALLS(X)                                                        \
	/* symbol  path               repeat */                                \
	X(INFO, "/zeroconf/info", true)                                        \
	X(UNLOCK, "/zeroconf/ota_unlock", true)                                \
	X(FLASH, "/zeroconf/ota_flash", false)

enum devapi_call {
#define X(symbol, path, repeat) DEVAPI_##symbol,
	DEVAPI_CALLS(X)
#undef X
};

struct devapi_info {
	char id[DEVAPI_ID_SIZE]; /* lower case, "" not told */
	char firmware[16];	 /* "" not told */
	char ssid[68];		 /* "" not told; escaped */
	char bssid[18];		 /* "" not told; octets padded, lower case */
	bool has_unlocked;
	bool unlocked;
	bool string_data; /* JSON in a string, as 3.3 and 3.4 have it */
	bool has_rssi;
	int rssi;	   /* dBm */
	bool has_switch;   /* a device of one channel */
	bool is_plug;	   /* with all that a plug has, and nothing else */
	bool has_switches; /* and of several */
};

struct devapi_reply {
	bool has_error;
	int error;
	bool encrypted; /* eWeLink mode: the data cannot be read */
	bool has_seq;	/* counts announcements, drops at a reboot */
	uint32_t seq;
	bool has_info; /* there is readable data */
	struct devapi_info info;
};

const char *devapi_path(enum devapi_call);
bool devapi_may_repeat(enum devapi_call);

/*
 * The body of an info or unlock request.  id NULL leaves the key out, which
 * firmware from 3.7.6 takes as well as the real id; "" is what it hangs on.
 * Freed with free().
 */
char *devapi_request(const char *id);
char *devapi_request_flash(const char *id, const char *url, const char *sha256);

/* False where the body is no JSON object, or one that nobody can trust. */
bool devapi_parse_reply(
    const void *body, size_t len, struct devapi_reply *, struct error *);

/* The form of an id: DEVAPI_ID_MIN to DEVAPI_ID_MAX hex digits. */
bool devapi_is_id(const char *);

/* Of a length that devices are known to have: a typing error is none. */
bool devapi_is_usual_id(const char *);

/* Copy an id in lower case; false, and "", where it is none. */
bool devapi_copy_id(char dst[DEVAPI_ID_SIZE], const char *id);

/* The info is of this device, or does not tell whose it is. */
bool devapi_info_fits(const struct devapi_info *, const char *id);

/*
 * The firmware for policies: as told, "3.3" where only the form of the reply
 * tells, "" where nothing does.  Borrowed from the info.
 */
const char *devapi_info_firmware(const struct devapi_info *);

/* Why such a reply ends the call, or REASON_NONE. */
enum reason devapi_reason(enum devapi_call, const struct devapi_reply *);

/* Why such a verdict, posted by the device after its download, is one. */
enum reason devapi_verdict_reason(int error);

#endif
