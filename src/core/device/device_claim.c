/* SPDX-License-Identifier: ISC */
/* Keeps addresses that a device may have from being asked again too soon. */
#include "config.h"

#include "core/device/device_claim.h"

bool
device_claim_take(struct device_claim *list, size_t count,
    struct in_addr address, uint64_t now_ms, uint64_t pause_ms)
{
	struct device_claim *place = NULL;

	for (size_t i = 0; i < count; i++) {
		if (now_ms >= list[i].until_ms)
			place = &list[i];
		else if (list[i].address.s_addr == address.s_addr)
			return false;
	}
	if (place != NULL)
		*place = (struct device_claim){ address, now_ms + pause_ms };
	return place != NULL;
}
