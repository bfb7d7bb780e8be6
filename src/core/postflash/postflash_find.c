/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/flash/rejoin_hint.h"
#include "core/postflash/postflash_parts.h"

#define SHARED                                                                 \
	"%s answers, but this machine sees the MAC %s at several addresses: "  \
	"it may be another"
#define MAX_HINT 320 /* of a detail, what a person may do about it */

static bool
is_verifying(const struct after *after)
{
	return after->device->state == STATE_VERIFYING;
}

/* ---- asking ------------------------------------------------------------ */

/* Without the password, until it is known whose door that is. */
static void
ask(struct after *after, bool with_password)
{
	after->is_pressed = with_password;
	after_get_from(after, after->addresses[after->address_at - 1],
	    "Status 5", with_password);
}

/* Perhaps another one has said it. */
static void
believe_nothing(struct after *after)
{
	after->step = 0;
	after->is_shut = false;
	if (after->aim == AIM_BELIEVE)
		after->aim = AIM_VERSION;
	else if (after->aim == AIM_SET)
		after->aim = AIM_READ;
}

void
after_find(struct after *after)
{
	after->phase = PHASE_FIND;
	if (after->address_at < after->address_count) {
		if (after->address_at == 0)
			after->claimed_at.s_addr = 0;
		after->address_at++;
		ask(after, false);
		return;
	}
	believe_nothing(after);
	after->address_count = after->ops->addresses(
	    after, after->addresses, AFTER_MAX_ADDRESSES, after->ctx);
	after->address_at = 0;
	after_wait(after, AFTER_POLL_MS);
}

/* ---- what was found ---------------------------------------------------- */

static void
believe(struct after *after)
{
	struct device *device = after->device;
	const struct tasmota_facts *facts = &after->facts;

	text_escape(device->firmware, sizeof(device->firmware), facts->version,
	    strlen(facts->version));
	text_escape(device->variant, sizeof(device->variant), facts->variant,
	    strlen(facts->variant));
	if (is_verifying(after))
		after_is_found(after);
	else
		after_upgrade_believe(after);
}

static void
go_on(struct after *after)
{
	switch (after->aim) {
	case AIM_VERSION:
		after->phase = PHASE_VERSION;
		after_get(after, "Status 2");
		break;
	case AIM_BELIEVE:
		believe(after);
		break;
	case AIM_UPGRADE:
		after_upgrade_send(after);
		break;
	case AIM_START:
		after_upgrade_start(after);
		break;
	case AIM_READ:
		after_settings_read(after);
		break;
	case AIM_SET:
		after_settings_set(after);
		break;
	}
}

void
after_prove(struct after *after, enum after_aim aim)
{
	after->aim = aim;
	if (after->is_proven) {
		go_on(after);
		return;
	}
	after->addresses[0] = after->device->address;
	after->address_count = 1;
	after->address_at = 0;
	after_find(after);
}

void
after_version_heard(struct after *after, const char *body, size_t len)
{
	struct error err;

	after->facts = (struct tasmota_facts){ 0 };
	if (tasmota_read_status(body, len, &after->facts, &err) &&
	    after->facts.version[0] != '\0')
		after_prove(after, AIM_BELIEVE);
	else
		after_rest(after, AIM_VERSION, AFTER_POLL_MS);
}

/* Where that was that has answered; asked only where it matters. */
static enum after_place
place(struct after *after)
{
	return after->ops->place(
	    after, after->addresses[after->address_at - 1], after->ctx);
}

static void
take_address(struct after *after)
{
	struct device *device = after->device;
	struct in_addr address = after->addresses[after->address_at - 1];
	bool moved = device->address.s_addr != address.s_addr;

	device_set_address(device, address, NULL);
	if (moved)
		after->ops->moved(after, after->ctx);
}

static void
go_on_proven(struct after *after)
{
	after->is_proven = true;
	after->is_guarded = after->is_pressed;
	after->other[0] = '\0';
	after->claimed_at.s_addr = 0;
	after->shared = NULL;
	go_on(after);
}

/* A Tasmota that says that it is the device, where its MAC is. */
static void
found_tasmota(struct after *after)
{
	take_address(after);
	if (!after_may_be(after, DEVICE_EXPECT_TASMOTA)) {
		after_fail(after, REASON_WRONG_FIRMWARE,
		    after->task.expect == DEVICE_EXPECT_ESPHOME
			? "it runs Tasmota, not ESPHome"
			: "it runs Tasmota, which its image is not");
		return;
	}
	after->is_minimal = false;
	if (after->aim == AIM_START) /* it has gone on by itself */
		after->aim = AIM_VERSION;
	go_on_proven(after);
}

/* Anybody can say its MAC, and who is believed is told passwords. */
static void
found_claimant(struct after *after)
{
	enum after_place where = place(after);

	if (where == AFTER_SHARED || where == AFTER_ALONE) {
		found_tasmota(after);
		return;
	}
	if (where == AFTER_ELSEWHERE)
		after->claimed_at = after->addresses[after->address_at - 1];
	after_find(after);
}

/*
 * Nobody can read its MAC, so all that there is to know it by is where the
 * kernel sees that.  In the first round there may be neighbours that it has
 * not been made to ask for yet.
 */
static void
found_shut(struct after *after)
{
	struct in_addr address = after->addresses[after->address_at - 1];

	if (!is_verifying(after)) {
		after_fail_locked(after);
	} else if (!after_may_be(after, DEVICE_EXPECT_TASMOTA) ||
	    after->mute_at.s_addr != address.s_addr) {
		after->mute_at = address;
		after_find(after);
	} else {
		after->is_locked = true;
		take_address(after);
		after_is_found(after);
	}
}

/*
 * Note what is where the device was.  The MAC of some devices changes with the
 * firmware, and then a person can tell what this machine cannot.
 */
static void
note_heir(struct after *after, const char *what, const char *mac)
{
	after->heir.what = what;
	text_escape(after->heir.mac, sizeof(after->heir.mac), mac, strlen(mac));
}

static bool
is_at_old_address(const struct after *after)
{
	return is_verifying(after) &&
	    after->addresses[after->address_at - 1].s_addr ==
	    after->device->address.s_addr;
}

/* A Tasmota that wants a password, or another one than it was told. */
static void
found_locked(struct after *after)
{
	enum after_place where = place(after);

	if (where == AFTER_SHARED)
		after->shared = "a Tasmota behind a password";
	if (where == AFTER_ELSEWHERE && is_at_old_address(after))
		note_heir(after, "a Tasmota that wants a password", "");
	if (where != AFTER_ALONE)
		after_find(after);
	else if (after->task.has_password && !after->is_pressed)
		ask(after, true);
	else
		found_shut(after);
}

/* Was the device told to upgrade, and may it have stopped half way? */
static bool
may_be_minimal(const struct after *after)
{
	const struct device *device = after->device;

	return after->aim <= AIM_START &&
	    after_may_be(after, DEVICE_EXPECT_TASMOTA) &&
	    (device->upgrade_token[0] != '\0' ||
		strcmp(device->variant, "minimal") == 0);
}

/* The device is in its minimal build, and tells nothing but its version. */
static void
believe_minimal(struct after *after, const struct tasmota_facts *facts)
{
	take_address(after);
	after->facts = *facts;
	if (after->aim == AIM_VERSION)
		after->aim = AIM_BELIEVE;
	after->is_minimal = true;
	if (after->task.has_upgrade)
		go_on_proven(after);
	else
		after_fail(after, REASON_FINISH_FAILED,
		    "it runs %s (minimal), which can do nothing but upgrade, "
		    "and the policy has no Upgrade=",
		    facts->version);
}

/*
 * A minimal build of 11.1 or later cannot say its MAC.  As with a locked one
 * the kernel must see that there and nowhere else, and in two rounds.
 */
static void
found_minimal(struct after *after, const struct tasmota_facts *facts)
{
	struct in_addr address = after->addresses[after->address_at - 1];
	enum after_place where = place(after);

	if (where == AFTER_SHARED)
		after->shared = "a Tasmota in its minimal build";
	if (where != AFTER_ALONE) {
		after_find(after);
	} else if (after->mute_at.s_addr != address.s_addr) {
		after->mute_at = address;
		after_find(after);
	} else {
		believe_minimal(after, facts);
	}
}

/* Something else; what it says counts only where the MAC of the device is. */
static void
found_stranger(struct after *after, const struct tasmota_facts *facts)
{
	bool is_heir = facts->mac[0] != '\0' && is_at_old_address(after);

	if (after->task.expect != DEVICE_EXPECT_TASMOTA) {
		/* Nothing of a Tasmota tells anything. */
	} else if (!is_verifying(after) || place(after) == AFTER_ALONE) {
		after->stranger = facts->mac[0] == '\0';
		text_escape(after->other, sizeof(after->other), facts->mac,
		    strlen(facts->mac));
	} else if (is_heir) {
		note_heir(after, "a Tasmota", facts->mac);
	}
	after_find(after);
}

void
after_find_heard(struct after *after, int status, const char *server,
    const char *body, size_t len)
{
	struct tasmota_facts facts = { 0 };
	struct error err;

	if (status == 200)
		tasmota_read_status(body, len, &facts, &err);
	if (facts.mac[0] != '\0' &&
	    strcasecmp(facts.mac, after->device->mac) == 0)
		found_claimant(after);
	else if (tasmota_is_locked(body, len))
		found_locked(after);
	else if (status == 200 && may_be_minimal(after) &&
	    tasmota_read_minimal(server, body, len, &facts))
		found_minimal(after, &facts);
	else
		found_stranger(after, &facts);
}

void
after_announced_other(struct after *after, enum device_expect what,
    struct in_addr address, const char *mac)
{
	if (is_verifying(after) && what == after->task.expect &&
	    what == DEVICE_EXPECT_ESPHOME &&
	    address.s_addr == after->device->address.s_addr)
		note_heir(after, "an ESPHome", mac);
}

/* ---- and what was not -------------------------------------------------- */

static bool
is_claimed(const struct after *after)
{
	return after->claimed_at.s_addr != 0;
}

/* Begins with a separator; "" if no device has claimed the MAC. */
static const char *
claim(const struct after *after, char *dst, size_t size)
{
	struct in_addr at =
	    is_claimed(after) ? after->claimed_at : after->announced_at;
	char address[INET_ADDRSTRLEN];

	if (at.s_addr == 0)
		return "";
	inet_ntop(AF_INET, &at, address, sizeof(address));
	snprintf(dst, size,
	    is_claimed(after)
		? "; a Tasmota at %s says that it has its MAC, but this "
		  "machine sees another one there"
		: "; an ESPHome was announced at %s with its MAC, but "
		  "nothing there answers as ESPHome does",
	    address);
	return dst;
}

/* Begins with a separator; "" if nothing is there. */
static const char *
heir(const struct after *after, char *dst, size_t size)
{
	char at[INET_ADDRSTRLEN];
	const char *mac = after->heir.mac;

	if (after->heir.what == NULL)
		return "";
	inet_ntop(AF_INET, &after->device->address, at, sizeof(at));
	snprintf(dst, size,
	    "; %s with %s%s is at its old address: it is this device if its "
	    "MAC changed with the firmware, or another that was given the "
	    "address. Look at http://%s; if it is this device, it works: set "
	    "it up by hand and run: reflashctl forget %s",
	    after->heir.what, mac[0] != '\0' ? "the MAC " : "another MAC", mac,
	    at, after->device->id);
	return dst;
}

/* It has been given the Wi-Fi of another time or place, or none yet. */
static void
is_away(struct after *after)
{
	struct device *device = after->device;
	char who[128], hint[MAX_HINT];
	const char *where = heir(after, hint, sizeof(hint));

	device_clear_blame(device);
	if (where[0] == '\0')
		where = rejoin_hint(device, hint, sizeof(hint));
	snprintf(device->detail, sizeof(device->detail),
	    "it was not found in %u s%s%s", after->task.verify_sec,
	    claim(after, who, sizeof(who)), where);
	after_end(after, MACHINE_LEFT);
}

void
after_find_late(struct after *after)
{
	const char *mac = after->device->mac;
	char who[128], hint[MAX_HINT];
	const char *next = heir(after, hint, sizeof(hint));

	if (after->other[0] != '\0')
		after_fail(after, REASON_WRONG_FIRMWARE,
		    "the Tasmota at its address says that its MAC is %s",
		    after->other);
	else if (after->stranger)
		after_fail(after, REASON_WRONG_FIRMWARE,
		    "its address answers, but not as Tasmota");
	else if (!after->task.must_return)
		is_away(after);
	else if (mac[0] == '\0')
		after_fail(after, REASON_NOT_SEEN_AGAIN,
		    "its MAC is not known, so nothing can be told to be it%s",
		    next);
	else if (after->shared != NULL)
		after_fail(
		    after, REASON_NOT_SEEN_AGAIN, SHARED, after->shared, mac);
	else
		after_fail(after, REASON_NOT_SEEN_AGAIN,
		    "nothing with the MAC %s answered in %u s%s%s", mac,
		    after->task.verify_sec, claim(after, who, sizeof(who)),
		    is_claimed(after) ? "" : next);
}

bool
after_find_lost(struct after *after)
{
	char who[128];

	if (after->other[0] != '\0')
		after_fail(after, REASON_FINISH_FAILED,
		    "%s has its address now, and it was not found at another "
		    "one",
		    after->other);
	else if (is_claimed(after))
		after_fail(after, REASON_FINISH_FAILED,
		    "it was not found again%s", claim(after, who, sizeof(who)));
	else if (after->shared != NULL && after->aim <= AIM_START)
		after_fail(after, REASON_FINISH_FAILED, "Upgrade: " SHARED,
		    after->shared, after->device->mac);
	else
		return false;
	return true;
}
