/* SPDX-License-Identifier: ISC */
/*
 * httpdate -- the three spellings of a time in HTTP (RFC 9110 5.6.7).
 */
#ifndef REFLASHD_HTTPDATE_H
#define REFLASHD_HTTPDATE_H

#include <stdbool.h>
#include <time.h>

#define HTTPDATE_SIZE 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and its end */

/* Write a date.  Returns dst: "" for a year outside 1..9999. */
char *httpdate_format(char dst[HTTPDATE_SIZE], time_t);

/*
 * Read a date in any of the three spellings.  The day of the week is not
 * compared with the date.  Two-digit years from 70 on are of the last century.
 */
bool httpdate_parse(const char *, time_t *);

#endif
