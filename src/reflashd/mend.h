/* SPDX-License-Identifier: ISC */
/*
 * mend -- what a death left half done in the state directory.
 *
 * The end of a job is written into the record of its device first, then into
 * the history.  A death in between costs the line, which is made up for here.
 */
#ifndef REFLASHD_MEND_H
#define REFLASHD_MEND_H

struct keep;
struct registry;

/* With all records loaded. */
void mend_history(struct keep *, struct registry *);

#endif
