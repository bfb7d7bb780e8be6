/* SPDX-License-Identifier: ISC */
/*
 * decide -- what is to be done with a device that is not at work: the first
 * policy that fits, the device and the image as they are, and the present
 * moment decide.  Pure: it looks at what it is handed and changes nothing.
 *
 * A fault that no waiting puts right (the wrong type, a bad image) is checked
 * first, before the device is asked anything.
 */
#ifndef REFLASHD_DECIDE_H
#define REFLASHD_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/device/device.h"
#include "core/policy/policy.h"
#include "core/policy/preflight.h"

struct decide_world {
	const struct policy_list *policies;
	uint64_t now_ms;       /* monotonic */
	const char *forbidden; /* why its address may not be asked; NULL */
	void *ctx;	       /* borrowed; given to these: */
	/* Look up the image that a policy names. */
	void (*image)(
	    const struct policy *, struct preflight_image *, void *ctx);
	/* Look up everything else that the policy needs after the flash. */
	void (*rest)(const struct policy *, const struct device *,
	    struct preflight_facts *, void *ctx);
	/* Return the policy made from an order that names its own image. */
	struct policy *(*order)(const struct device *, void *ctx);
	/* Return what a device that could go must wait for, with the facts. */
	enum hold (*wait)(const struct device *, const struct policy *,
	    const struct preflight_image *, char *detail, size_t, void *ctx);
};

enum decide_what {
	DECIDE_NOTHING, /* the state stays */
	DECIDE_ASK,	/* its info must be known before anything else */
	DECIDE_OBSERVE,
	DECIDE_IGNORE,
	DECIDE_REFUSE,
	DECIDE_FAIL, /* no attempt is left; the last failure stays */
	DECIDE_HOLD,
	DECIDE_START,
	DECIDE_VERIFY, /* retry the steps after the flash */
};

struct decision {
	enum decide_what what;
	enum hold hold; /* with DECIDE_HOLD */
	/* Set with DECIDE_REFUSE and DECIDE_FAIL, and with HOLD_CANCELLED. */
	enum reason reason;
	char detail[DEVICE_DETAIL_SIZE];
	struct policy *policy;	      /* borrowed; NULL: none fits */
	struct preflight_image image; /* where the policy names one */
	bool has_image;
};

void
decide(const struct device *, const struct decide_world *, struct decision *);

/*
 * Decide as decide() does for a device whose job has not told it anything yet,
 * as if it were not at work.  Returns true if the job goes on, by this policy
 * and with this image.  Otherwise the detail says what was decided instead.
 */
bool decide_job(
    const struct device *, const struct decide_world *, struct decision *);

/* Note the image of a decision; false: it has none that can be read. */
bool decide_image(const struct decision *, struct device_image *);

/* Fill in the facts that [Match] looks at; the strings are borrowed. */
void decide_facts(const struct device *, struct policy_facts *);

/*
 * Return the word for a decision: "flash", "verify", "ask", "observe",
 * "ignore", "refuse", "hold"; where nothing is to be done, the device's state.
 */
const char *decide_action(const struct device *, const struct decision *);

#endif
