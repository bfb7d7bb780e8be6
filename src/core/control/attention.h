/* SPDX-License-Identifier: ISC */
/*
 * attention -- whether a device needs a person, and how urgently.
 *
 * Lists begin with the devices that need a person; the daemon decides which
 * these are, so that reflashctl and the programs beside it agree.
 */
#ifndef REFLASHD_ATTENTION_H
#define REFLASHD_ATTENTION_H

#include <stddef.h>

#include "core/device/device.h"

/* clang-format off */
/* The most urgent first. A token never changes its meaning. */
#define ATTENTIONS(X) \
X(KEEP_ON, "keep-on") /* must not be switched off */ \
X(FAILED,  "failed")  /* nothing goes on by itself */ \
X(STUCK,   "stuck")   /* flashed, and its set-up lacks something of ours */ \
X(APPROVE, "approve") /* waits for an approval */ \
X(JOIN,    "join")    /* waits for somebody's Wi-Fi */ \
X(REFUSED, "refused") /* a policy wants it, and a person can help */
/* clang-format on */

enum attention {
	ATTENTION_NONE,
#define X(symbol, token) ATTENTION_##symbol,
	ATTENTIONS(X)
#undef X
	    ATTENTION_COUNT
};

enum attention attention_of(const struct device *);

/* Return the token, for ever; NULL for ATTENTION_NONE. */
const char *attention_token(enum attention);
/* Find it by its token; ATTENTION_NONE: there is none, or token is NULL. */
enum attention attention_find(const char *token);

/*
 * Write the name of the access point that a Tasmota without Wi-Fi settings has
 * probably opened.  Returns false, and "", if the device waits for nobody's
 * Wi-Fi, or its name cannot be known.
 */
bool attention_access_point(const struct device *, char *dst, size_t size);

#endif
