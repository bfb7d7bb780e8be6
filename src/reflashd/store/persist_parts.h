/* SPDX-License-Identifier: ISC */
/*
 * persist_parts -- what only the files of persist share.
 *
 *  persist.c         writes
 *  persist_load.c    reads at the start, and repairs what it reads
 *  persist_labels.c  keeps the labels where an older version leaves them
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

/* Note that the disk took something; returns ok. */
bool persist_note(struct persist *, bool ok, const struct error *);

/* Write which device has which label, but for one device, which may be NULL. */
void persist_save_labels(struct persist *, const struct device *but);

/* Load the labels: as an object of ids that the caller owns, or NULL. */
json_t *persist_load_labels(struct persist *);

/* Give a device its label if its record has no place for one. */
bool
persist_take_label(struct device *, const json_t *record, const json_t *labels);

/* Write the labels if they are not those that were loaded, which it takes. */
void persist_renew_labels(struct persist *, json_t *labels);

/* Load what the state directory holds, before any job or timer runs. */
void persist_load(struct persist *);

#endif
