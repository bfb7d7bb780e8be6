/* SPDX-License-Identifier: ISC */
/* Notes which devices the broker has messages about, and removes old ones. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "mqtt/ghosts.h"
#include "mqtt/message/discovery.h"

#define MAX_GHOSTS 8192 /* ids; the rest is found the next time */

struct ghost {
	char id[TOPICS_ID_SIZE];
	unsigned seen; /* a bit for each topic */
	UT_hash_handle hh;
};

struct ghosts {
	const struct topics *topics; /* borrowed */
	struct ghost *by_id;
	bool is_listening;
};

struct ghosts *
ghosts_new(const struct topics *topics)
{
	struct ghosts *ghosts = xcalloc(1, sizeof(*ghosts));

	ghosts->topics = topics;
	return ghosts;
}

static void
clear(struct ghosts *ghosts)
{
	struct ghost *ghost, *next;

	HASH_ITER (hh, ghosts->by_id, ghost, next) {
		HASH_DEL(ghosts->by_id, ghost);
		free(ghost);
	}
}

void
ghosts_free(struct ghosts *ghosts)
{
	if (ghosts == NULL)
		return;
	clear(ghosts);
	free(ghosts);
}

char *
ghosts_device_filter(const struct topics *topics)
{
	return topics_own(topics, "device/#");
}

char *
ghosts_config_filter(const struct topics *topics)
{
	return topics->discovery != NULL
	    ? xasprintf("%s/+/config", topics->discovery)
	    : NULL;
}

void
ghosts_begin(struct ghosts *ghosts)
{
	clear(ghosts);
	ghosts->is_listening = true;
}

static void
note(struct ghosts *ghosts, const char *id, enum topics_of_device which)
{
	struct ghost *ghost;

	HASH_FIND_STR(ghosts->by_id, id, ghost);
	if (ghost == NULL && HASH_COUNT(ghosts->by_id) < MAX_GHOSTS) {
		ghost = xcalloc(1, sizeof(*ghost));
		memcpy(ghost->id, id, strlen(id) + 1);
		HASH_ADD_STR(ghosts->by_id, id, ghost);
	}
	if (ghost != NULL)
		ghost->seen |= 1u << which;
}

bool
ghosts_hear(struct ghosts *ghosts, const char *topic, const void *payload,
    size_t len, bool is_retained)
{
	enum topics_of_device which;
	char id[TOPICS_ID_SIZE];

	if (!topics_is_device(ghosts->topics, topic, id, &which))
		return ghosts->topics->discovery != NULL &&
		    strncmp(topic, ghosts->topics->discovery,
			strlen(ghosts->topics->discovery)) == 0;
	/* A message that is not retained is our own, from just now. */
	if (ghosts->is_listening && is_retained && len > 0 &&
	    (which != TOPICS_CONFIG ||
		discovery_is_ours(ghosts->topics, payload, len)))
		note(ghosts, id, which);
	return true;
}

static void
lay(struct ghosts *ghosts, const struct ghost *ghost, struct outbox *outbox)
{
	static const enum outbox_rank ranks[] = {
		[TOPICS_CONFIG] = OUTBOX_CONFIGS,
		[TOPICS_STATE] = OUTBOX_STATES,
		[TOPICS_UPDATE] = OUTBOX_UPDATES,
	};

	for (int which = TOPICS_CONFIG; which <= TOPICS_UPDATE; which++) {
		char *topic;

		if (!(ghost->seen & 1u << which))
			continue;
		topic = topics_device(
		    ghosts->topics, ghost->id, (enum topics_of_device)which);
		outbox_set(outbox, ranks[which], topic, NULL);
		free(topic);
	}
}

size_t
ghosts_lay(
    struct ghosts *ghosts, const struct devices *devices, struct outbox *outbox)
{
	struct ghost *ghost, *next;
	size_t count = 0;

	HASH_ITER (hh, ghosts->by_id, ghost, next)
		if (devices_find(devices, ghost->id) == NULL) {
			lay(ghosts, ghost, outbox);
			count++;
		}
	clear(ghosts);
	ghosts->is_listening = false;
	return count;
}
