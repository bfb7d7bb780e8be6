/* SPDX-License-Identifier: ISC */
/*
 * policy_misfit -- which keys of [Match] keep a policy from fitting a device,
 * and what the device says instead.
 */
#ifndef REFLASHD_POLICY_MISFIT_H
#define REFLASHD_POLICY_MISFIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/policy/policy.h"

/* A key that does not fit, or that asks for a fact that is not known. */
struct policy_misfit {
	enum policy_match key;
	bool may_fit;  /* once the fact is known */
	char *wanted;  /* owned; the value of the key: "1000a0* !1000a05bf6" */
	char says[64]; /* what the device says; "": nothing */
};

/*
 * Find the keys that do not fit, in the order of policy_match.  Returns their
 * number; 0: the policy fits.  policy_misfits_fini() frees what is in them.
 */
size_t policy_misfits_find(const struct policy *, const struct policy_facts *,
    struct policy_misfit misfits[POLICY_MATCHES]);
void policy_misfits_fini(struct policy_misfit *, size_t count);

#endif
