/* SPDX-License-Identifier: ISC */
/*
 * device_note -- in three words, whether a device can be flashed and why not.
 *
 * The words stand in lists beside the state, for a person who wants to know
 * which devices can be flashed at all.  They are made here and nowhere else, so
 * that each list and each program beside the daemon says the same.
 */
#ifndef REFLASHD_DEVICE_NOTE_H
#define REFLASHD_DEVICE_NOTE_H

#include "core/device/device.h"

#define DEVICE_NOTE_MAX 20 /* characters of the longest note */

enum device_flashable {
	DEVICE_FLASHABLE_UNKNOWN, /* the device has not told enough yet */
	DEVICE_FLASHABLE_NO,	  /* as it is, or it has its image already */
	DEVICE_FLASHABLE_YES,
};

/*
 * Return whether the device itself can be flashed over the network, whatever
 * policies and images say.
 */
enum device_flashable device_flashable(const struct device *);

/*
 * Return true if a person must leave the device switched on: its last download
 * was damaged, or it has reported an error of its own during the update.
 */
bool device_must_stay_on(const struct device *);

/* Return the note: three words at most, borrowed for ever. */
const char *device_note(const struct device *);

/* Return the note of a refusal or a failure; NULL: REASON_NONE has none. */
const char *device_note_of_reason(enum reason);

#endif
