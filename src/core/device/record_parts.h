/* SPDX-License-Identifier: ISC */
/*
 * record_parts -- what the files of the record share; nothing else includes it.
 *
 *  record.c         from a device to its record, and back
 *  record_layout.c  which key of the record is which member
 */
#ifndef REFLASHD_RECORD_PARTS_H
#define REFLASHD_RECORD_PARTS_H

#include <arpa/inet.h>

#include "core/device/device.h"
#include "core/device/record_field.h"

#define MAX_RECORD_PATH	 1025 /* what the control socket takes */
#define MAX_RECORD_WAIT	 4500 /* s: the longest delay between attempts */
#define MAX_RECORD_TRIES (24 * 60 * 60) /* s: the longest FlashTimeoutSec */

/* The moment at which a record was written, as the record has it. */
struct written {
	bool is_known; /* false: an earlier version wrote it */
	int64_t ms, wall;
	int64_t since, begun, run_begun; /* s: so long before it */
	char boot[40];
};

/*
 * All that is in a record: the members of the device, and what is written in
 * another form than there.
 */
struct record {
	struct device device; /* a copy, which owns nothing */
	unsigned format;
	char address[INET_ADDRSTRLEN], told_from[INET_ADDRSTRLEN];
	bool omits_id, is_old_form; /* how it answers */
	char state[16], hold[16], reason[32], exact_reason[32], kept_reason[32];
	char expect[16], run_expect[16];
	int64_t not_before;  /* wall clock: hold_until_ms */
	int64_t tries_until; /* wall clock: tries_until_ms; 0: long past */
	bool has_told, has_kept;
	bool has_only; /* the order is for one image alone */
	bool only_ordered, only_again, only_retry;
	char order_image[MAX_RECORD_PATH];
	char label[LABEL_SIZE];
	/* As in device_people. */
	char attempt_by[LABEL_SIZE], may_run_by[LABEL_SIZE];
	char approved_by[LABEL_SIZE], ordered_by[LABEL_SIZE];
	char cancelled_by[LABEL_SIZE], cancelled[LABEL_SIZE];
	struct written written;
};

/* The number of the format, which is read before the rest. */
extern const struct record_field record_format_field[];
extern const struct record_field record_fields[];

#endif
