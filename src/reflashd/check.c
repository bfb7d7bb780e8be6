/* SPDX-License-Identifier: ISC */
/*
 * Tells what a configuration lacks and what can hardly be meant by it: for
 * `reflashd -t`, for the log, and for `reflashctl reload`.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/configuration.h"
#include "core/lint.h"
#include "io/conffiles.h"
#include "io/images.h"
#include "reflashd/check.h"
#include "reflashd/hello.h"
#include "reflashd/needs.h"

/* It concerns no single policy. */
static bool
is_common(const struct ready_fault *fault)
{
	return strcmp(fault->section, "Paths") == 0;
}

/* Where the policy, or the configuration, says so. */
static const char *
place_of(const struct setup *setup, const struct policy *policy,
    const struct ready_fault *fault)
{
	const char *origin;

	if (!is_common(fault))
		return policy_origin(policy, fault->section, fault->key);
	origin = config_origin(setup->config, fault->section, fault->key);
	return origin != NULL ? origin : SETUP_CONF_FILE;
}

/* What a reason advises then is meant for a first image, or says no more. */
static const char *
advice_for(const struct ready_fault *fault)
{
	if (fault->reason == REASON_FINISH_NOT_READY)
		return NULL;
	return reason_advice(fault->reason);
}

static void
add_fault(const struct setup *setup, const struct policy *policy,
    const struct ready_fault *fault, struct problems *out)
{
	const char *advice = advice_for(fault);

	problems_add(out, "%s: %s=%s: %s%s%s", place_of(setup, policy, fault),
	    fault->key, fault->value, fault->text, advice != NULL ? ". " : "",
	    advice != NULL ? advice : "");
}

/* What is unusual about an image, and no reason to refuse it. */
static void
add_notes(const struct policy *policy, const char *section, const char *key,
    const struct ready_image *image, const char *value, struct problems *out)
{
	if (image->report == NULL || image->report->verdict != IMAGE_WARN)
		return;
	for (size_t i = 0; i < image->report->note_count; i++)
		problems_add(out, "%s: %s=%s: %s",
		    policy_origin(policy, section, key), key, value,
		    image->report->notes[i]);
}

static void
check_policy(const struct setup *setup, const struct policy *policy,
    struct image_cache *images, struct check *out)
{
	struct ready_fault faults[READY_MAX];
	struct image *image = NULL;
	struct needs needs;
	struct error err;
	size_t count;

	needs_look(&needs, policy, setup->config, images,
	    out->is_elsewhere ? &out->doubts : NULL);
	if (policy->image != NULL) {
		image = image_cache_get(images, policy->image, &err);
		needs_describe(&needs.facts.image, image,
		    image != NULL ? image_report(image) : NULL, policy->image,
		    &err);
	}
	count = ready_check(policy, &needs.facts, faults);
	for (size_t i = 0; i < count; i++)
		if (!is_common(&faults[i]) || !out->has_common) {
			out->has_common |= is_common(&faults[i]);
			add_fault(setup, policy, &faults[i], &out->faults);
		}
	add_notes(policy, "Flash", "Image", &needs.facts.image, policy->image,
	    &out->doubts);
	add_notes(policy, "Finish", "Upgrade", &needs.facts.upgrade,
	    policy->upgrade, &out->doubts);
	image_unref(image);
	needs_fini(&needs);
}

void
check_setup(
    const struct setup *setup, struct image_cache *images, struct check *out)
{
	for (size_t i = 0; i < setup->policies->count; i++)
		check_policy(setup, setup->policies->items[i], images, out);
	lint_policies(setup->policies, &out->doubts);
}

void
check_fini(struct check *check)
{
	problems_fini(&check->faults);
	problems_fini(&check->doubts);
	*check = (struct check){ 0 };
}

static void
print_line(const char *line)
{
	puts(line);
}

static void
print_problems(const struct problems *problems, FILE *out)
{
	for (size_t i = 0; i < problems->count; i++)
		fprintf(out, "%s\n", problems->text[i]);
}

static bool
check_files(const struct setup *setup)
{
	struct check check = { .is_elsewhere = true };
	struct error err;
	struct image_cache *images =
	    image_cache_new(setup->config->image_directory, &err);
	bool ok;

	if (images == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	check_setup(setup, images, &check);
	print_problems(&check.faults, stderr);
	print_problems(&check.doubts, stdout);
	ok = check.faults.count == 0;
	check_fini(&check);
	image_cache_free(images);
	return ok;
}

bool
check_run(const char *conf_file)
{
	struct problems problems = { 0 };
	struct setup setup;
	bool ok = setup_load(conf_file, &setup, &problems);

	print_problems(&problems, stderr);
	problems_fini(&problems);
	if (!ok)
		return false;
	ok = check_files(&setup);
	if (ok) {
		puts("The configuration is good.");
		hello_policies(&setup, print_line);
		hello_folders(&setup, print_line);
		puts("next: \"reflashctl reload\" puts it in force, "
		     "\"reflashctl plan\" tells what it means for each "
		     "device");
	}
	setup_fini(&setup);
	return ok;
}
