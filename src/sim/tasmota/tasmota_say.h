/* SPDX-License-Identifier: ISC */
/*
 * tasmota_say -- the answer of Tasmota to a command: messages, as Tasmota logs
 * them.  They are text and not JSON values, because Tasmota escapes only a few
 * characters, and before 8.4 none.
 */
#ifndef REFLASHD_SIM_TASMOTA_SAY_H
#define REFLASHD_SIM_TASMOTA_SAY_H

#include <stddef.h>

/* Initialize with = {0}; tasmota_say_fini() frees it. */
struct tasmota_say {
	char **text;
	size_t count;
};

void tasmota_say_add(struct tasmota_say *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append to the message that was added last. */
void tasmota_say_more(struct tasmota_say *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a text in quotes, escaped as that version does it. */
void tasmota_say_text(struct tasmota_say *, unsigned version, const char *text);

void tasmota_say_fini(struct tasmota_say *);

/* Return the text as it stands between quotes in a message, yours. */
char *tasmota_say_escape(unsigned version, const char *text);

/* Return the body of the answer to /cm, yours. */
char *tasmota_say_body(const struct tasmota_say *, unsigned version);

#endif
