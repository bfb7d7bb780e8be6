/* SPDX-License-Identifier: ISC */
/*
 * Takes in what a device announces and what it answers: what counts of it, and
 * when a new life of the device begins.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/device/device.h"

/*
 * Return true if the device now announces something else than before.  If it
 * never announced anything, its info is what it is compared with.
 */
static bool
says_other(const struct device *device, const struct device_said *now)
{
	const struct device_said *last = &device->said;

	if (!last->is_known)
		return (now->type[0] != '\0' &&
			   strcmp(now->type, device->facts.type) != 0) ||
		    (now->firmware[0] != '\0' &&
			strcmp(now->firmware, device->facts.firmware) != 0) ||
		    now->encrypted != device->facts.encrypted ||
		    now->has_switches != device->facts.has_switches ||
		    now->is_old != (device->facts.form == DEVAPI_OLD);
	return strcmp(now->type, last->type) != 0 ||
	    strcmp(now->firmware, last->firmware) != 0 ||
	    now->encrypted != last->encrypted ||
	    now->has_switches != last->has_switches ||
	    now->is_old != last->is_old;
}

static bool
has_restarted(const struct device *device, const struct device_said *now)
{
	return now->has_seq && device->said.has_seq &&
	    now->seq < device->said.seq;
}

/* Begin a new life of the device: only what it announces is known now. */
static void
begin_life(struct device *device)
{
	const struct device_said *said = &device->said;
	struct device_facts *facts = &device->facts;

	log_debug("state", "device %s: what was known of it ends", device->id);
	*facts = (struct device_facts){ .encrypted = said->encrypted,
		.has_switches = said->has_switches,
		.form = said->is_old ? DEVAPI_OLD : DEVAPI_WITH_ID };
	text_copy(facts->type, sizeof(facts->type), said->type);
	text_copy(facts->firmware, sizeof(facts->firmware), said->firmware);
}

/*
 * Ask a device that has answered again: somebody else may announce in its name.
 * A plug in eWeLink mode is of type "plug", and its record may say so still
 * when it has left that mode; what it answers says nothing of its type.
 */
static void
ask_again(struct device *device)
{
	struct device_facts *facts = &device->facts;

	facts->info_known = false;
	if (strcmp(facts->type, "plug") == 0 &&
	    strcmp(device->said.type, "diy_plug") == 0)
		text_copy(facts->type, sizeof(facts->type), device->said.type);
}

void
device_hear(struct device *device, const struct device_said *said)
{
	struct device_said now = *said;
	bool begins;

	now.is_known = true;
	/*
	 * The type belongs to the hardware: an announcement may omit it.  Only
	 * the mode of a plug may change it.
	 */
	if (now.type[0] == '\0')
		text_copy(now.type, sizeof(now.type), device->said.type);
	begins = !device->seen.is_present || has_restarted(device, &now) ||
	    says_other(device, &now);
	device->said = now;
	/* A device that is ignored is not asked: its announcement counts. */
	if (begins && device->facts.is_answered && device->seen.is_present &&
	    device->state != STATE_IGNORED)
		ask_again(device);
	else if (begins)
		begin_life(device);
}

void
device_learn(struct device *device, const struct devapi_info *info)
{
	struct device_facts *facts = &device->facts;

	facts->info_known = facts->is_answered = true;
	device->seen.has_answered = true;
	facts->encrypted = facts->has_no_info = false;
	device->attempt.unsure = false;
	facts->no_info[0] = facts->variant[0] = '\0';
	text_copy(facts->firmware, sizeof(facts->firmware),
	    devapi_info_firmware(info, facts->form));
	facts->rssi = info->has_rssi ? info->rssi : 0;
	facts->has_switches |= info->has_switches;
	facts->is_foreign |= info->is_foreign;
	if (facts->type[0] == '\0' && info->is_plug && info->has_unlocked)
		text_copy(facts->type, sizeof(facts->type), "diy_plug");
}

bool
device_may_be_old(const struct device *device)
{
	/* The age of a device that has announced nothing is not known. */
	return device->said.is_old || device->name[0] == '\0';
}

struct devapi_try
device_next_try(
    const struct device *device, enum devapi_call call, enum devapi_form form)
{
	return devapi_next_try(
	    (struct devapi_try){ call, form }, device_may_be_old(device));
}

void
device_learn_encrypted(struct device *device, const char *how)
{
	device->facts.encrypted = true;
	device->facts.info_known = device->facts.has_no_info = false;
	snprintf(
	    device->facts.no_info, sizeof(device->facts.no_info), "%s", how);
}
