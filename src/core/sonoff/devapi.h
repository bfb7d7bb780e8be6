/* SPDX-License-Identifier: ISC */
/*
 * devapi -- what is said to a device in DIY mode, and what it answers.
 *
 * It writes the bodies of requests and reads the bodies of replies, without any
 * connection.  A reply is foreign: its size, its depth and the type of all that
 * matters are checked, a key that comes twice is refused, and every string in
 * the result is printable ASCII.
 */
#ifndef REFLASHD_DEVAPI_H
#define REFLASHD_DEVAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "core/state/reason.h"

#define DEVAPI_ID_MIN	10 /* hex digits, as all that can be flashed have */
#define DEVAPI_ID_LONG	24 /* as an SPM-Main and its parts have */
#define DEVAPI_ID_MAX	32
#define DEVAPI_ID_SIZE	(DEVAPI_ID_MAX + 1)
#define DEVAPI_MAX_BODY 8192 /* jansson needs up to 92 times as much memory */

/*
 * The calls.  A call that may be repeated does no harm when it reaches the
 * device twice: unlocking an unlocked device is answered with error 0.
 */
#define DEVAPI_CALLS(X)                                                        \
	/* symbol  path               repeat */                                \
	X(INFO, "/zeroconf/info", true)                                        \
	X(SIGNAL, "/zeroconf/signal_strength", true)                           \
	X(UNLOCK, "/zeroconf/ota_unlock", true)                                \
	X(FLASH, "/zeroconf/ota_flash", false)

enum devapi_call {
#define X(symbol, path, repeat) DEVAPI_##symbol,
	DEVAPI_CALLS(X)
#undef X
};

/* The form in which a request is written. */
enum devapi_form {
	DEVAPI_WITH_ID,	   /* as Sonoff documents it for 3.3 and later */
	DEVAPI_WITHOUT_ID, /* 3.7.6 may answer this alone (NJH#18) */
	/*
	 * For firmware 3.0 to 3.2, which answers nothing else: data is a string
	 * with JSON in it, and there are more keys than Sonoff documented
	 * (itead/Sonoff_Devices_DIY_Tools#13).  INFO came with 3.3 (#17 there),
	 * so that such a device may answer SIGNAL alone.
	 */
	DEVAPI_OLD,
};

/* A question that finds out how a device wants to be asked. */
struct devapi_try {
	enum devapi_call call;
	enum devapi_form form;
};

/*
 * Return the question to try after this one brought no answer; all are tried in
 * turn.  DEVAPI_OLD is among them only with may_be_old: other firmware never
 * gets it.
 */
struct devapi_try devapi_next_try(struct devapi_try, bool may_be_old);

struct devapi_reply;

/*
 * Return true if the question has to be put in another way: it brought no
 * answer, or old firmware answered INFO with one that says nothing. reply NULL:
 * there is none, or it cannot be read.
 */
bool devapi_is_unheard(
    struct devapi_try, const struct devapi_reply *, bool is_answered);

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
	bool is_foreign;   /* has members of a bulb or a dimmer */
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
 * Make the body of any request but that to flash.  DEVAPI_WITHOUT_ID leaves the
 * key out; an empty id makes 3.7.6 hang. now is the time of day, and counts
 * with DEVAPI_OLD.  Freed with free().
 */
char *devapi_request(enum devapi_form, const char *id, time_t now);
char *devapi_request_flash(enum devapi_form, const char *id, time_t now,
    const char *url, const char *sha256);

/* Parse a reply.  Returns false for anything but a sound JSON object. */
bool devapi_parse_reply(
    const void *body, size_t len, struct devapi_reply *, struct error *);

/* Return true for DEVAPI_ID_MIN to DEVAPI_ID_MAX hex digits. */
bool devapi_is_id(const char *);

/* Return true if the id is as long as real ones; mistyped ones seldom are. */
bool devapi_is_usual_id(const char *);

/* Copy an id in lower case; false, and "", if it is none. */
bool devapi_copy_id(char dst[DEVAPI_ID_SIZE], const char *id);

/*
 * Return the firmware for policies, as told.  If only the form of the reply
 * tells, that is "3.3", or "3.0" for a device that takes DEVAPI_OLD; else "".
 * Borrowed from the info.
 */
const char *devapi_info_firmware(const struct devapi_info *, enum devapi_form);

/* Return why such a reply ends the call, or REASON_NONE. */
enum reason devapi_reason(enum devapi_call, const struct devapi_reply *);

/* Describe the reply: "it answers info with error 401". */
void devapi_describe(
    const char *call, const struct devapi_reply *, char *dst, size_t size);

/* Return the reason for a verdict, which ends a download. */
enum reason devapi_verdict_reason(int error);

/* A verdict is {"error":N}, posted to /api/device/otaFlash. */

/*
 * Parse N, which must be there and be a small whole number; other keys do not
 * matter.  Bytes that a C program leaves after the object (a NUL, a line end)
 * are accepted.
 */
bool
devapi_verdict_parse(const void *body, size_t len, int *code, struct error *);

#endif
