/* SPDX-License-Identifier: ISC */
/*
 * ewedata -- the device's own JSON, as its announcement carries it.
 */
#ifndef REFLASHD_EWEDATA_H
#define REFLASHD_EWEDATA_H

#include <stdbool.h>
#include <stddef.h>

struct ewedata {
	bool has_switch;   /* "switch":"on", the single-channel ESP8266 */
	bool has_switches; /* "switches":[...], the ESP32 generation */
	char firmware[16]; /* "3.6.0"; "" = not told, as before 3.5 */
};

/*
 * Read data1..data4 joined.  Never fails: from malformed or cut data it takes
 * what can be recognised.
 */
void ewedata_read(struct ewedata *, const char *text, size_t len);

#endif
