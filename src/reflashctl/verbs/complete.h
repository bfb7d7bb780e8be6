/* SPDX-License-Identifier: ISC */
/*
 * complete -- what the shells complete a command line of reflashctl with.
 *
 *   reflashctl _complete WORD...
 *
 * WORD are those behind the name of the program; the last one is what is being
 * typed, and may be empty.  It prints a line for each word that could stand
 * there, with a tab and what it is, or ":files" where it is the name of a
 * file.  Without a daemon there are no devices and no policies, and nothing is
 * said about it.
 */
#ifndef REFLASHD_REFLASHCTL_COMPLETE_H
#define REFLASHD_REFLASHCTL_COMPLETE_H

/* Returns an exit code. */
int complete(int count, char **words);

#endif
