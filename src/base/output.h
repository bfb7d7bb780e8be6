/* SPDX-License-Identifier: ISC */
/*
 * output -- the beginning and the end of a program that prints its result.
 *
 * On a full disk, or where the output is closed, the program has not done what
 * it was asked for.
 */
#ifndef REFLASHD_BASE_OUTPUT_H
#define REFLASHD_BASE_OUTPUT_H

/*
 * Call this first.  It opens each of the descriptors 0, 1 and 2 that is closed:
 * otherwise a socket or a file would get its number, and what is printed would
 * go there.  Writing to such an output fails.
 */
void output_begin(void);

/*
 * Return the program's exit code: this one, or EXIT_FAILURE, with a message, if
 * the output was not written.
 */
int output_end(int code);

#endif
