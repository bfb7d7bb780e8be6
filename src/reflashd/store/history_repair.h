/* SPDX-License-Identifier: ISC */
/*
 * history_repair -- what a death left half done in the state directory.
 *
 * The end of a job is written into the record of its device first, then into
 * the history.  A death in between costs the line, which is made up for here.
 */
#ifndef REFLASHD_HISTORY_REPAIR_H
#define REFLASHD_HISTORY_REPAIR_H

struct persist;
struct registry;

/* With all records loaded. */
void history_repair(struct persist *, struct registry *);

#endif
