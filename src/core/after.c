/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/after.h"

#define POLL_MS	     3000 /* between two looks */
#define SETTLE_MS    4000 /* a Backlog takes 200 ms a command, then restarts */
#define ANSWER_SEC   90	  /* a Tasmota that restarts is back in 30 s */
#define UPGRADE_SEC  600  /* download, unpacking, Wi-Fi */
#define FETCH_SEC    60	  /* from Upgrade to its first request */
#define MAX_ROUNDS   2	  /* of sending settings */
#define MAX_UPGRADES 2

enum phase {
	PHASE_FIND,	/* Status 5 at one address after the other */
	PHASE_VERSION,	/* Status 2 of the one that was found */
	PHASE_UPGRADE,	/* OtaUrl and Upgrade are sent */
	PHASE_UPGRADED, /* Status 2 until it tells of something new */
	PHASE_READ,	/* one setting after the other is read back */
	PHASE_SEND,	/* what is missing is sent */
};

struct after {
	struct device *device; /* borrowed */
	struct after_task task;
	struct tasmota_steps steps;  /* owned */
	const struct after_ops *ops; /* borrowed */
	void *ctx;		     /* borrowed */

	enum phase phase;
	bool asking;
	uint64_t deadline_ms;
	struct in_addr addresses[AFTER_MAX_ADDRESSES];
	size_t address_count, address_at;
	bool stranger;	/* its address answers, but not as a Tasmota */
	bool is_locked; /* it wants another password */

	struct tasmota_facts before; /* when finishing began */
	char url[128];
	unsigned upgrades;
	bool fetched;
	uint64_t upgraded_ms;

	unsigned rounds;
	size_t step; /* that is being read */
	size_t sent; /* as of tasmota_backlog() */
};

static uint64_t
now(const struct after *after)
{
	return after->ops->now_ms(after->ctx);
}

static bool
is_late(const struct after *after)
{
	return now(after) >= after->deadline_ms;
}

static void
set_deadline(struct after *after, unsigned seconds)
{
	after->deadline_ms = now(after) + seconds * UINT64_C(1000);
}

static void
wait_for(struct after *after, uint64_t ms)
{
	after->ops->set_timer(after, ms, after->ctx);
}

static void
get(struct after *after, const char *command)
{
	after->asking = true;
	after->ops->get(after, after->device->address, command, after->ctx);
}

/* ---- ends -------------------------------------------------------------- */

static void
end(struct after *after, enum machine_event event)
{
	device_post(after->device, event);
	after->ops->ended(after, after->ctx);
}

static void end_failed(struct after *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
end_failed(struct after *after, enum reason reason, const char *fmt, ...)
{
	char detail[DEVICE_DETAIL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	device_blame(after->device, reason, "%s", detail);
	end(after, MACHINE_FAIL);
}

static bool
has_finish(const struct after *after)
{
	return after->steps.count > 0 || after->task.has_upgrade;
}

static void
say_what_it_is(struct after *after)
{
	struct device *device = after->device;

	device_clear_blame(device);
	if (after->is_locked)
		snprintf(device->detail, sizeof(device->detail),
		    "Tasmota, behind a password");
	else
		snprintf(device->detail, sizeof(device->detail), "%s %s%s%s%s",
		    device->image.kind, device->firmware,
		    device->variant[0] ? " (" : "", device->variant,
		    device->variant[0] ? ")" : "");
}

static void begin_finishing(struct after *);

/* It is the device, under its new firmware. */
static void
is_found(struct after *after)
{
	say_what_it_is(after);
	after->device->present = true;
	if (!has_finish(after))
		end(after, MACHINE_BACK);
	else if (after->is_locked)
		end_failed(after, REASON_FINISH_FAILED,
		    "it wants another web password than the policy has");
	else if (device_post(after->device, MACHINE_DONE))
		begin_finishing(after);
}

/* ---- verifying --------------------------------------------------------- */

static void
try_next_address(struct after *after)
{
	if (after->task.expect == AFTER_ESPHOME) {
		wait_for(after, POLL_MS);
		return;
	}
	if (after->address_at >= after->address_count) {
		after->address_count = after->ops->addresses(
		    after, after->addresses, AFTER_MAX_ADDRESSES, after->ctx);
		after->address_at = 0;
		wait_for(after, POLL_MS);
		return;
	}
	after->phase = PHASE_FIND;
	after->asking = true;
	after->ops->get(after, after->addresses[after->address_at++],
	    "Status 5", after->ctx);
}

static void
begin_verifying(struct after *after)
{
	set_deadline(after, after->task.verify_sec);
	after->phase = PHASE_FIND;
	after->address_count = after->ops->addresses(
	    after, after->addresses, AFTER_MAX_ADDRESSES, after->ctx);
	after->address_at = 0;
	try_next_address(after);
}

static void
not_found(struct after *after)
{
	if (after->stranger)
		end_failed(after, REASON_WRONG_FIRMWARE,
		    "its address answers, but not as %s",
		    after->task.expect == AFTER_ESPHOME ? "ESPHome"
							: "Tasmota");
	else if (after->task.must_return)
		end_failed(after, REASON_NOT_SEEN_AGAIN,
		    "nothing with the MAC %s answered in %u s",
		    after->device->mac[0] ? after->device->mac : "(unknown)",
		    after->task.verify_sec);
	else
		end(after, MACHINE_LEFT);
}

static void
take_address(struct after *after)
{
	after->device->address = after->addresses[after->address_at - 1];
	after->device->has_address = true;
}

static void
found_status(struct after *after, int status, const char *body, size_t len)
{
	struct tasmota_facts facts = { 0 };
	struct in_addr address = after->addresses[after->address_at - 1];
	bool at = after->ops->is_at(after, address, after->ctx);
	struct error err;

	if (status == 401 && at) {
		after->is_locked = true;
		take_address(after);
		is_found(after);
	} else if (status == 200 &&
	    tasmota_read_status(body, len, &facts, &err) &&
	    strcasecmp(facts.mac, after->device->mac) == 0) {
		take_address(after);
		after->phase = PHASE_VERSION;
		get(after, "Status 2");
	} else {
		after->stranger |= at && facts.mac[0] == '\0';
		try_next_address(after);
	}
}

static void
take_version(struct after *after, const struct tasmota_facts *facts)
{
	struct device *device = after->device;

	text_escape(device->firmware, sizeof(device->firmware), facts->version,
	    strlen(facts->version));
	text_escape(device->variant, sizeof(device->variant), facts->variant,
	    strlen(facts->variant));
}

static void
found_version(struct after *after, const char *body, size_t len)
{
	struct error err;

	after->before = (struct tasmota_facts){ 0 };
	if (!tasmota_read_status(body, len, &after->before, &err) ||
	    after->before.version[0] == '\0') {
		try_next_address(after);
		return;
	}
	take_version(after, &after->before);
	is_found(after);
}

/* ---- finishing: the upgrade -------------------------------------------- */

static void begin_settings(struct after *);

static void
begin_upgrade(struct after *after)
{
	struct error err;
	char command[TASMOTA_MAX_CMND];

	if (!after->ops->serve(
		after, after->url, sizeof(after->url), &err, after->ctx)) {
		end_failed(
		    after, REASON_FINISH_FAILED, "Upgrade: %s", err.text);
		return;
	}
	after->upgrades++;
	after->fetched = false;
	after->phase = PHASE_UPGRADE;
	snprintf(command, sizeof(command), "Backlog OtaUrl %s;Upgrade 1",
	    after->url);
	get(after, command);
}

static bool
is_upgraded(const struct after *after, const struct tasmota_facts *facts)
{
	const char *wanted = after->task.upgrade_variant;

	if (strcmp(facts->variant, "minimal") == 0)
		return false; /* half way: it fetches once more */
	if (wanted[0] != '\0' && strcmp(facts->variant, wanted) == 0)
		return true;
	return after->upgrades > 0 && after->fetched &&
	    (strcmp(facts->version, after->before.version) != 0 ||
		strcmp(facts->variant, after->before.variant) != 0 ||
		strcmp(facts->built, after->before.built) != 0);
}

static void
not_upgraded(struct after *after)
{
	if (after->upgrades < MAX_UPGRADES)
		begin_upgrade(after);
	else
		end_failed(after, REASON_FINISH_FAILED,
		    "Upgrade: it still runs %s (%s)%s", after->device->firmware,
		    after->device->variant,
		    after->fetched ? "" : " and never fetched the image");
}

static void
upgraded_version(struct after *after, const char *body, size_t len)
{
	struct tasmota_facts facts = { 0 };
	struct error err;
	bool waited = now(after) >= after->upgraded_ms + FETCH_SEC * 1000;

	if (!tasmota_read_status(body, len, &facts, &err)) {
		wait_for(after, POLL_MS);
		return;
	}
	take_version(after, &facts);
	if (is_upgraded(after, &facts)) {
		say_what_it_is(after);
		begin_settings(after);
	} else if (!after->fetched && waited) {
		not_upgraded(after);
	} else {
		wait_for(after, POLL_MS);
	}
}

/* ---- finishing: the settings ------------------------------------------- */

static void
begin_finishing(struct after *after)
{
	set_deadline(after, UPGRADE_SEC);
	if (!after->task.has_upgrade || is_upgraded(after, &after->before))
		begin_settings(after);
	else
		begin_upgrade(after);
}

static void
send_settings(struct after *after)
{
	char *backlog = tasmota_backlog(&after->steps, &after->sent);

	after->phase = PHASE_SEND;
	if (backlog != NULL) {
		get(after, backlog);
		free(backlog);
		return;
	}
	/* All is sent; what cannot be read back is believed. */
	for (size_t i = 0; i < after->steps.count; i++)
		if (after->steps.items[i].is_secret)
			after->steps.items[i].taken = true;
	after->phase = PHASE_READ;
	after->step = 0;
	wait_for(after, SETTLE_MS);
}

static void
settings_read(struct after *after)
{
	for (size_t i = 0; i < after->steps.count; i++) {
		if (after->steps.items[i].taken)
			continue;
		if (after->rounds < MAX_ROUNDS) {
			after->rounds++;
			after->sent = 0;
			send_settings(after);
		} else {
			end_failed(after, REASON_FINISH_FAILED,
			    "%s did not take", after->steps.items[i].command);
		}
		return;
	}
	end(after, MACHINE_DONE);
}

static void
read_next(struct after *after)
{
	const char *query = NULL;

	after->phase = PHASE_READ;
	while (after->step < after->steps.count) {
		query = tasmota_query(&after->steps.items[after->step]);
		if (query != NULL)
			break;
		after->step++;
	}
	if (query == NULL)
		settings_read(after);
	else
		get(after, query);
}

static void
begin_settings(struct after *after)
{
	set_deadline(after, ANSWER_SEC);
	after->rounds = 0;
	after->step = 0;
	read_next(after);
}

static void
setting_read(struct after *after, const char *body, size_t len)
{
	struct tasmota_step *step = &after->steps.items[after->step];

	step->taken = tasmota_is_taken(step, body, len);
	after->step++;
	read_next(after);
}

/* ---- the world --------------------------------------------------------- */

struct after *
after_new(struct device *device, const struct after_task *task,
    struct tasmota_steps steps, const struct after_ops *ops, void *ctx)
{
	struct after *after = xcalloc(1, sizeof(*after));

	after->device = device;
	after->task = *task;
	after->steps = steps;
	after->ops = ops;
	after->ctx = ctx;
	return after;
}

void
after_free(struct after *after)
{
	if (after == NULL)
		return;
	tasmota_steps_fini(&after->steps);
	free(after);
}

void
after_start(struct after *after)
{
	begin_verifying(after);
}

/* It answered; false: not in a way that helps. */
static bool
step_answered(struct after *after, const char *body, size_t len)
{
	switch (after->phase) {
	case PHASE_FIND:
		return false;
	case PHASE_VERSION:
		found_version(after, body, len);
		break;
	case PHASE_UPGRADE:
		after->phase = PHASE_UPGRADED;
		after->upgraded_ms = now(after);
		wait_for(after, POLL_MS);
		break;
	case PHASE_UPGRADED:
		upgraded_version(after, body, len);
		break;
	case PHASE_READ:
		set_deadline(after, ANSWER_SEC);
		setting_read(after, body, len);
		break;
	case PHASE_SEND:
		send_settings(after);
		break;
	}
	return true;
}

void
after_answered(struct after *after, enum after_heard heard, int status,
    const char *body, size_t len)
{
	after->asking = false;
	if (after->phase == PHASE_FIND) {
		if (heard == AFTER_REPLY)
			found_status(after, status, body, len);
		else
			try_next_address(after);
	} else if (heard == AFTER_REPLY && status == 401) {
		end_failed(after, REASON_FINISH_FAILED,
		    "it wants another web password than the policy has");
	} else if (heard != AFTER_REPLY || status != 200) {
		wait_for(after, POLL_MS); /* it restarts, say */
	} else {
		step_answered(after, body, len);
	}
}

static void
ask_again(struct after *after)
{
	switch (after->phase) {
	case PHASE_FIND:
		try_next_address(after);
		break;
	case PHASE_VERSION:
	case PHASE_UPGRADED:
		get(after, "Status 2");
		break;
	case PHASE_UPGRADE:
		after->upgrades--;
		begin_upgrade(after);
		break;
	case PHASE_READ:
		read_next(after);
		break;
	case PHASE_SEND:
		after->sent = 0;
		send_settings(after);
		break;
	}
}

void
after_timer(struct after *after)
{
	if (after->asking)
		return;
	if (!is_late(after))
		ask_again(after);
	else if (after->device->state == STATE_VERIFYING)
		not_found(after);
	else if (after->phase == PHASE_UPGRADE ||
	    after->phase == PHASE_UPGRADED)
		end_failed(after, REASON_FINISH_FAILED,
		    "Upgrade: nothing new came up in %d s", UPGRADE_SEC);
	else
		end_failed(after, REASON_FINISH_FAILED,
		    "it stopped answering at %s",
		    after->step < after->steps.count
			? after->steps.items[after->step].command
			: "the end");
}

void
after_announced(struct after *after, enum after_expect what,
    struct in_addr address, const char *version)
{
	struct device *device = after->device;

	if (device->state != STATE_VERIFYING || what != after->task.expect)
		return;
	device->address = address;
	device->has_address = true;
	text_escape(device->firmware, sizeof(device->firmware), version,
	    strlen(version));
	is_found(after);
}

void
after_fetched(struct after *after)
{
	after->fetched = true;
}
