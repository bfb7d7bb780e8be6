/* SPDX-License-Identifier: ISC */
/*
 * decide -- what is to be done with a device that is not at work: the first
 * policy that fits, the device and the image as they are, and the present
 * moment decide.  Pure: it looks at what it is handed and changes nothing.
 *
 * The order is that of certainty.  What cannot be put right by waiting (the
 * wrong type, a bad image) is found before the device is spoken to at all.
 */
#ifndef REFLASHD_DECIDE_H
#define REFLASHD_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config/match.h"
#include "core/device/device.h"
#include "core/policy/policy.h"
#include "core/policy/preflight.h"

struct decide_world {
	const struct policy_list *policies;
	const struct match_nets *allowed;
	uint64_t now_ms; /* monotonic */
	void *ctx;	 /* borrowed; given to these: */
	/* The image a policy names. */
	void (*image)(
	    const struct policy *, struct preflight_image *, void *ctx);
	/* What was found of all else that follows the flash. */
	void (*rest)(const struct policy *, const struct device *,
	    struct preflight_facts *, void *ctx);
	/* The policy made of what a person ordered with an image of his own. */
	struct policy *(*order)(const struct device *, void *ctx);
	/* Why an address must not be contacted, or NULL. */
	const char *(*forbidden)(const struct device *, void *ctx);
	/* What a device that could go must wait for, with the facts. */
	enum hold (*wait)(const struct device *, const struct policy *,
	    const struct preflight_image *, char *detail, size_t, void *ctx);
};

enum decide_what {
	DECIDE_NOTHING, /* it stays what it is */
	DECIDE_ASK,	/* its info must be known before anything else */
	DECIDE_OBSERVE,
	DECIDE_IGNORE,
	DECIDE_REFUSE,
	DECIDE_FAIL, /* its attempts are used up, as it failed last */
	DECIDE_HOLD,
	DECIDE_START,
	DECIDE_VERIFY, /* a retry of what followed its flash */
};

struct decision {
	enum decide_what what;
	enum hold hold; /* with DECIDE_HOLD */
	/* with DECIDE_REFUSE and DECIDE_FAIL; HOLD_CANCELLED has one, too */
	enum reason reason;
	char detail[DEVICE_DETAIL_SIZE];
	struct policy *policy;	      /* borrowed; NULL: none fits */
	struct preflight_image image; /* where the policy names one */
	bool has_image;
};

void
decide(const struct device *, const struct decide_world *, struct decision *);

/*
 * The same for a device whose job has not told it anything yet, as if it was
 * not at work.  True: the job goes on, by this policy and with this image.
 * Otherwise the detail says what was decided against it.
 */
bool decide_job(
    const struct device *, const struct decide_world *, struct decision *);

/* What a policy may ask of it; strings are the device's. */
void decide_facts(const struct device *, struct policy_facts *);

/* "flash", "verify", "ask", "observe", "ignore", "refuse", "hold"; its state */
const char *decide_action(const struct device *, const struct decision *);

#endif
