/* SPDX-License-Identifier: ISC */
/*
 * fuzz -- what a fuzz target is: one function that is handed foreign bytes,
 * must not crash, hang or leak, and checks with HOLDS what is always true of
 * the module's answer.
 */
#ifndef REFLASHD_FUZZ_H
#define REFLASHD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Unlike assert(), it is there in every build. */
#define HOLDS(fact)                                                            \
	do {                                                                   \
		if (!(fact)) {                                                 \
			fprintf(stderr, "%s:%d: does not hold: %s\n",          \
			    __FILE__, __LINE__, #fact);                        \
			abort();                                               \
		}                                                              \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
