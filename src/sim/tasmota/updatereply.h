/* SPDX-License-Identifier: ISC */
/*
 * updatereply -- what the updater of Tasmota makes of an answer
 * (ESP8266httpUpdate.cpp of the Arduino core 2.7.4).
 */
#ifndef REFLASHD_SIM_UPDATEREPLY_H
#define REFLASHD_SIM_UPDATEREPLY_H

#include <stdbool.h>
#include <stddef.h>

#define UPDATE_HEAD_MAX 4096

struct update_head {
	size_t len; /* up to and with the empty line */
	int status;
	long length;  /* of the body, -1: not told */
	char md5[33]; /* lower case, "": not told */
	bool coded;   /* a Transfer- or Content-Encoding it does not know */
};

enum update_state { UPDATE_MORE, UPDATE_HEAD, UPDATE_BAD };

enum update_state
updatereply_read(const char *data, size_t len, struct update_head *);

/* Why the head alone is reason to give up; NULL: it is none. */
const char *updatereply_refuse(const struct update_head *, unsigned long space);

/* Why the body is; NULL: it will be booted. */
const char *updatereply_check(
    const struct update_head *, const unsigned char *body, size_t len);

#define UPDATE_NO_SPACE "not enough space"

#endif
