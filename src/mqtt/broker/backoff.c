/* SPDX-License-Identifier: ISC */
/* Spaces the tries to reach the broker, and the lines about failures. */
#include "config.h"

#include <string.h>

#include "mqtt/broker/backoff.h"

#define FIRST_MS UINT64_C(1000)
#define LAST_MS	 UINT64_C(60000)
#define GOOD_MS	 UINT64_C(60000) /* a connection that lasts so long is good */
#define TELL_MS	 UINT64_C(3600000)

uint64_t
backoff_next(struct backoff *backoff, uint64_t lasted_ms, bool is_lasting,
    uint32_t random)
{
	uint64_t wait;

	if (lasted_ms >= GOOD_MS) {
		backoff->wait_ms = 0;
		backoff->told[0] = '\0';
	}
	if (is_lasting)
		backoff->wait_ms = LAST_MS;
	else if (backoff->wait_ms == 0)
		backoff->wait_ms = FIRST_MS;
	else if (backoff->wait_ms < LAST_MS)
		backoff->wait_ms *= 2;
	if (backoff->wait_ms > LAST_MS)
		backoff->wait_ms = LAST_MS;
	wait = backoff->wait_ms;
	return wait - wait / 4 + random % (wait / 2 + 1);
}

bool
backoff_tells(struct backoff *backoff, const char *text, uint64_t now_ms)
{
	if (strncmp(backoff->told, text, BACKOFF_TEXT_SIZE - 1) == 0 &&
	    backoff->told[0] != '\0' && now_ms - backoff->told_ms < TELL_MS)
		return false;
	backoff->told_ms = now_ms;
	backoff->is_back_told = false;
	strncpy(backoff->told, text, BACKOFF_TEXT_SIZE - 1);
	return true;
}

bool
backoff_tells_back(struct backoff *backoff)
{
	bool tells = !backoff->is_back_told;

	backoff->is_back_told = true;
	return tells;
}
