/* SPDX-License-Identifier: ISC */
/*
 * tasmota_compare -- does a Tasmota's answer say that a setting is as wanted?
 *
 * The answer is compared in the form that the table has for the command and
 * the version that the device runs, byte by byte.
 */
#ifndef REFLASHD_TASMOTA_COMPARE_H
#define REFLASHD_TASMOTA_COMPARE_H

#include <stddef.h>
#include <stdint.h>

#include "core/tasmota/tasmota_line.h"

enum tasmota_taken {
	TASMOTA_NOT_TAKEN,
	TASMOTA_TAKEN,
	TASMOTA_UNCLEAR, /* the answer cannot tell */
};

/* The differences between the answers of devices. */
struct tasmota_dialect {
	uint32_t version;
	char off[40], on[40]; /* its words for 0 and 1: StateText1 and 2 */
};

void tasmota_dialect_init(struct tasmota_dialect *, const char *version);

#define TASMOTA_GOT_SIZE 80

/* The judgement of an answer; got is printable, "" without the setting. */
struct tasmota_verdict {
	enum tasmota_taken taken;
	bool is_unknown; /* this Tasmota does not know the command */
	bool is_refused; /* the device refuses the value */
	char got[TASMOTA_GOT_SIZE];
};

void
tasmota_compare(const struct tasmota_line *, const struct tasmota_dialect *,
    const char *body, size_t len, struct tasmota_verdict *);

/*
 * Learn from an answer to StateText1 or 2 the words in which switches answer.
 */
void tasmota_dialect_learn(struct tasmota_dialect *,
    const struct tasmota_line *, const char *body, size_t len);

#endif
