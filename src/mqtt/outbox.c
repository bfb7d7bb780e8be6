/* SPDX-License-Identifier: ISC */
/* Keeps what the broker has to hold, and hands it out at a bearable rate. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#include "base/memory.h"
#include "mqtt/outbox.h"

#define BURST 10 /* messages at a time */

enum wait { SENT, SOON, REPEATED };

struct entry {
	char *topic;	/* owned */
	char *payload;	/* owned; NULL: to be removed from the broker */
	char *follower; /* owned: a topic; NULL: none */
	enum outbox_rank rank;
	enum wait wait;	       /* which kind of list it is in */
	enum outbox_rank list; /* and which of that kind */
	TAILQ_ENTRY(entry) link;
	UT_hash_handle hh;
};

/* A message that is not retained. */
struct once {
	char *topic, *payload; /* owned */
	TAILQ_ENTRY(once) link;
};

TAILQ_HEAD(entries, entry);
TAILQ_HEAD(onces, once);

struct outbox {
	struct entry *by_topic;
	struct entries soon[OUTBOX_RANKS];
	struct entries repeated;
	struct onces onces;
	size_t once_count, soon_count, repeated_count;
	uint64_t may_us;	 /* when the next message may be sent */
	uint64_t repeat_ms;	 /* when the next one is repeated */
	uint64_t repeat_gap_us;	 /* between two of them */
	uint64_t repeat_part_us; /* of a millisecond that is left over */
	/* The entries that outbox_take() has lent. */
	struct entry *removed;
	struct once *taken;
};

struct outbox *
outbox_new(void)
{
	struct outbox *outbox = xcalloc(1, sizeof(*outbox));

	for (int rank = 0; rank < OUTBOX_RANKS; rank++)
		TAILQ_INIT(&outbox->soon[rank]);
	TAILQ_INIT(&outbox->repeated);
	TAILQ_INIT(&outbox->onces);
	return outbox;
}

static void
free_entry(struct entry *entry)
{
	if (entry == NULL)
		return;
	free(entry->topic);
	free(entry->payload);
	free(entry->follower);
	free(entry);
}

static void
free_once(struct once *once)
{
	if (once == NULL)
		return;
	free(once->topic);
	free(once->payload);
	free(once);
}

/* Free what the last outbox_take() has lent. */
static void
end_loan(struct outbox *outbox)
{
	free_entry(outbox->removed);
	free_once(outbox->taken);
	outbox->removed = NULL;
	outbox->taken = NULL;
}

static struct once *
shift_once(struct outbox *outbox)
{
	struct once *once = TAILQ_FIRST(&outbox->onces);

	if (once != NULL) {
		TAILQ_REMOVE(&outbox->onces, once, link);
		outbox->once_count--;
	}
	return once;
}

static void
drop_onces(struct outbox *outbox)
{
	struct once *once;

	while ((once = shift_once(outbox)) != NULL)
		free_once(once);
}

void
outbox_free(struct outbox *outbox)
{
	struct entry *entry, *next;

	if (outbox == NULL)
		return;
	end_loan(outbox);
	drop_onces(outbox);
	HASH_ITER (hh, outbox->by_topic, entry, next) {
		HASH_DEL(outbox->by_topic, entry);
		free_entry(entry);
	}
	free(outbox);
}

/* Take an entry out of the list in which it waits. */
static void
take_out(struct outbox *outbox, struct entry *entry)
{
	if (entry->wait == SOON) {
		TAILQ_REMOVE(&outbox->soon[entry->list], entry, link);
		outbox->soon_count--;
	} else if (entry->wait == REPEATED) {
		TAILQ_REMOVE(&outbox->repeated, entry, link);
		outbox->repeated_count--;
	}
	entry->wait = SENT;
}

/* Have an entry sent soon, in its turn. */
static void
send_soon(struct outbox *outbox, struct entry *entry, enum outbox_rank list)
{
	take_out(outbox, entry);
	entry->wait = SOON;
	entry->list = list;
	TAILQ_INSERT_TAIL(&outbox->soon[list], entry, link);
	outbox->soon_count++;
}

static void
send_repeated(struct outbox *outbox, struct entry *entry)
{
	take_out(outbox, entry);
	entry->wait = REPEATED;
	TAILQ_INSERT_TAIL(&outbox->repeated, entry, link);
	outbox->repeated_count++;
}

static struct entry *
get_entry(struct outbox *outbox, enum outbox_rank rank, const char *topic)
{
	struct entry *entry;

	HASH_FIND_STR(outbox->by_topic, topic, entry);
	if (entry != NULL)
		return entry;
	entry = xcalloc(1, sizeof(*entry));
	entry->topic = xstrdup(topic);
	entry->rank = rank;
	HASH_ADD_KEYPTR(
	    hh, outbox->by_topic, entry->topic, strlen(entry->topic), entry);
	send_soon(outbox, entry, rank);
	return entry;
}

/* As outbox_set(), but returns the entry, which is borrowed. */
static struct entry *
set_entry(struct outbox *outbox, enum outbox_rank rank, const char *topic,
    char *payload)
{
	struct entry *entry = get_entry(outbox, rank, topic);
	bool is_same = payload != NULL && entry->payload != NULL &&
	    strcmp(payload, entry->payload) == 0;

	end_loan(outbox);
	free(entry->payload);
	entry->payload = payload;
	if (!is_same && (entry->wait != SOON || entry->list != entry->rank))
		send_soon(outbox, entry, entry->rank);
	return entry;
}

void
outbox_set(struct outbox *outbox, enum outbox_rank rank, const char *topic,
    char *payload)
{
	set_entry(outbox, rank, topic, payload);
}

void
outbox_set_followed(struct outbox *outbox, enum outbox_rank rank,
    const char *topic, char *payload, const char *follower)
{
	struct entry *entry = set_entry(outbox, rank, topic, payload);

	free(entry->follower);
	entry->follower = xstrdup(follower);
}

void
outbox_once(struct outbox *outbox, const char *topic, char *payload)
{
	struct once *once = xcalloc(1, sizeof(*once));

	end_loan(outbox);
	once->topic = xstrdup(topic);
	once->payload = payload;
	TAILQ_INSERT_TAIL(&outbox->onces, once, link);
	if (++outbox->once_count > OUTBOX_MAX_ONCE)
		free_once(shift_once(outbox));
}

void
outbox_renew(struct outbox *outbox)
{
	struct entry *entry, *next;

	end_loan(outbox);
	drop_onces(outbox);
	HASH_ITER (hh, outbox->by_topic, entry, next)
		if (entry->wait != SOON || entry->list != entry->rank)
			send_soon(outbox, entry, entry->rank);
}

void
outbox_repeat(struct outbox *outbox, uint64_t now_ms)
{
	struct entry *entry, *next;

	end_loan(outbox);
	for (int rank = OUTBOX_STATUS; rank < OUTBOX_RANKS + 1; rank++)
		HASH_ITER (hh, outbox->by_topic, entry, next)
			if (entry->wait == SENT &&
			    (int)entry->rank == rank % OUTBOX_RANKS)
				send_repeated(outbox, entry);
	if (outbox->repeated_count == 0)
		return;
	outbox->repeat_ms = now_ms;
	outbox->repeat_part_us = 0;
	outbox->repeat_gap_us =
	    UINT64_C(1000) * OUTBOX_REPEAT_MS / outbox->repeated_count;
}

static struct entry *
first_soon(struct outbox *outbox)
{
	for (int rank = 0; rank < OUTBOX_RANKS; rank++)
		if (!TAILQ_EMPTY(&outbox->soon[rank]))
			return TAILQ_FIRST(&outbox->soon[rank]);
	return NULL;
}

static void
note_repeat(struct outbox *outbox)
{
	uint64_t us = outbox->repeat_part_us + outbox->repeat_gap_us;

	outbox->repeat_ms += us / 1000;
	outbox->repeat_part_us = us % 1000;
}

/* Have the follower of a message that is sent now sent after it. */
static void
call_follower(struct outbox *outbox, const struct entry *entry)
{
	struct entry *follower = NULL;

	if (entry->follower != NULL && entry->payload != NULL)
		HASH_FIND_STR(outbox->by_topic, entry->follower, follower);
	/* A message that waits anyway comes after it, too. */
	if (follower != NULL && follower->wait == SENT)
		send_soon(outbox, follower, OUTBOX_AGAIN);
}

/* Lend the payload of an entry; one that is removed is forgotten with it. */
static void
lend(struct outbox *outbox, struct entry *entry, struct outbox_message *out)
{
	*out = (struct outbox_message){ entry->topic,
		entry->payload != NULL ? entry->payload : "", true };
	take_out(outbox, entry);
	call_follower(outbox, entry);
	if (entry->payload == NULL) {
		HASH_DEL(outbox->by_topic, entry);
		outbox->removed = entry;
	}
}

/* Count a message against the limit of a second. */
static void
note_sent(struct outbox *outbox, uint64_t now_ms)
{
	const uint64_t each = 1000000 / OUTBOX_PER_SEC, now = now_ms * 1000;

	if (outbox->may_us + BURST * each < now)
		outbox->may_us = now - BURST * each;
	outbox->may_us += each;
}

bool
outbox_take(struct outbox *outbox, uint64_t now_ms, struct outbox_message *out)
{
	struct entry *entry;

	end_loan(outbox);
	if (now_ms * 1000 < outbox->may_us)
		return false;
	outbox->taken = shift_once(outbox);
	if (outbox->taken != NULL) {
		*out = (struct outbox_message){ outbox->taken->topic,
			outbox->taken->payload, false };
		note_sent(outbox, now_ms);
		return true;
	}
	entry = first_soon(outbox);
	if (entry == NULL && now_ms >= outbox->repeat_ms) {
		entry = TAILQ_FIRST(&outbox->repeated);
		if (entry != NULL)
			note_repeat(outbox);
	}
	if (entry == NULL)
		return false;
	lend(outbox, entry, out);
	note_sent(outbox, now_ms);
	return true;
}

int
outbox_wait_ms(const struct outbox *outbox, uint64_t now_ms)
{
	uint64_t at = (outbox->may_us + 999) / 1000;

	if (outbox->once_count == 0 && outbox->soon_count == 0) {
		if (outbox->repeated_count == 0)
			return -1;
		if (at < outbox->repeat_ms)
			at = outbox->repeat_ms;
	}
	return at > now_ms ? (int)(at - now_ms) : 0;
}

size_t
outbox_count(const struct outbox *outbox)
{
	return HASH_COUNT(outbox->by_topic);
}

size_t
outbox_waiting(const struct outbox *outbox)
{
	return outbox->once_count + outbox->soon_count + outbox->repeated_count;
}
