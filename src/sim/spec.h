/* SPDX-License-Identifier: ISC */
/*
 * spec -- what a device is like: "fw=3.6.0,id=1000a05bf6,fault=never-fetch".
 */
#ifndef REFLASHD_SIM_SPEC_H
#define REFLASHD_SIM_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sim/fault.h"

/* clang-format off */
#define MODELS(X)							\
	/* symbol  name	     type	  instance prefix	help */	\
	X(PLUG,	  "plug",   "diy_plug",	  "eWeLink_",			\
	  "BASICR3, RFR3, MINI, MINIR2 in DIY mode")			\
	X(MINIR3, "minir3", "diy_plug",	  "eWeLink_",			\
	  "MINIR3: an ESP32 with switches[]")				\
	X(BULB,	  "bulb",   "diy_light",  "eWelink_",			\
	  "B02-BL: its downloader is broken")				\
	X(DIMMER, "dimmer", "diylight",	  "eWeLink_",			\
	  "D1 dimmer")							\
	X(STRIP,  "strip",  "strip",	  "eWeLink_",			\
	  "a socket strip in eWeLink mode")				\
	X(SPM,	  "spm",    "diy_meter",  "eWeLink_",			\
	  "SPM-Main: an ESP32, with an id of 24 digits")		\
	X(BRIDGE, "bridge", "zbbridgeu",  "zbbridgeu-",			\
	  "a Zigbee bridge: no target")					\
	X(IHOST,  "ihost",  "ihost",	  "ihost-",			\
	  "an iHost: no target")

#define AFTERS(X)							\
	/* symbol	 name		  help */			\
	X(DEFAULT,	 "default",	  "what the image is: ap")	\
	X(AP,		 "ap",						\
	  "an access point that waits for a person: away until told to join") \
	X(TASMOTA,	 "tasmota",	  "Tasmota that joins the LAN")	\
	X(TASMOTA_LATER, "tasmota-later",				\
	  "Tasmota that stays away until it is told to join")		\
	X(ESPHOME,	 "esphome",	  "ESPHome at a new address")	\
	X(STOCK,	 "stock",	  "its stock firmware again")	\
	X(OTHER,	 "other",					\
	  "some web server that is neither")
/* clang-format on */

/* What becomes of it once it has booted the image. */
enum after_kind {
#define X(symbol, name, help) AFTER_##symbol,
	AFTERS(X)
#undef X
};

enum model {
#define X(symbol, name, type, prefix, help) MODEL_##symbol,
	MODELS(X)
#undef X
};

#define SPEC_ID_SIZE 25

struct spec {
	char id[SPEC_ID_SIZE]; /* "": made from the number of the device */
	char firmware[16];
	char type[24];	    /* of the TXT record */
	const char *prefix; /* of the instance name */
	char suffix[8];	    /* behind its id, after a conflict of names */
	enum model model;
	struct fault_set faults;
	unsigned port, chunk_ms, reboot_ms, hang_ms;
	int rssi;
	enum after_kind after;
	bool other_address; /* when it joins again */
	bool other_mac;	    /* of the firmware that it has booted */
	bool old_info;	    /* firmware before 3.3 that answers /info */
	unsigned join_ms, restart_ms, retry_ms, free_bytes, web_port;
	char password[33];	  /* of the web pages; "": none */
	char tasmota_version[16]; /* "": that of the image */
	char loses[24];		  /* a command that never has an effect */
	char drops[32];		  /* a setting that is not kept */
	char stores[160];	  /* NAME=VALUE: kept whatever is told */
	char answers[160];	  /* NAME=VALUE: told whatever is kept */
	char presets[640];	  /* NAME=VALUE, one a line */
	char swap[SPEC_ID_SIZE];  /* with whom, at its next restart; "": none */
};

/* What is usual. */
void spec_init(struct spec *);

/* Change what the text says: KEY=VALUE,... */
bool spec_parse(struct spec *, const char *text, struct error *);

/* 3.7.6 -> 30706, to compare. */
unsigned spec_firmware_number(const struct spec *);

const char *spec_after_name(enum after_kind);

/* For --help: "key=... what it is", false behind the last one. */
bool spec_key_at(size_t index, const char **name, const char **help);

#endif
