/* SPDX-License-Identifier: ISC */
/* Says why a job that has begun does not go on, by what is known now. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/schedule/decide_explain.h"

static const char *
fact_of(
    const struct device *device, enum policy_match key, char *dst, size_t size)
{
	char address[INET_ADDRSTRLEN];

	switch (key) {
	case POLICY_MATCH_FIRMWARE:
		snprintf(dst, size, "firmware %s",
		    device->facts.firmware[0] ? device->facts.firmware
					      : "unknown");
		break;
	case POLICY_MATCH_TYPE:
		snprintf(dst, size, "type %s",
		    device->facts.type[0] ? device->facts.type : "unknown");
		break;
	case POLICY_MATCH_ADDRESS:
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));
		snprintf(dst, size, "address %s", address);
		break;
	default:
		snprintf(dst, size, "id %s", device->id);
		break;
	}
	return dst;
}

/* Say why the policy under which the job began does not apply any more. */
static void
explain_policy(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	const struct policy *begun =
	    policy_list_find(world->policies, device->policy);
	size_t size = sizeof(out->detail);
	struct policy_facts facts;
	char fact[64];

	if (begun == NULL) {
		snprintf(
		    out->detail, size, "policy %s is gone", device->policy);
		return;
	}
	decide_facts(device, &facts);
	for (enum policy_match key = 0; key < POLICY_MATCHES; key++)
		if (policy_match_key(begun, &facts, key) == POLICY_NO) {
			snprintf(out->detail, size,
			    "policy %s does not fit %s, which the device has "
			    "now",
			    begun->name,
			    fact_of(device, key, fact, sizeof(fact)));
			return;
		}
	if (out->policy != NULL)
		snprintf(out->detail, size, "policy %s comes before policy %s",
		    out->policy->name, begun->name);
	else
		snprintf(out->detail, size,
		    "a policy asks for what its info does not say");
}

void
decide_explain(const struct device *device, const struct decide_world *world,
    bool is_begun, struct decision *out)
{
	if (!is_begun)
		explain_policy(device, world, out);
	else if (out->what == DECIDE_START)
		snprintf(out->detail, sizeof(out->detail),
		    "policy %s has another image now: %s", out->policy->name,
		    out->image.name);
	else
		snprintf(out->detail, sizeof(out->detail),
		    "policy %s says %s now", out->policy->name,
		    policy_action_name(out->policy->action));
}
