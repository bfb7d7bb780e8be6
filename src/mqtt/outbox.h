/* SPDX-License-Identifier: ISC */
/*
 * outbox -- what is to be published, and when.
 *
 * A retained message is known by its topic: what is set is what the broker has
 * to hold in the end.  A payload that is set again before the last one was sent
 * replaces it, so that the outbox never grows with changes, and nothing old is
 * sent after something new.  After a loss of the connection outbox_renew() has
 * everything sent again, and outbox_repeat() does that slowly.
 *
 * Brokers keep 1000 messages for a subscriber that is slow, and drop the rest:
 * so at most OUTBOX_PER_SEC leave in a second.  There is no clock in here: the
 * time is handed in.
 */
#ifndef REFLASHD_OUTBOX_H
#define REFLASHD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTBOX_PER_SEC	 800
#define OUTBOX_REPEAT_MS 5000
#define OUTBOX_MAX_ONCE	 256 /* that wait; the oldest go first */

/* In the order in which they are sent. */
enum outbox_rank {
	OUTBOX_UPDATES, /* "in progress" of a former life ends first */
	OUTBOX_STATUS,
	OUTBOX_HUB, /* before the devices that name it */
	OUTBOX_CONFIGS,
	OUTBOX_STATES,
	OUTBOX_AGAIN, /* what follows a config, see outbox_set_followed() */
	OUTBOX_RANKS
};

struct outbox;

struct outbox *outbox_new(void);
void outbox_free(struct outbox *); /* NULL is fine */

/*
 * Have the broker hold this payload, which is taken; NULL removes the topic.
 * The same payload as before is not sent again.
 */
void
outbox_set(struct outbox *, enum outbox_rank, const char *topic, char *payload);

/*
 * The same, and each time that this is sent, the retained message of another
 * topic is sent again after it.
 */
void outbox_set_followed(struct outbox *, enum outbox_rank, const char *topic,
    char *payload, const char *follower);

/* Send this once, not retained, before all else.  payload is taken. */
void outbox_once(struct outbox *, const char *topic, char *payload);

/* Forget what was to be sent once, and send all others as soon as possible. */
void outbox_renew(struct outbox *);

/* Send all again, spread over OUTBOX_REPEAT_MS. */
void outbox_repeat(struct outbox *, uint64_t now_ms);

/* Borrowed until the next call. */
struct outbox_message {
	const char *topic;
	const char *payload; /* "" removes a retained message */
	bool is_retained;
};

/* Take out the next message that may be sent now; false: there is none. */
bool outbox_take(struct outbox *, uint64_t now_ms, struct outbox_message *);

/* Return when to look again: in so many ms; -1: after the next change. */
int outbox_wait_ms(const struct outbox *, uint64_t now_ms);

/* Return how many retained topics there are, and how many messages wait. */
size_t outbox_count(const struct outbox *);
size_t outbox_waiting(const struct outbox *);

#endif
