/* SPDX-License-Identifier: ISC */
/*
 * announce -- what a line of reflash-scan says about a device.
 *
 * The line is foreign input like any other: any host on the LAN can send such
 * an announcement.  Every string of struct announce is printable ASCII of a
 * checked form, or empty.
 */
#ifndef REFLASHD_ANNOUNCE_H
#define REFLASHD_ANNOUNCE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/mdns/scanline.h"
#include "core/sonoff/devapi.h"

#define ANNOUNCE_EWELINK "_ewelink._tcp"
#define ANNOUNCE_ESPHOME "_esphomelib._tcp"
#define ANNOUNCE_HTTP	 "_http._tcp"

enum announce_kind {
	ANNOUNCE_SEEN,
	ANNOUNCE_GONE, /* a hint: caches expire, farewells can be forged */
	ANNOUNCE_STATUS,
};

struct announce {
	enum announce_kind kind;
	char service[32];
	char
	    instance[128]; /* escaped; with interface and service it is a key */
	char interface[16];
	char host[128]; /* escaped */
	struct in_addr address;
	bool has_address;
	bool address_is_hint; /* the packet's sender, not from an A record */
	uint16_t port;	      /* 0 = not told: some firmware has no SRV */

	/* _ewelink._tcp */
	char id[DEVAPI_ID_SIZE]; /* lower case; "" = none that is sure */
	bool is_target; /* a device of its own whose id is sure, no bridge */
	char type[32];	/* "diy_plug"; escaped, and cut if it is too long */
	char firmware[16];
	bool encrypted;	   /* paired with eWeLink, not in DIY mode */
	bool is_old;	   /* says "encrypt=false": firmware 3.0 to 3.2 */
	bool has_switch;   /* data has a scalar "switch" */
	bool has_switches; /* data has an array: ESP32 class */
	uint32_t seq;	   /* starts at 1 again when the device does */
	bool has_seq;

	/* _esphomelib._tcp, _http._tcp */
	char mac[18]; /* "aa:bb:cc:dd:ee:ff" */
	char version[32];

	/* ANNOUNCE_STATUS */
	char backend[16];
	bool ready;
	unsigned next_sec; /* another line comes within; 0 = no promise */
	enum scan_heard heard;

	char text[200]; /* status, or why is_target is false: a sentence */
};

/* Read one line, without its newline. */
bool
announce_parse(const char *line, size_t len, struct announce *, struct error *);

#endif
