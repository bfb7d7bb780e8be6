/* SPDX-License-Identifier: ISC */
/*
 * output -- the end of a program whose result is what it prints: on a full
 * disk, or with nobody to take it, it has not done what it was asked for.
 */
#ifndef REFLASHD_BASE_OUTPUT_H
#define REFLASHD_BASE_OUTPUT_H

/* Its exit code: this one, or EXIT_FAILURE and a sentence. */
int output_end(int code);

#endif
