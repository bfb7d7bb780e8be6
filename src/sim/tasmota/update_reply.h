/* SPDX-License-Identifier: ISC */
/*
 * update_reply -- which answers the updater of Tasmota accepts
 * (ESP8266httpUpdate.cpp of the Arduino core 2.7.4).
 */
#ifndef REFLASHD_SIM_UPDATE_REPLY_H
#define REFLASHD_SIM_UPDATE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#define UPDATE_HEAD_MAX 4096

struct update_head {
	size_t len; /* with the empty line */
	int status;
	long length;  /* of the body, -1: not told */
	char md5[33]; /* lower case, "": not told */
	bool coded;   /* a Transfer- or Content-Encoding it does not know */
};

enum update_state { UPDATE_MORE, UPDATE_HEAD, UPDATE_BAD };

enum update_state
update_reply_read(const char *data, size_t len, struct update_head *);

/* Return why the head alone is refused; NULL: it is accepted. */
const char *
update_reply_refuse(const struct update_head *, unsigned long space);

/* Return why the body is refused; NULL: it will boot. */
const char *update_reply_check(
    const struct update_head *, const unsigned char *body, size_t len);

#define UPDATE_NO_SPACE "not enough space"

#endif
