/* SPDX-License-Identifier: ISC */
/*
 * policy_files -- the files of a policy as they are on the disk now, for the
 * check of core/policy/preflight.
 */
#ifndef REFLASHD_POLICY_FILES_H
#define REFLASHD_POLICY_FILES_H

#include "base/problems.h"
#include "core/config/configuration.h"
#include "core/device/device.h"
#include "core/policy/policy.h"
#include "core/policy/preflight.h"
#include "io/images.h"

/* What was found.  The facts borrow from the other members. */
struct policy_files {
	struct preflight_facts facts; /* without its image */
	/* References, or NULL; the caller may set the first. */
	struct image *image, *upgrade, *minimal;
	struct error no_image, no_upgrade, no_minimal, no_password, no_hooks;
};

/*
 * Look at all files but the first image.  The struct must not be moved after
 * that.  unseen, NULL in the daemon: gets a sentence for each file that only
 * the daemon can read, which is no fault then.
 */
void policy_files_look(struct policy_files *, const struct policy *,
    const struct config *, struct image_cache *, struct problems *unseen);
void policy_files_fini(struct policy_files *);

/*
 * Look at the password file of this device, if the policy has one for each;
 * policy_files_look() has looked at their folder.  A MAC that is not known yet
 * is no fault: the job looks again.
 */
void policy_files_look_at_own(
    struct policy_files *, const struct policy *, const struct device *);

/* Describe an image, or why there is none; *out borrows from the arguments. */
void policy_files_describe(struct preflight_image *out, const struct image *,
    const struct image_report *, const char *path, const struct error *why);

/*
 * Return true if all that is wrong with a file is that this user may not read
 * it, and note "PLACE: KEY=VALUE: you may not look at it".  place may be NULL.
 */
bool policy_files_note_unseen(struct problems *unseen, const char *place,
    const char *key, const char *value, const struct error *why);

#endif
