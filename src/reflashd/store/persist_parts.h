/* SPDX-License-Identifier: ISC */
/*
 * persist_parts -- what only the files of persist share: persist.c writes,
 * persist_load.c reads at the start, and repairs what it reads.
 */
#ifndef REFLASHD_PERSIST_PARTS_H
#define REFLASHD_PERSIST_PARTS_H

#include "base/strlist.h"
#include "core/device/record.h"
#include "reflashd/store/persist.h"

struct store;
struct write_queue;

struct persist {
	struct store *store;	    /* owned */
	struct write_queue *outbox; /* owned; changes on their way to store */
	json_t *history;	    /* owned; lines that are not written yet */
	struct strlist forgotten;   /* devices whose records are still there */
	struct {
		bool broken; /* nothing can be saved */
		char why[200];
		bool mending;	/* what the disk has missed is being written */
		uint64_t until; /* all of that: see persist_has_written() */
		unsigned failures;
	} disk;
	bool is_untidy; /* there may be copies that no device needs */
	struct persist_config config; /* its directory is not valid any more */
};

/* Return the time for a record that is written or read now. */
struct record_clock persist_clock(void);

/* Load what the state directory holds, before any job or timer runs. */
void persist_load(struct persist *);

#endif
