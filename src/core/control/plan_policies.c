/* SPDX-License-Identifier: ISC */
/* Tells of each policy why it fits a device or not, for reflashctl plan ID. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/control/plan_policies.h"
#include "core/device/device_json.h"
#include "core/policy/policy_misfit.h"
#include "core/schedule/decide.h"

/* A policy beside a device. */
struct comparison {
	const struct policy *policy;
	struct policy_misfit misfits[POLICY_MATCHES];
	size_t count;
	bool may_fit; /* all that does not fit is not known yet */
	bool decides;
};

/* Return how the device says it: "the device is at" 192.168.1.23. */
static const char *
words_for(enum policy_match key)
{
	return key == POLICY_MATCH_DEVICE_ID ? "the device is"
	    : key == POLICY_MATCH_ADDRESS    ? "the device is at"
					     : "the device says";
}

/* Write "Firmware=<3.5 does not fit: the device says 3.6.0". */
static void
tell_misfit(const struct policy_misfit *misfit, FILE *out)
{
	const char *name = policy_match_name(misfit->key);

	if (misfit->may_fit)
		fprintf(out,
		    "%s=%s cannot be compared yet: the device has not said it",
		    name, misfit->wanted);
	else if (misfit->says[0] == '\0')
		fprintf(out, "%s=%s does not fit: the device does not say it",
		    name, misfit->wanted);
	else
		fprintf(out, "%s=%s does not fit: %s %s", name, misfit->wanted,
		    words_for(misfit->key), misfit->says);
}

static void
tell_fit(const struct comparison *one, const char *decides, FILE *out)
{
	if (one->decides)
		fputs("fits, and decides", out);
	else if (decides != NULL)
		fprintf(out, "fits as well, but policy %s decides", decides);
	else
		fputs("fits", out);
}

/* Return the sentence about a policy, without its name; free() it. */
static char *
sentence(const struct comparison *one, const char *decides)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	if (one->count == 0)
		tell_fit(one, decides, out);
	else if (one->decides)
		fputs("decides, because the device began under it; ", out);
	for (size_t i = 0; i < one->count; i++) {
		fputs(i > 0 ? "; " : "", out);
		tell_misfit(&one->misfits[i], out);
	}
	fclose(out);
	return text;
}

static json_t *
misfits_json(const struct comparison *one)
{
	json_t *list = json_array();

	for (size_t i = 0; i < one->count; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:o}", "key",
			policy_match_name(one->misfits[i].key), "wanted",
			device_json_string(one->misfits[i].wanted), "device",
			device_json_text(one->misfits[i].says)));
	return list;
}

static json_t *
fits_json(const struct comparison *one)
{
	if (one->count == 0)
		return json_true();
	return one->may_fit ? json_null() : json_false();
}

static json_t *
comparison_json(const struct comparison *one, const char *decides)
{
	char *text = sentence(one, decides);
	json_t *object = json_pack("{s:o, s:s, s:o, s:b, s:o, s:o}", "policy",
	    device_json_string(one->policy->name), "action",
	    policy_action_name(one->policy->action), "fits", fits_json(one),
	    "decides", (int)one->decides, "misfits", misfits_json(one),
	    "detail", device_json_string(text));

	free(text);
	return object;
}

json_t *
plan_policies(const struct device *device, const struct policy_list *list,
    const char *decides)
{
	json_t *policies = json_array();
	struct policy_facts facts;

	decide_facts(device, &facts);
	for (size_t i = 0; i < list->count; i++) {
		struct comparison one = { .policy = list->items[i],
			.may_fit = true,
			.decides = decides != NULL &&
			    strcmp(list->items[i]->name, decides) == 0 };

		one.count =
		    policy_misfits_find(one.policy, &facts, one.misfits);
		for (size_t k = 0; k < one.count; k++)
			one.may_fit = one.may_fit && one.misfits[k].may_fit;
		json_array_append_new(policies, comparison_json(&one, decides));
		policy_misfits_fini(one.misfits, one.count);
	}
	return policies;
}
