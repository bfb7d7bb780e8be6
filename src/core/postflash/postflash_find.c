/* SPDX-License-Identifier: ISC */
/*
 * Finds the device after its flash and proves by its MAC that the right device
 * answers, before passwords are sent to it.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/postflash/postflash_parts.h"

static bool
is_verifying(const struct postflash *postflash)
{
	return postflash->device->state == STATE_VERIFYING;
}

/*
 * Ask the address that is next for its MAC.  The first question goes without
 * the password, until the kernel shows whose address that is.
 */
static void
ask(struct postflash *postflash, bool with_password)
{
	postflash->is_pressed = with_password;
	postflash_get_from(postflash,
	    postflash->addresses[postflash->address_at - 1], "Status 5",
	    with_password);
}

/*
 * Forget what was heard since the last proof: another device may have said it.
 */
static void
believe_nothing(struct postflash *postflash)
{
	postflash->step = 0;
	postflash->is_shut = false;
	if (postflash->aim == AIM_BELIEVE)
		postflash->aim = AIM_VERSION;
	else if (postflash->aim == AIM_SET)
		postflash->aim = AIM_READ;
}

void
postflash_find(struct postflash *postflash)
{
	postflash->phase = PHASE_FIND;
	if (postflash->address_at < postflash->address_count) {
		if (postflash->address_at == 0)
			postflash->claimed_at.s_addr = 0;
		postflash->address_at++;
		ask(postflash, false);
		return;
	}
	believe_nothing(postflash);
	postflash->address_count = postflash->ops->addresses(
	    postflash->addresses, POSTFLASH_MAX_ADDRESSES, postflash->ctx);
	postflash->address_at = 0;
	postflash_wait(postflash, POSTFLASH_POLL_MS);
}

static void
believe(struct postflash *postflash)
{
	struct device *device = postflash->device;
	const struct tasmota_facts *facts = &postflash->facts;

	text_escape(device->facts.firmware, sizeof(device->facts.firmware),
	    facts->version, strlen(facts->version));
	text_escape(device->facts.variant, sizeof(device->facts.variant),
	    facts->variant, strlen(facts->variant));
	if (is_verifying(postflash))
		postflash_is_found(postflash);
	else
		postflash_upgrade_believe(postflash);
}

static void
go_on(struct postflash *postflash)
{
	switch (postflash->aim) {
	case AIM_VERSION:
		postflash->phase = PHASE_VERSION;
		postflash_get(postflash, "Status 2");
		break;
	case AIM_BELIEVE:
		believe(postflash);
		break;
	case AIM_UPGRADE:
		postflash_upgrade_send(postflash);
		break;
	case AIM_START:
		postflash_upgrade_start(postflash);
		break;
	case AIM_READ:
		postflash_settings_read(postflash);
		break;
	case AIM_SET:
		postflash_settings_set(postflash);
		break;
	}
}

void
postflash_prove(struct postflash *postflash, enum postflash_aim aim)
{
	postflash->aim = aim;
	if (postflash->is_proven) {
		go_on(postflash);
		return;
	}
	postflash->addresses[0] = postflash->device->place.address;
	postflash->address_count = 1;
	postflash->address_at = 0;
	postflash_find(postflash);
}

void
postflash_version_heard(
    struct postflash *postflash, const char *body, size_t len)
{
	struct error err;

	postflash->facts = (struct tasmota_facts){ 0 };
	if (tasmota_read_status(body, len, &postflash->facts, &err) &&
	    postflash->facts.version[0] != '\0')
		postflash_prove(postflash, AIM_BELIEVE);
	else
		postflash_rest(postflash, AIM_VERSION, POSTFLASH_POLL_MS);
}

/*
 * Return what this machine knows of the MAC at the address that has answered.
 * Call it only where it matters: it takes a look at the kernel's neighbours.
 */
static enum postflash_place
place(struct postflash *postflash)
{
	return postflash->ops->place(
	    postflash->addresses[postflash->address_at - 1], postflash->ctx);
}

static void
take_address(struct postflash *postflash)
{
	struct device *device = postflash->device;
	struct in_addr address =
	    postflash->addresses[postflash->address_at - 1];
	bool moved = device->place.address.s_addr != address.s_addr;

	device_set_address(device, address, NULL);
	if (moved)
		postflash->ops->moved(postflash->ctx);
}

static void
go_on_proven(struct postflash *postflash)
{
	postflash->is_proven = true;
	postflash->is_guarded = postflash->is_pressed;
	postflash->other[0] = '\0';
	postflash->claimed_at.s_addr = 0;
	postflash->shared = NULL;
	go_on(postflash);
}

/*
 * Take a Tasmota for the device: it reports the device's MAC, and the kernel
 * sees that MAC there.
 */
static void
found_tasmota(struct postflash *postflash)
{
	take_address(postflash);
	if (!postflash_may_be(postflash, DEVICE_EXPECT_TASMOTA)) {
		postflash_fail(postflash, REASON_WRONG_FIRMWARE,
		    postflash->task.expect == DEVICE_EXPECT_ESPHOME
			? "it runs Tasmota, not ESPHome"
			: "it runs Tasmota, which its image is not");
		return;
	}
	postflash->is_minimal = false;
	if (postflash->aim == AIM_START) /* the device has gone on by itself */
		postflash->aim = AIM_VERSION;
	go_on_proven(postflash);
}

/*
 * Check a Tasmota that reports the device's MAC.  Any host can claim a MAC, and
 * a host that is believed is sent passwords.
 */
static void
found_claimant(struct postflash *postflash)
{
	enum postflash_place where = place(postflash);

	if (where == POSTFLASH_SHARED || where == POSTFLASH_ALONE) {
		found_tasmota(postflash);
		return;
	}
	if (where == POSTFLASH_ELSEWHERE)
		postflash->claimed_at =
		    postflash->addresses[postflash->address_at - 1];
	postflash_find(postflash);
}

/*
 * Handle a Tasmota whose MAC cannot be read, as it wants another password.  It
 * is recognised only by where the kernel sees the MAC, and only in the second
 * round: in the first the kernel may not have asked all neighbours yet.
 */
static void
found_shut(struct postflash *postflash)
{
	struct in_addr address =
	    postflash->addresses[postflash->address_at - 1];

	if (!is_verifying(postflash)) {
		postflash_fail_locked(postflash);
	} else if (!postflash_may_be(postflash, DEVICE_EXPECT_TASMOTA) ||
	    postflash->mute_at.s_addr != address.s_addr) {
		postflash->mute_at = address;
		postflash_find(postflash);
	} else {
		postflash->is_locked = true;
		take_address(postflash);
		postflash_is_found(postflash);
	}
}

/*
 * Note what answers at the old address of the device.  The MAC of some devices
 * changes with the firmware: a person can tell then what this machine cannot.
 */
static void
note_heir(struct postflash *postflash, const char *what, const char *mac)
{
	postflash->heir.what = what;
	text_escape(
	    postflash->heir.mac, sizeof(postflash->heir.mac), mac, strlen(mac));
}

static bool
is_at_old_address(const struct postflash *postflash)
{
	return is_verifying(postflash) &&
	    postflash->addresses[postflash->address_at - 1].s_addr ==
	    postflash->device->place.address.s_addr;
}

/* Handle a Tasmota that wants a password, or another one than it was sent. */
static void
found_locked(struct postflash *postflash)
{
	enum postflash_place where = place(postflash);

	if (where == POSTFLASH_SHARED)
		postflash->shared = "a Tasmota with a password";
	if (where == POSTFLASH_ELSEWHERE && is_at_old_address(postflash))
		note_heir(postflash, "a Tasmota that wants a password", "");
	if (where != POSTFLASH_ALONE)
		postflash_find(postflash);
	else if (postflash->task.has_password && !postflash->is_pressed)
		ask(postflash, true);
	else
		found_shut(postflash);
}

/*
 * Return true if the device was told to upgrade and may have stopped half way,
 * in its minimal build.
 */
static bool
may_be_minimal(const struct postflash *postflash)
{
	const struct device *device = postflash->device;

	return postflash->aim <= AIM_START &&
	    postflash_may_be(postflash, DEVICE_EXPECT_TASMOTA) &&
	    (device->upgrade.token[0] != '\0' ||
		strcmp(device->facts.variant, "minimal") == 0);
}

/* Take a minimal build for the device.  It tells nothing but its version. */
static void
believe_minimal(struct postflash *postflash, const struct tasmota_facts *facts)
{
	take_address(postflash);
	postflash->facts = *facts;
	if (postflash->aim == AIM_VERSION)
		postflash->aim = AIM_BELIEVE;
	postflash->is_minimal = true;
	if (postflash->task.has_upgrade)
		go_on_proven(postflash);
	else
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "it runs %s (minimal), which can do nothing but upgrade, "
		    "and the policy has no Upgrade=",
		    facts->version);
}

/*
 * Handle a minimal build of 11.1 or later, which cannot say its MAC.  As with a
 * locked Tasmota the kernel must see the MAC there and nowhere else, and in two
 * rounds.
 */
static void
found_minimal(struct postflash *postflash, const struct tasmota_facts *facts)
{
	struct in_addr address =
	    postflash->addresses[postflash->address_at - 1];
	enum postflash_place where = place(postflash);

	if (where == POSTFLASH_SHARED)
		postflash->shared = "a Tasmota in its minimal build";
	if (where != POSTFLASH_ALONE) {
		postflash_find(postflash);
	} else if (postflash->mute_at.s_addr != address.s_addr) {
		postflash->mute_at = address;
		postflash_find(postflash);
	} else {
		believe_minimal(postflash, facts);
	}
}

/*
 * Note a Tasmota that is another device.  What it says counts only where the
 * kernel sees the device's MAC.
 */
static void
found_stranger(struct postflash *postflash, const struct tasmota_facts *facts)
{
	bool is_heir = facts->mac[0] != '\0' && is_at_old_address(postflash);

	if (postflash->task.expect != DEVICE_EXPECT_TASMOTA) {
		/* Another firmware is expected: this answer says nothing. */
	} else if (!is_verifying(postflash) ||
	    place(postflash) == POSTFLASH_ALONE) {
		postflash->stranger = facts->mac[0] == '\0';
		text_escape(postflash->other, sizeof(postflash->other),
		    facts->mac, strlen(facts->mac));
	} else if (is_heir) {
		note_heir(postflash, "a Tasmota", facts->mac);
	}
	postflash_find(postflash);
}

void
postflash_find_heard(struct postflash *postflash, int status,
    const char *server, const char *body, size_t len)
{
	struct tasmota_facts facts = { 0 };
	struct error err;

	if (status == 200)
		tasmota_read_status(body, len, &facts, &err);
	if (facts.mac[0] != '\0' &&
	    strcasecmp(facts.mac, postflash->device->place.mac) == 0)
		found_claimant(postflash);
	else if (tasmota_is_locked(body, len))
		found_locked(postflash);
	else if (status == 200 && may_be_minimal(postflash) &&
	    tasmota_read_minimal(server, body, len, &facts))
		found_minimal(postflash, &facts);
	else
		found_stranger(postflash, &facts);
}

void
postflash_announced_other(struct postflash *postflash, enum device_expect what,
    struct in_addr address, const char *mac)
{
	if (is_verifying(postflash) && what == postflash->task.expect &&
	    what == DEVICE_EXPECT_ESPHOME &&
	    address.s_addr == postflash->device->place.address.s_addr)
		note_heir(postflash, "an ESPHome", mac);
}
