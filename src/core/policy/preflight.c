/* SPDX-License-Identifier: ISC */
/*
 * Finds what a policy lacks before anything irreversible is done, for the
 * decision about a device, for `reflashd -t` and for a reload.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "core/policy/preflight.h"
#include "core/tasmota/template.h"
#include "core/tasmota/upgrade.h"

/* The faults found so far, in the order in which the files are needed. */
struct findings {
	const struct policy *policy;
	const struct preflight_facts *facts;
	struct preflight_fault *faults;
	size_t count;
};

/* The key in which a fault lies. */
struct place {
	const char *section, *key, *value;
};

static void add(struct findings *, const struct place *, enum reason,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
add(struct findings *found, const struct place *place, enum reason reason,
    const char *fmt, ...)
{
	struct preflight_fault *fault;
	va_list ap;

	if (found->count == PREFLIGHT_MAX)
		return;
	fault = &found->faults[found->count++];
	fault->reason = reason;
	fault->section = place->section;
	fault->key = place->key;
	fault->value = place->value;
	va_start(ap, fmt);
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
}

/* Return what the image is if it was read and is good, else NULL. */
static const struct image_report *
good_report(const struct preflight_image *image)
{
	return !image->is_unseen && image->missing == NULL &&
		image->report->verdict != IMAGE_REFUSE
	    ? image->report
	    : NULL;
}

static void
check_image(struct findings *found, const struct place *place)
{
	const struct preflight_image *image = &found->facts->image;
	const char *sha256 = found->policy->sha256;

	if (image->is_unseen)
		return;
	if (image->missing != NULL)
		add(found, place,
		    image->unfit != REASON_NONE ? image->unfit
						: REASON_IMAGE_MISSING,
		    "%s", image->missing);
	else if (sha256[0] != '\0' && strcasecmp(sha256, image->sha256) != 0)
		add(found, place, REASON_IMAGE_HASH_MISMATCH,
		    "its checksum (SHA-256) is %s, but the policy names %s",
		    image->sha256, sha256);
	else if (image->report->verdict == IMAGE_REFUSE)
		add(found, place, image->report->reason, "%s",
		    image->report->text);
}

/*
 * Return the name of the image's firmware, such as "Tasmota", or NULL if the
 * image does not tell.
 */
static const char *
project(const struct image_report *report)
{
	static const char *const names[] = { [IMAGE_TASMOTA] = "Tasmota",
		[IMAGE_ESPHOME] = "ESPHome",
		[IMAGE_ESPURNA] = "ESPurna",
		[IMAGE_ESPEASY] = "ESPEasy" };

	return report->kind != IMAGE_UNKNOWN ? names[report->kind] : NULL;
}

/*
 * Check that the image leads to what Expect= says, and that a policy with
 * settings for Tasmota installs one.
 */
static void
check_kind(struct findings *found, const struct place *place)
{
	const struct policy *policy = found->policy;
	const struct image_report *report = good_report(&found->facts->image);
	const char *name = report != NULL ? project(report) : NULL;
	bool must_be_tasmota = policy->expect == POLICY_EXPECT_TASMOTA;
	bool must_be_esphome = policy->expect == POLICY_EXPECT_ESPHOME;

	if (name != NULL && must_be_tasmota && report->kind != IMAGE_TASMOTA)
		add(found, place, REASON_FINISH_NOT_READY,
		    "it is %s, and Expect=tasmota", name);
	else if (name != NULL && must_be_esphome &&
	    report->kind != IMAGE_ESPHOME)
		add(found, place, REASON_FINISH_NOT_READY,
		    "it is %s, and Expect=esphome", name);
	else if (name != NULL && report->kind != IMAGE_TASMOTA &&
	    policy_has_finish(policy))
		add(found, place, REASON_FINISH_NOT_READY,
		    "it is %s, and only Tasmota can be set up: leave [Finish] "
		    "out",
		    name);
}

/* Check that Template= suits the version that runs when it is sent. */
static void
check_template(struct findings *found, const struct place *place,
    const struct image_report *report)
{
	if (found->policy->template_json != NULL && report != NULL &&
	    report->kind == IMAGE_TASMOTA && !template_fits(report->version))
		add(found, place, REASON_FINISH_NOT_READY,
		    "it is older than Tasmota " TEMPLATE_SINCE
		    ", and Template= is one for later ones");
}

/* Replace a reason whose advice would be wrong for a second image. */
static enum reason
reason_of_upgrade(enum reason reason)
{
	switch (reason) {
	case REASON_NONE:
		return REASON_IMAGE_MISSING;
	case REASON_IMAGE_MISSING:
	case REASON_IMAGE_UNREADABLE:
	case REASON_IMAGE_INVALID:
	case REASON_IMAGE_FLASH_MODE:
	case REASON_WRONG_CHIP:
		return reason;
	case REASON_IMAGE_COMPRESSED: /* and cannot be unpacked */
		return REASON_IMAGE_INVALID;
	default:
		return REASON_FINISH_NOT_READY;
	}
}

/*
 * Check that the upgrade may follow the first image, if the first is a Tasmota.
 */
static void
check_way(struct findings *found, const struct place *place)
{
	const struct preflight_facts *facts = found->facts;
	const struct image_report *first =
	    found->policy->image != NULL ? good_report(&facts->image) : NULL;
	const struct image_report *next = facts->upgrade.report;
	struct error err;

	if (project(next) != NULL && next->kind != IMAGE_TASMOTA)
		add(found, place, REASON_FINISH_NOT_READY,
		    "it is %s, and only a Tasmota can be put on a Tasmota",
		    project(next));
	else if (first != NULL && first->kind == IMAGE_TASMOTA &&
	    (!upgrade_may_follow(
		 first->version, first->boots_gzip, next, &err) ||
		!upgrade_fits(next, first, facts->minimal, &err)))
		add(found, place, REASON_FINISH_NOT_READY, "%s", err.text);
}

static void
check_upgrade(struct findings *found, const struct place *place)
{
	const struct preflight_image *upgrade = &found->facts->upgrade;

	if (upgrade->is_unseen)
		return;
	if (upgrade->missing != NULL) {
		add(found, place, reason_of_upgrade(upgrade->unfit), "%s",
		    upgrade->missing);
	} else if (upgrade->report->verdict == IMAGE_REFUSE) {
		add(found, place, reason_of_upgrade(upgrade->report->reason),
		    "%s", upgrade->report->text);
	} else {
		check_template(found, place, upgrade->report);
		check_way(found, place);
	}
}

size_t
preflight_check(const struct policy *policy,
    const struct preflight_facts *facts,
    struct preflight_fault faults[PREFLIGHT_MAX])
{
	const struct place image = { "Flash", "Image", policy->image };
	const struct place upgrade = { "Finish", "Upgrade", policy->upgrade };
	const struct place password = { "Finish", "WebPasswordFile",
		policy->web_password_file };
	const struct place hooks = { "Paths", "HookDirectory", facts->hooks };
	struct findings found = { policy, facts, faults, 0 };

	if (policy->image != NULL) {
		check_image(&found, &image);
		if (found.count == 0)
			check_kind(&found, &image);
		if (policy->upgrade == NULL && found.count == 0)
			check_template(
			    &found, &image, good_report(&facts->image));
	}
	if (policy->upgrade != NULL)
		check_upgrade(&found, &upgrade);
	if (facts->no_password != NULL)
		add(&found, &password, REASON_FINISH_NOT_READY, "%s",
		    facts->no_password);
	if (facts->no_hooks != NULL)
		add(&found, &hooks, REASON_FINISH_NOT_READY, "%s",
		    facts->no_hooks);
	return found.count;
}
