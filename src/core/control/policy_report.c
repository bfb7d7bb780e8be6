/* SPDX-License-Identifier: ISC */
/*
 * Describes a policy as JSON: what it flashes, how far it has come with its
 * devices, and what stops it.
 */
#include "config.h"

#include "base/text.h"
#include "core/control/policy_report.h"
#include "core/device/device_json.h"
#include "core/image/image_label.h"

static json_t *
image_json(const struct preflight_image *image)
{
	char label[IMAGE_LABEL_SIZE];

	if (image == NULL || image->missing != NULL)
		return json_null();
	return json_pack("{s:o, s:s, s:I, s:s, s:o, s:o}", "name",
	    device_json_string(image->name), "sha256", image->sha256, "size",
	    (json_int_t)image->size, "kind",
	    image_kind_name(image->report->kind), "version",
	    device_json_text(image->report->version), "label",
	    device_json_string(image_label(image->report, label)));
}

/* List the holds that devices wait for, with the number of the devices. */
static json_t *
waits_json(const unsigned held[HOLD_COUNT])
{
	json_t *list = json_array();

	for (enum hold hold = HOLD_NONE + 1; hold < HOLD_COUNT; hold++)
		if (held[hold] > 0)
			json_array_append_new(list,
			    json_pack("{s:s, s:i, s:s}", "hold",
				hold_name(hold), "devices", (int)held[hold],
				"meaning", hold_meaning(hold)));
	return list;
}

/* The same for the reasons of refusals and failures. */
static json_t *
reasons_json(const unsigned counts[REASON_COUNT])
{
	json_t *list = json_array();

	for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT;
	    reason++)
		if (counts[reason] > 0)
			json_array_append_new(list,
			    json_pack("{s:s, s:i, s:s}", "reason",
				reason_token(reason), "devices",
				(int)counts[reason], "meaning",
				reason_sentence(reason)));
	return list;
}

/* Return the sentence about a fault: "Image=fw.bin: there is no such file". */
static json_t *
fault_text(const struct preflight_fault *fault)
{
	char text[PREFLIGHT_TEXT_SIZE + 1200];

	snprintf(text, sizeof(text), "%s=%.1024s: %s", fault->key, fault->value,
	    fault->text);
	return device_json_string(text);
}

static json_t *
faults_json(const struct policy_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->fault_count; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:s}", "reason",
			reason_token(report->faults[i].reason), "detail",
			fault_text(&report->faults[i]), "advice",
			reason_advice(report->faults[i].reason)));
	return list;
}

static json_t *
estimate_json(const struct policy_estimate *estimate)
{
	char text[TEXT_TIME_SIZE];

	if (estimate->devices == 0)
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:i, s:b, s:I, s:o}", "devices",
	    (int)estimate->devices, "left_out", (int)estimate->left_out,
	    "at_once", (int)estimate->parallel, "seconds_each",
	    (int)estimate->each_s, "measured", (int)estimate->is_measured,
	    "seconds", (json_int_t)estimate->seconds, "not_before",
	    estimate->not_before != 0
		? json_string(text_time(text, estimate->not_before))
		: json_null());
}

/* Return why the policy starts no device now, or null. */
static json_t *
stopped_json(const struct policy_report *report)
{
	if (report->halted != NULL)
		return device_json_text(report->halted);
	if (report->paused != NULL)
		return device_json_text(report->paused);
	return report->fault_count > 0 ? fault_text(&report->faults[0])
				       : json_null();
}

json_t *
policy_report(const struct policy_report *report)
{
	const struct policy *policy = report->policy;
	const struct policy_progress *progress = report->progress;

	return json_pack(
	    "{s:o, s:o, s:s, s:o, s:b, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i,"
	    " s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "name", device_json_string(policy->name), "file",
	    device_json_string(policy->file), "action",
	    policy_action_name(policy->action), "image",
	    image_json(report->image), "paused", (int)(report->paused != NULL),
	    "reason", device_json_text(report->paused), "stopped",
	    stopped_json(report), "devices", (int)progress->devices, "done",
	    (int)progress->done, "joining", (int)progress->joining, "at_work",
	    (int)progress->at_work, "waiting", (int)progress->waiting, "failed",
	    (int)progress->failed, "refused", (int)progress->refused, "idle",
	    (int)progress->idle, "behind", (int)report->behind, "undecided",
	    (int)report->undecided, "waiting_for", waits_json(progress->held),
	    "failed_for", reasons_json(progress->failed_for), "refused_for",
	    reasons_json(progress->refused_for), "faults", faults_json(report),
	    "note", device_json_text(report->note), "estimate",
	    estimate_json(report->estimate));
}
