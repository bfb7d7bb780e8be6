/* SPDX-License-Identifier: ISC */
/*
 * command -- what somebody wants done, as a JSON object from the broker:
 *
 *	{"do":"approve","sha256":"5c1a...","transaction":"x",
 *	 "not_after":"2026-01-31T13:05:09Z"}
 *
 * Anybody who may write to the broker can send anything here, at any time, and
 * a broker may deliver it late.  So a command that flashes names the checksum
 *of the image, no key is unknown, and what is retained or too old is refused.
 */
#ifndef REFLASHD_COMMAND_H
#define REFLASHD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/error.h"

#define COMMAND_MAX_SIZE    4096 /* bytes of a message */
#define COMMAND_SHA256_SIZE 65
#define COMMAND_TEXT_SIZE   65 /* of transaction */

enum command_verb {
	COMMAND_APPROVE,
	COMMAND_FLASH,
	COMMAND_RETRY,
	COMMAND_CANCEL,
	COMMAND_PAUSE,
	COMMAND_RESUME,
	COMMAND_COUNT
};

#define COMMAND_ALL ((1u << COMMAND_COUNT) - 1)

struct command {
	enum command_verb verb;
	char sha256[COMMAND_SHA256_SIZE]; /* lower case; "" if none was given */
	/* To be repeated in the answer, in any case; "" if none was given. */
	char transaction[COMMAND_TEXT_SIZE];
};

/* How a command came, and the rules for it. */
struct command_rules {
	bool is_for_device; /* it came on the topic of a device */
	bool is_retained;
	unsigned allowed;     /* a bit for each verb */
	unsigned max_age_sec; /* 0: it needs no not_after */
	time_t now;
};

/*
 * Read a command.  False: it is refused, with a code that the control protocol
 * has, too; EPERM is for a verb that the configuration does not allow.  The
 * transaction is there all the same, if it could be read.
 */
bool command_parse(const void *payload, size_t len,
    const struct command_rules *, struct command *, struct error *);

const char *command_verb_name(enum command_verb);
bool command_verb_find(const char *, enum command_verb *);

/* Read "2026-01-31T13:05:09Z", or with an offset; false: it is no time. */
bool command_read_time(const char *, time_t *);

#endif
