/* SPDX-License-Identifier: ISC */
/*
 * policy_files -- the files of a policy as they are on the disk now: what
 * core/policy/preflight is handed.
 */
#ifndef REFLASHD_POLICY_FILES_H
#define REFLASHD_POLICY_FILES_H

#include "base/problems.h"
#include "core/config/configuration.h"
#include "core/device/device.h"
#include "core/policy/policy.h"
#include "core/policy/preflight.h"
#include "io/images.h"

/* What was found.  The facts are borrowed from the rest of it. */
struct policy_files {
	struct preflight_facts facts; /* without its image */
	/* References, or NULL; the first is for who looks at it, too. */
	struct image *image, *upgrade, *minimal;
	struct error no_image, no_upgrade, no_minimal, no_password, no_hooks;
};

/*
 * Look at all but the first image.  It must not be moved afterwards.  unseen:
 * for who is not the daemon, a sentence for each file that only the daemon can
 * look at, and that is no fault then; NULL: it is the daemon.
 */
void policy_files_look(struct policy_files *, const struct policy *,
    const struct config *, struct image_cache *, struct problems *unseen);
void policy_files_fini(struct policy_files *);

/*
 * Look at the file with the password of this device, where the policy has one
 * for each; policy_files_look() has looked at the folder only.  While its MAC
 * is not known for want of an answer, nothing is missing yet: a job looks
 * again.
 */
void policy_files_look_at_own(
    struct policy_files *, const struct policy *, const struct device *);

/*
 * Say what an image is, or why there is none; the image is borrowed, and so is
 * all that *out then points to.
 */
void policy_files_describe(struct preflight_image *out, const struct image *,
    const struct image_report *, const char *path, const struct error *why);

/*
 * Note "PLACE: KEY=VALUE: you may not look at it", and return true, where that
 * is all that is wrong; place may be NULL.
 */
bool policy_files_note_unseen(struct problems *unseen, const char *place,
    const char *key, const char *value, const struct error *why);

#endif
