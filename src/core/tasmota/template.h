/* SPDX-License-Identifier: ISC */
/*
 * template -- a Tasmota template, which says what is wired to which pin:
 *
 *	{"NAME":"Sonoff Mini","GPIO":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],
 *	 "FLAG":0,"BASE":1}
 */
#ifndef REFLASHD_TEMPLATE_H
#define REFLASHD_TEMPLATE_H

#include <stdbool.h>

#include "base/error.h"

#define TEMPLATE_SINCE "9.1" /* its pins had other numbers before */

/* Return true if an ESP8266 with Tasmota takes the template as it is. */
bool template_check(const char *text, struct error *);

/* Return true if that version, or an unreadable one, takes the template. */
bool template_fits(const char *version);

#endif
