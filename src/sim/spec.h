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
	/* symbol  name	     type	  prefix of the instance */	\
	/* BASICR3, RFR3, MINI and MINIR2 in DIY mode */		\
	X(PLUG,	  "plug",   "diy_plug",	  "eWeLink_")			\
	/* an ESP32 with switches[] */					\
	X(MINIR3, "minir3", "diy_plug",	  "eWeLink_")			\
	/* B02-BL: its downloader is broken */				\
	X(BULB,	  "bulb",   "diy_light",  "eWelink_")			\
	/* D1 */							\
	X(DIMMER, "dimmer", "diylight",	  "eWeLink_")			\
	/* a socket strip in eWeLink mode */				\
	X(STRIP,  "strip",  "strip",	  "eWeLink_")			\
	/* SPM-Main: an ESP32, with an id of 24 digits */		\
	X(SPM,	  "spm",    "diy_meter",  "eWeLink_")			\
	/* a Zigbee bridge, and an iHost: never a target */		\
	X(BRIDGE, "bridge", "zbbridgeu",  "zbbridgeu-")			\
	X(IHOST,  "ihost",  "ihost",	  "ihost-")

#define AFTERS(X)							\
	X(DEFAULT,	 "default")	 /* "ap", whatever the image is */ \
	X(AP,		 "ap")		 /* an access point: away until join */ \
	X(TASMOTA,	 "tasmota")	 /* Tasmota joins the LAN */	\
	X(TASMOTA_LATER, "tasmota-later") /* Tasmota is away until join */ \
	X(ESPHOME,	 "esphome")	 /* ESPHome at a new address */	\
	X(STOCK,	 "stock")	 /* its stock firmware again */	\
	X(OTHER,	 "other")	 /* a web server that is neither */
/* clang-format on */

/* What a device is once it has booted the image. */
enum after_kind {
#define X(symbol, name) AFTER_##symbol,
	AFTERS(X)
#undef X
};

enum model {
#define X(symbol, name, type, prefix) MODEL_##symbol,
	MODELS(X)
#undef X
};

#define SPEC_ID_SIZE 25

struct spec {
	char id[SPEC_ID_SIZE]; /* "": chosen by the number of the device */
	char firmware[16];
	char type[24];	    /* of the TXT record */
	const char *prefix; /* of the instance name */
	char suffix[8];	    /* after its id, as after a conflict of names */
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
	char stores[160];	  /* NAME=VALUE: kept instead of what is set */
	char answers[160]; /* NAME=VALUE: answered instead of what is kept */
	char presets[640]; /* NAME=VALUE, one a line */
	char swap[SPEC_ID_SIZE]; /* id of the other device; "": none */
};

/* Set the defaults. */
void spec_init(struct spec *);

/* Change the keys that the text names: KEY=VALUE,... */
bool spec_parse(struct spec *, const char *text, struct error *);

const char *spec_after_name(enum after_kind);

/* Get the key with that index, for --help; false: there are no more. */
bool spec_key_at(size_t index, const char **name, const char **help);

#endif
