/* SPDX-License-Identifier: ISC */
/*
 * Ends the search for a device that was not found, and says what was seen
 * instead of it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/text.h"
#include "core/flash/rejoin_hint.h"
#include "core/postflash/postflash_parts.h"

#define SHARED                                                                 \
	"%s answers, but this machine sees the MAC %s at several addresses: "  \
	"it may be another"
#define MAX_HINT 320 /* bytes of advice within a detail */

static bool
is_claimed(const struct postflash *postflash)
{
	return postflash->claimed_at.s_addr != 0;
}

/* Write "; who has claimed the MAC", or "". */
static const char *
describe_claim(const struct postflash *postflash, char *dst, size_t size)
{
	struct in_addr at = is_claimed(postflash) ? postflash->claimed_at
						  : postflash->announced_at;
	char address[INET_ADDRSTRLEN];

	if (at.s_addr == 0)
		return "";
	inet_ntop(AF_INET, &at, address, sizeof(address));
	snprintf(dst, size,
	    is_claimed(postflash)
		? "; a Tasmota at %s says that it has its MAC, but this "
		  "machine sees another one there"
		: "; an ESPHome was announced at %s with its MAC, but "
		  "nothing there answers as ESPHome does",
	    address);
	return dst;
}

/*
 * Write what is at the old address of the device, beginning with a separator;
 * "" if nothing is.
 */
static const char *
describe_heir(const struct postflash *postflash, char *dst, size_t size)
{
	char at[INET_ADDRSTRLEN];
	const char *mac = postflash->heir.mac;

	if (postflash->heir.what == NULL)
		return "";
	inet_ntop(AF_INET, &postflash->device->place.address, at, sizeof(at));
	snprintf(dst, size,
	    "; %s with %s%s is at its old address: it is this device if its "
	    "MAC changed with the firmware, or another that was given the "
	    "address. Look at http://%s; if it is this device, it works: set "
	    "it up by hand and run: reflashctl forget %s",
	    postflash->heir.what, mac[0] != '\0' ? "the MAC " : "another MAC",
	    mac, at, postflash->device->id);
	return dst;
}

/*
 * End the search for a device that was not found, where the policy allows that:
 * it is flashed, and a hint says how it rejoins.
 */
static void
end_away(struct postflash *postflash)
{
	struct device *device = postflash->device;
	char who[128], hint[MAX_HINT], time[32];
	const char *where = describe_heir(postflash, hint, sizeof(hint));

	device_clear_blame(device);
	if (where[0] == '\0')
		where = rejoin_hint(device, hint, sizeof(hint));
	snprintf(device->detail, sizeof(device->detail),
	    "it was not found in %s%s%s",
	    text_duration(time, sizeof(time), postflash->task.verify_sec),
	    describe_claim(postflash, who, sizeof(who)), where);
	postflash_end(postflash, STATE_EVENT_LEFT);
}

void
postflash_missing_late(struct postflash *postflash)
{
	const char *mac = postflash->device->place.mac;
	char who[128], hint[MAX_HINT], time[32];
	const char *next = describe_heir(postflash, hint, sizeof(hint));

	if (postflash->other[0] != '\0')
		postflash_fail(postflash, REASON_WRONG_FIRMWARE,
		    "the Tasmota at its address says that its MAC is %s",
		    postflash->other);
	else if (postflash->stranger)
		postflash_fail(postflash, REASON_WRONG_FIRMWARE,
		    "its address answers, but not as Tasmota");
	else if (!postflash->task.must_return)
		end_away(postflash);
	else if (mac[0] == '\0')
		postflash_fail(postflash, REASON_NOT_SEEN_AGAIN,
		    "its MAC is not known, so it cannot be recognised%s", next);
	else if (postflash->shared != NULL)
		postflash_fail(postflash, REASON_NOT_SEEN_AGAIN, SHARED,
		    postflash->shared, mac);
	else
		postflash_fail(postflash, REASON_NOT_SEEN_AGAIN,
		    "nothing with the MAC %s answered in %s%s%s", mac,
		    text_duration(
			time, sizeof(time), postflash->task.verify_sec),
		    describe_claim(postflash, who, sizeof(who)),
		    is_claimed(postflash) ? "" : next);
}

bool
postflash_missing_lost(struct postflash *postflash)
{
	char who[128];

	if (postflash->other[0] != '\0')
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "%s has its address now, and it was not found at another "
		    "one",
		    postflash->other);
	else if (is_claimed(postflash))
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "it was not found again%s",
		    describe_claim(postflash, who, sizeof(who)));
	else if (postflash->shared != NULL && postflash->aim <= AIM_START)
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "Upgrade: " SHARED, postflash->shared,
		    postflash->device->place.mac);
	else
		return false;
	return true;
}
