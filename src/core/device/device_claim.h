/* SPDX-License-Identifier: ISC */
/*
 * device_claim -- addresses that a device may have besides its own, and when
 * each may be asked again.
 */
#ifndef REFLASHD_DEVICE_CLAIM_H
#define REFLASHD_DEVICE_CLAIM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE_MAX_CLAIMS                                                      \
	4 /* addresses of one id: real ones have one, or two */

struct device_claim {
	struct in_addr address;
	uint64_t until_ms; /* monotonic: not asked again before */
};

/*
 * Note in a list that an address is asked now, and not again for so long.
 * Returns false if it was asked lately, or the list is full.
 */
bool device_claim_take(struct device_claim *, size_t count, struct in_addr,
    uint64_t now_ms, uint64_t pause_ms);

#endif
