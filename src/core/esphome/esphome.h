/* SPDX-License-Identifier: ISC */
/*
 * esphome -- what to ask at a port, and whether an ESPHome answers there.
 *
 * That a port accepts a connection proves nothing: any web server does.  The
 * questions change nothing on the device; the question at the port for updates
 * ends before an update would begin.
 */
#ifndef REFLASHD_ESPHOME_H
#define REFLASHD_ESPHOME_H

#include <stddef.h>
#include <stdint.h>

enum esphome_question {
	ESPHOME_API,	/* the native API (components/api) */
	ESPHOME_WEB,	/* the page of its web server */
	ESPHOME_EVENTS, /* the web server's events, if its page is compressed */
	ESPHOME_OTA,	/* updates (components/esphome/ota) on an ESP8266 */
	ESPHOME_QUESTIONS
};

struct esphome_ask {
	uint16_t port;
	const char *data;
	size_t len;
};

const struct esphome_ask *esphome_ask(enum esphome_question);

enum esphome_verdict { ESPHOME_MORE, ESPHOME_YES, ESPHOME_NO };

/* The sign by which an ESPHome was recognised. */
struct esphome_sign {
	const char *how;  /* "as its native API says", say; never freed */
	char version[32]; /* as the device tells it; "": it does not */
};

/* Judge all bytes so far.  MORE at the end of the answer means no. */
enum esphome_verdict esphome_judge(
    enum esphome_question, const void *data, size_t len, struct esphome_sign *);

#endif
