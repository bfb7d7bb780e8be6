/* SPDX-License-Identifier: ISC */
/*
 * tasmotasay -- what Tasmota says of a command: messages of JSON text, as it
 * logs them.  They are text and no JSON values, for not all that Tasmota says
 * is JSON: it escapes a few characters only, and before 8.4 none.
 */
#ifndef REFLASHD_SIM_TASMOTASAY_H
#define REFLASHD_SIM_TASMOTASAY_H

#include <stddef.h>

/* Needs no init beyond = {0}; tasmotasay_fini() frees it. */
struct tasmotasay {
	char **text;
	size_t count;
};

void tasmotasay_add(struct tasmotasay *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tasmotasay_fini(struct tasmotasay *);

/* The text as it stands between quotes in a message; the caller's to free. */
char *tasmotasay_escape(unsigned version, const char *text);

/* The body of the answer to /cm; the caller's to free. */
char *tasmotasay_body(const struct tasmotasay *, unsigned version);

#endif
