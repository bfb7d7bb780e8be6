/* SPDX-License-Identifier: ISC */
/*
 * complete -- the words with which shells complete a command line: reflashctl
 * _complete WORD...
 *
 * WORD are the words after the name of the program; the last one is being
 * typed, and may be empty.  Each line of output is a word that could stand
 * there, a tab and its meaning, or ":files" for the name of a file.  Without a
 * daemon, devices and policies are silently left out.
 */
#ifndef REFLASHD_REFLASHCTL_COMPLETE_H
#define REFLASHD_REFLASHCTL_COMPLETE_H

/* Returns an exit code. */
int complete(int count, char **words);

#endif
