/* SPDX-License-Identifier: ISC */
/*
 * preflight -- is everything there that a policy needs, up to its last step?
 *
 * A flash cannot be undone, and what follows it needs files of its own: a
 * second image and perhaps tasmota-minimal, a password, the folder of hooks.  A
 * device whose set-up cannot be finished must not be flashed.  Pure: the caller
 * looks at the files and hands over what was found.  The same check serves the
 * decision about a device, `reflashd -t` and `reflashctl reload`.
 */
#ifndef REFLASHD_PREFLIGHT_H
#define REFLASHD_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/image/image.h"
#include "core/policy/policy.h"
#include "core/state/reason.h"

/* An image as a policy names it.  Borrowed for the time of the call. */
struct preflight_image {
	const char *missing; /* why it cannot be read; NULL: it can */
	bool is_absent;	     /* because there is no such file */
	bool is_unseen;	     /* the caller may not look: nothing is known */
	enum reason unfit;   /* the reason then; NONE: IMAGE_MISSING */
	const char *name;
	const char *sha256;
	uint64_t size;
	const struct image_report *report; /* its verdict for this use */
};

/* The files that were found.  All is borrowed for the time of the call. */
struct preflight_facts {
	struct preflight_image image;	    /* where the policy has Image= */
	struct preflight_image upgrade;	    /* where the policy has Upgrade= */
	const struct image_report *minimal; /* beside Upgrade=; NULL: none */
	const char *no_password; /* why WebPasswordFile= cannot be used */
	const char *hooks;	 /* HookDirectory= */
	const char *no_hooks; /* why that folder cannot be used; NULL: it can */
};

#define PREFLIGHT_TEXT_SIZE 384

/* Why a policy must not flash anything. */
struct preflight_fault {
	enum reason reason;
	const char *section, *key; /* where the policy says so */
	const char *value;	   /* borrowed from the policy or the facts */
	char text[PREFLIGHT_TEXT_SIZE];
};

#define PREFLIGHT_MAX 8 /* faults of one policy */

/* Find all faults, the most important one first.  Returns their number. */
size_t preflight_check(const struct policy *, const struct preflight_facts *,
    struct preflight_fault faults[PREFLIGHT_MAX]);

#endif
