/* SPDX-License-Identifier: ISC */
/* Keeps the devices of the daemon, and the messages about each up to date. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "base/log.h"
#include "base/memory.h"
#include "mqtt/devices.h"
#include "mqtt/message/command.h"
#include "mqtt/message/discovery.h"
#include "mqtt/message/notice.h"

#define PROGRESS_MS 1000

struct known {
	char id[TOPICS_ID_SIZE];
	json_t *device;	   /* owned */
	uint64_t shown_ms; /* when it was last published */
	bool is_pending;   /* its progress waits */
	bool is_listed;	   /* in the present list of the daemon */
	UT_hash_handle hh;
};

struct devices {
	struct outbox *outbox; /* borrowed, as are the topics */
	const struct topics *topics;
	unsigned allowed;
	struct known *by_id;
	json_t *status;	 /* owned; the daemon's, or NULL */
	bool is_live;	 /* all are listed: what comes is a change */
	bool is_stale;	 /* what is published of the daemon is older */
	bool is_crowded; /* that there are too many was told */
	char *event_topic, *daemon_topic;
};

struct devices *
devices_new(
    struct outbox *outbox, const struct topics *topics, unsigned allowed)
{
	struct devices *devices = xcalloc(1, sizeof(*devices));

	devices->outbox = outbox;
	devices->topics = topics;
	devices->allowed = allowed;
	devices->event_topic = topics_own(topics, "event");
	devices->daemon_topic = topics_own(topics, "daemon");
	return devices;
}

static void
free_known(struct devices *devices, struct known *known)
{
	HASH_DEL(devices->by_id, known);
	json_decref(known->device);
	free(known);
}

void
devices_free(struct devices *devices)
{
	struct known *known, *next;

	if (devices == NULL)
		return;
	HASH_ITER (hh, devices->by_id, known, next)
		free_known(devices, known);
	json_decref(devices->status);
	free(devices->event_topic);
	free(devices->daemon_topic);
	free(devices);
}

/* Have the broker hold the object, which is taken; NULL removes the topic. */
static void
put(struct devices *devices, enum outbox_rank rank, char *topic, json_t *object)
{
	if (topic != NULL)
		outbox_set(devices->outbox, rank, topic,
		    object != NULL ? json_dumps(object, JSON_COMPACT) : NULL);
	json_decref(object);
	free(topic);
}

static void
tell_event(struct devices *devices, json_t *event)
{
	if (event != NULL)
		outbox_once(devices->outbox, devices->event_topic,
		    json_dumps(event, JSON_COMPACT));
	json_decref(event);
}

static bool
may_install(const struct devices *devices, const struct shown *shown)
{
	enum command_verb verb =
	    shown->install == SHOWN_APPROVE ? COMMAND_APPROVE : COMMAND_RETRY;

	return (devices->allowed & 1u << verb) != 0;
}

/*
 * Publish the config, by which Install names an image.  What is shown goes
 * before it, so that a person never sees an older image than Install means; and
 * after it once more, as Home Assistant forgets the title and the summary with
 * a new config.
 */
static void
publish_config(struct devices *devices, const struct known *known,
    const struct shown *shown, const char *update_topic)
{
	const struct topics *topics = devices->topics;
	char *topic = topics_device(topics, known->id, TOPICS_CONFIG);
	json_t *config;

	if (topic == NULL)
		return;
	config = discovery_device(
	    topics, known->device, shown, may_install(devices, shown));
	outbox_set_followed(devices->outbox, OUTBOX_CONFIGS, topic,
	    json_dumps(config, JSON_COMPACT), update_topic);
	json_decref(config);
	free(topic);
}

static void
publish(struct devices *devices, struct known *known, uint64_t now_ms)
{
	const struct topics *topics = devices->topics;
	char *update_topic = topics_device(topics, known->id, TOPICS_UPDATE);
	struct shown shown;

	known->shown_ms = now_ms;
	known->is_pending = false;
	shown_look(known->device, &shown);
	put(devices, OUTBOX_UPDATES, xstrdup(update_topic),
	    shown_update(&shown));
	publish_config(devices, known, &shown, update_topic);
	put(devices, OUTBOX_STATES,
	    topics_device(topics, known->id, TOPICS_STATE),
	    json_incref(known->device));
	free(update_topic);
}

static void
publish_daemon(struct devices *devices)
{
	struct notice_counts counts = { 0 };
	struct known *known, *next;

	HASH_ITER (hh, devices->by_id, known, next)
		notice_count(&counts, known->device);
	put(devices, OUTBOX_HUB, xstrdup(devices->daemon_topic),
	    notice_daemon(&counts, devices->topics->site, devices->status));
}

/* The daemon has to be there before the devices that name it as their hub. */
static void
publish_hub(struct devices *devices)
{
	const unsigned both = 1u << COMMAND_PAUSE | 1u << COMMAND_RESUME;

	if (devices->topics->discovery != NULL)
		put(devices, OUTBOX_HUB, topics_hub(devices->topics),
		    discovery_daemon(
			devices->topics, (devices->allowed & both) == both));
}

void
devices_listing(struct devices *devices)
{
	struct known *known, *next;

	devices->is_live = false;
	HASH_ITER (hh, devices->by_id, known, next)
		known->is_listed = false;
	publish_hub(devices);
}

static void
remove_known(struct devices *devices, struct known *known)
{
	const struct topics *topics = devices->topics;

	put(devices, OUTBOX_CONFIGS,
	    topics_device(topics, known->id, TOPICS_CONFIG), NULL);
	put(devices, OUTBOX_UPDATES,
	    topics_device(topics, known->id, TOPICS_UPDATE), NULL);
	put(devices, OUTBOX_STATES,
	    topics_device(topics, known->id, TOPICS_STATE), NULL);
	free_known(devices, known);
}

void
devices_listed(struct devices *devices)
{
	struct known *known, *next;

	HASH_ITER (hh, devices->by_id, known, next)
		if (!known->is_listed)
			remove_known(devices, known);
	devices->is_live = true;
	devices->is_stale = true;
}

static struct known *
find(const struct devices *devices, const char *id)
{
	struct known *known;

	HASH_FIND_STR(devices->by_id, id, known);
	return known;
}

static struct known *
add(struct devices *devices, const char *id)
{
	struct known *known;

	if (HASH_COUNT(devices->by_id) >= DEVICES_MAX) {
		if (!devices->is_crowded)
			log_warning(
			    "mqtt: more than %d devices: the others are "
			    "not published",
			    DEVICES_MAX);
		devices->is_crowded = true;
		return NULL;
	}
	known = xcalloc(1, sizeof(*known));
	memcpy(known->id, id, strlen(id) + 1);
	HASH_ADD_STR(devices->by_id, id, known);
	return known;
}

/* Return true if a device goes on downloading, and nothing else is new. */
static bool
is_progress(const json_t *before, const json_t *device)
{
	const char *state = json_string_value(json_object_get(device, "state"));

	return state != NULL && strcmp(state, "downloading") == 0 &&
	    json_equal(json_object_get(before, "state"),
		json_object_get(device, "state"));
}

void
devices_take(struct devices *devices, const json_t *device, uint64_t now_ms)
{
	const char *id = json_string_value(json_object_get(device, "id"));
	struct known *known;
	json_t *before;
	bool waits;

	if (id == NULL || !devapi_is_id(id))
		return; /* nothing else may become part of a topic */
	known = find(devices, id);
	if (known == NULL)
		known = add(devices, id);
	if (known == NULL)
		return;
	known->is_listed = true;
	before = known->device;
	known->device = json_deep_copy(device);
	waits = before != NULL && is_progress(before, device) &&
	    now_ms - known->shown_ms < PROGRESS_MS;
	if (waits)
		known->is_pending = true;
	else
		publish(devices, known, now_ms);
	if (devices->is_live) {
		tell_event(devices, notice_change(before, device, time(NULL)));
		devices->is_stale |= !waits;
	}
	json_decref(before);
}

void
devices_forget(struct devices *devices, const char *id)
{
	struct known *known = find(devices, id);

	if (known == NULL)
		return;
	tell_event(devices, notice_forgotten(known->id, time(NULL)));
	remove_known(devices, known);
	devices->is_stale = true;
}

void
devices_take_status(struct devices *devices, const json_t *status)
{
	json_decref(devices->status);
	devices->status = json_deep_copy(status);
	devices->is_stale = true;
}

int
devices_tick(struct devices *devices, uint64_t now_ms)
{
	struct known *known, *next;
	int wait = -1;

	if (devices->is_live && devices->is_stale)
		publish_daemon(devices);
	devices->is_stale &= !devices->is_live;
	HASH_ITER (hh, devices->by_id, known, next) {
		uint64_t due = known->shown_ms + PROGRESS_MS;

		if (known->is_pending && now_ms >= due)
			publish(devices, known, now_ms);
		else if (known->is_pending &&
		    (wait == -1 || (int)(due - now_ms) < wait))
			wait = (int)(due - now_ms);
	}
	return wait;
}

const json_t *
devices_find(const struct devices *devices, const char *id)
{
	const struct known *known = find(devices, id);

	return known != NULL ? known->device : NULL;
}

size_t
devices_count(const struct devices *devices)
{
	return HASH_COUNT(devices->by_id);
}
