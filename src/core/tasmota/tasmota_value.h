/* SPDX-License-Identifier: ISC */
/*
 * tasmota_value -- the values of Tasmota's settings: how Tasmota reads them,
 * and what it keeps of them.
 */
#ifndef REFLASHD_TASMOTA_VALUE_H
#define REFLASHD_TASMOTA_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/tasmota/tasmota_command.h"

/* Return true if this one character is the value: it clears or resets. */
bool tasmota_is_shortcut(const char *, char which);

/*
 * Read a number as Tasmota does: decimal, octal after a 0, hexadecimal after
 * 0x, or OFF, FALSE, ON, TRUE.
 */
bool tasmota_read_number(const char *, long *);

/* Return the number that Tasmota keeps when it is given that one. */
long tasmota_kept_number(
    const struct tasmota_command *, long given, uint32_t version);

/* Return the power of the transmitter in dBm that Tasmota keeps. */
double tasmota_kept_power(double given, uint32_t version);

/* Return the text that Tasmota keeps.  Freed with free(). */
char *tasmota_kept_text(const struct tasmota_command *, const char *given);

/* Read a time zone: "+1:30", "-3", "99". */
bool tasmota_read_zone(const char *, long *hours, long *minutes);

/* Read "0,0,10,1,3,60"; a part may be left out.  False: no such list. */
#define TASMOTA_SEASON_PARTS 6
bool tasmota_read_season(const char *, long parts[TASMOTA_SEASON_PARTS],
    bool given[TASMOTA_SEASON_PARTS]);

/* Read "06:30" as minutes; a "-" (before sun) counts from 12 hours. */
long tasmota_read_minutes(const char *);

/* Read the days of a timer, "MTWTF" or "-1111100", as a bit for each. */
unsigned tasmota_read_days(const char *);

/* Read two numbers with a comma or a blank between: "0,255", "1 0x1F". */
bool tasmota_read_pair(const char *, unsigned long pair[2]);

/*
 * Read channels: "255,255,200".  Returns how many there are; 0: no such list.
 */
#define TASMOTA_CHANNELS 5
size_t tasmota_read_channels(const char *, long channels[TASMOTA_CHANNELS]);

/*
 * Read the minutes of the day for standard and for summer time: "22:00,23:00",
 * "1320".  Returns how many there are; 0: no such list.
 */
size_t tasmota_read_tariff(const char *, long minutes[2]);

/* Read a colour: "#fa0", "ffaa00". */
bool tasmota_read_colour(const char *, unsigned long *);

/* Write "2,1 4,3" as Tasmota shows it: "1,2 3,4".  False: dst is too small. */
bool tasmota_kept_groups(const char *, char *dst, size_t size);

/* Write "8N1", or its number, as "8N1". */
bool tasmota_read_serial(const char *, char dst[4]);

#endif
