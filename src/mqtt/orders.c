/* SPDX-License-Identifier: ISC */
/* Carries out commands from the broker by asking the daemon, or refuses them.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "mqtt/message/command.h"
#include "mqtt/message/notice.h"
#include "mqtt/orders.h"

#define REFUSALS_PER_SEC 2 /* that are answered while there is a flood */
#define FORGET_MS	 60000
#define WHO_SIZE	 65 /* what the daemon takes, and a NUL */

/* A device that somebody has sent a command for. */
struct ordered {
	char id[TOPICS_ID_SIZE];
	uint64_t last_ms;
	bool is_under_way;
	UT_hash_handle hh;
};

struct orders {
	struct orders_needs needs;
	struct ordered *by_id;
	char *answer_topic;
	uint64_t full_ms; /* when the allowance is full again */
	uint64_t flood_ms;
	unsigned flood_answers, dropped;
};

/* A command that the daemon is asked for. */
struct request {
	struct orders *orders;
	char id[TOPICS_ID_SIZE];
	enum command_verb verb;
	char transaction[COMMAND_TEXT_SIZE];
};

struct orders *
orders_new(const struct orders_needs *needs)
{
	struct orders *orders = xcalloc(1, sizeof(*orders));

	orders->needs = *needs;
	orders->answer_topic = topics_own(needs->topics, "answer");
	return orders;
}

void
orders_free(struct orders *orders)
{
	struct ordered *ordered, *next;

	if (orders == NULL)
		return;
	HASH_ITER (hh, orders->by_id, ordered, next) {
		HASH_DEL(orders->by_id, ordered);
		free(ordered);
	}
	free(orders->answer_topic);
	free(orders);
}

static void
answer(struct orders *orders, json_t *message)
{
	outbox_once(orders->needs.outbox, orders->answer_topic,
	    json_dumps(message, JSON_COMPACT));
	json_decref(message);
	orders->needs.answered(orders->needs.ctx);
}

static const char *
subject_of(const char *id)
{
	return id[0] != '\0' ? id : "the daemon";
}

static void
refuse(struct orders *orders, const char *id, const char *verb,
    const struct command *command, const struct error *err)
{
	const struct notice_command what = { id, verb, command->transaction };

	log_info(
	    "mqtt: a command for %s is refused: %s", subject_of(id), err->text);
	answer(orders, notice_refusal(&what, err));
}

/*
 * Take one of the commands that are allowed in a second.  Of those beyond, a
 * few are answered: an answer to each would be a flood, too.
 */
static bool
take_allowance(struct orders *orders, uint64_t now_ms)
{
	const uint64_t each = 1000 / ORDERS_PER_SEC;

	if (orders->full_ms < now_ms)
		orders->full_ms = now_ms;
	if (orders->full_ms - now_ms > each * (ORDERS_BURST - 1))
		return false;
	orders->full_ms += each;
	return true;
}

static void
refuse_flood(struct orders *orders, const char *id, uint64_t now_ms)
{
	const struct command none = { .transaction = "" };
	struct error err;

	if (now_ms - orders->flood_ms >= 1000) {
		if (orders->dropped > 0)
			log_warning("mqtt: %u commands were dropped, as too "
				    "many came at once",
			    orders->dropped);
		orders->flood_ms = now_ms;
		orders->flood_answers = orders->dropped = 0;
	}
	if (orders->flood_answers++ >= REFUSALS_PER_SEC) {
		orders->dropped++;
		return;
	}
	error_set(&err, EAGAIN,
	    "too many commands at once: %d, and then %d in a second, are the "
	    "limit",
	    ORDERS_BURST, ORDERS_PER_SEC);
	refuse(orders, id, NULL, &none, &err);
}

/* Forget devices for which nothing has come for a minute. */
static void
forget_old(struct orders *orders, uint64_t now_ms)
{
	struct ordered *ordered, *next;

	HASH_ITER (hh, orders->by_id, ordered, next)
		if (!ordered->is_under_way &&
		    now_ms - ordered->last_ms > FORGET_MS) {
			HASH_DEL(orders->by_id, ordered);
			free(ordered);
		}
}

static struct ordered *
get_ordered(struct orders *orders, const char *id, uint64_t now_ms)
{
	struct ordered *ordered;

	HASH_FIND_STR(orders->by_id, id, ordered);
	if (ordered != NULL)
		return ordered;
	forget_old(orders, now_ms);
	ordered = xcalloc(1, sizeof(*ordered));
	text_copy(ordered->id, sizeof(ordered->id), id);
	HASH_ADD_STR(orders->by_id, id, ordered);
	return ordered;
}

/* Check that one command at a time is under way, and none comes too soon. */
static bool
check_pace(
    struct orders *orders, const char *id, uint64_t now_ms, struct error *err)
{
	struct ordered *ordered = get_ordered(orders, id, now_ms);
	bool is_soon =
	    ordered->last_ms != 0 && now_ms - ordered->last_ms < ORDERS_GAP_MS;

	if (ordered->is_under_way)
		return error_set(err, EBUSY,
		    "another command for %s is under way", subject_of(id));
	if (is_soon)
		return error_set(err, EAGAIN,
		    "the commands for %s come too fast: one a second is the "
		    "limit",
		    subject_of(id));
	ordered->last_ms = now_ms;
	return true;
}

/* Check that the command means the image that the device would get. */
static bool
check_image(
    const json_t *device, const struct command *command, struct error *err)
{
	const json_t *image = json_object_get(device, "image");
	const char *sha256 =
	    json_string_value(json_object_get(image, "sha256"));
	const char *label = json_string_value(json_object_get(image, "label"));

	if (command->sha256[0] == '\0')
		return true;
	if (sha256 == NULL)
		return error_set(
		    err, ESTALE, "no image is meant for this device now");
	if (strcmp(sha256, command->sha256) == 0)
		return true;
	return error_set(err, ESTALE,
	    "another image would be flashed now: %.80s (%.8s), and not %.8s",
	    label != NULL ? label : "", sha256, command->sha256);
}

static bool
check_target(struct orders *orders, const char *id,
    const struct command *command, struct error *err)
{
	const json_t *device = devices_find(orders->needs.devices, id);

	if (id[0] == '\0')
		return true;
	if (device == NULL)
		return error_set(err, ENOENT, "%s: no such device", id);
	return check_image(device, command, err);
}

static void
on_answer(const json_t *reply, void *ctx)
{
	struct request *request = ctx;
	struct orders *orders = request->orders;
	const struct notice_command what = { request->id,
		command_verb_name(request->verb), request->transaction };
	struct ordered *ordered;

	HASH_FIND_STR(orders->by_id, request->id, ordered);
	if (ordered != NULL)
		ordered->is_under_way = false;
	answer(orders, notice_answer(&what, reply));
	free(request);
}

static enum ctl_id
request_of(enum command_verb verb)
{
	static const enum ctl_id ids[COMMAND_COUNT] = {
		[COMMAND_APPROVE] = CTL_APPROVE,
		[COMMAND_FLASH] = CTL_FLASH,
		[COMMAND_RETRY] = CTL_RETRY,
		[COMMAND_CANCEL] = CTL_CANCEL,
		[COMMAND_PAUSE] = CTL_PAUSE,
		[COMMAND_RESUME] = CTL_RESUME,
	};

	return ids[verb];
}

/*
 * Say for the daemon what is meant: it checks the image once more, in the
 * moment in which it acts.
 */
static json_t *
arguments_of(
    const struct orders *orders, const char *id, const struct command *command)
{
	json_t *args = json_object();
	char who[WHO_SIZE];

	snprintf(who, sizeof(who), "MQTT %s", orders->needs.config->host);
	json_object_set_new(args, "who", json_string(who));
	if (id[0] != '\0')
		json_object_set_new(args, "id", json_string(id));
	if (command->sha256[0] != '\0')
		json_object_set_new(
		    args, "sha256", json_string(command->sha256));
	return args;
}

static bool
ask_daemon(struct orders *orders, const char *id, const struct command *command,
    struct error *err)
{
	struct request *request = xcalloc(1, sizeof(*request));
	struct ordered *ordered;

	request->orders = orders;
	request->verb = command->verb;
	text_copy(request->id, sizeof(request->id), id);
	text_copy(request->transaction, sizeof(request->transaction),
	    command->transaction);
	if (!daemon_link_ask(orders->needs.link, request_of(command->verb),
		arguments_of(orders, id, command), on_answer, request)) {
		free(request);
		return error_set(err, EBUSY,
		    "the daemon does not answer; is reflashd running?");
	}
	HASH_FIND_STR(orders->by_id, id, ordered);
	if (ordered != NULL)
		ordered->is_under_way = true;
	log_info("mqtt: %s for %s", command_verb_name(command->verb),
	    subject_of(id));
	return true;
}

void
orders_take(struct orders *orders, const char *id, const void *payload,
    size_t len, bool is_retained, uint64_t now_ms)
{
	const struct mqtt_config *config = orders->needs.config;
	const struct command_rules rules = { .is_for_device = id[0] != '\0',
		.is_retained = is_retained,
		.allowed = config->allowed,
		.max_age_sec = config->max_age_sec,
		.now = time(NULL) };
	struct command command;
	struct error err;

	if (len == 0 && is_retained)
		return; /* somebody removes a retained command */
	if (!take_allowance(orders, now_ms)) {
		refuse_flood(orders, id, now_ms);
		return;
	}
	if (!command_parse(payload, len, &rules, &command, &err)) {
		refuse(orders, id, NULL, &command, &err);
		return;
	}
	if (strcmp(id, "?") == 0)
		error_set(&err, ENOENT,
		    "the last word of the topic is not the id of a device");
	else if (check_target(orders, id, &command, &err) &&
	    check_pace(orders, id, now_ms, &err) &&
	    ask_daemon(orders, id, &command, &err))
		return;
	refuse(orders, id, command_verb_name(command.verb), &command, &err);
}
