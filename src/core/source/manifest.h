/* SPDX-License-Identifier: ISC */
/*
 * manifest -- the manifest.json of ESP Web Tools, as web installers of ESPHome,
 * Tasmota and others have it: which file is for which chip.
 *
 *	{"name":"Garage","version":"2026.6.0","builds":[
 *	  {"chipFamily":"ESP8266","ota":{"path":"firmware.bin","md5":"..."},
 *	   "parts":[{"path":"firmware.bin","offset":0}]}]}
 *
 * (esphome.github.io/esp-web-tools).  The md5 is a guard of the transfer:
 *whoever can change the file can change the manifest.
 */
#ifndef REFLASHD_MANIFEST_H
#define REFLASHD_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define MANIFEST_MAX  (64 * 1024) /* bytes of a manifest */
#define MANIFEST_PATH 1024	  /* bytes of a path */

/* The build for an ESP8266. */
struct manifest {
	char name[64], version[32];   /* for people; "" not told */
	char path[MANIFEST_PATH + 1]; /* a URL, or relative to the manifest */
	char md5[33];		      /* lower case; "" not told */
};

/* Return true if the bytes are a JSON object, and so may be a manifest. */
bool manifest_is_likely(const void *data, size_t len);

/* Parse a manifest.  Returns false, and what is wrong with it. */
bool
manifest_parse(const void *data, size_t len, struct manifest *, struct error *);

#endif
