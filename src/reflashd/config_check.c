/* SPDX-License-Identifier: ISC */
/*
 * Finds what is wrong with a configuration, and what is probably not meant so:
 * for reflashd -t, for the log, and for reflashctl reload.
 */
#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/trust.h"
#include "core/config/configuration.h"
#include "core/policy/lint.h"
#include "io/advice.h"
#include "io/conffiles.h"
#include "io/hooks/hooks.h"
#include "io/images.h"
#include "reflashd/config_check.h"
#include "reflashd/daemon_user.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/startup_log.h"

/* Return true for a fault that is not of a single policy. */
static bool
is_common(const struct preflight_fault *fault)
{
	return strcmp(fault->section, "Paths") == 0;
}

/* Return the place in the policy, or the configuration: "FILE:LINE". */
static const char *
place_of(const struct setup *setup, const struct policy *policy,
    const struct preflight_fault *fault)
{
	const char *origin;

	if (!is_common(fault))
		return policy_origin(policy, fault->section, fault->key);
	origin = config_origin(setup->config, fault->section, fault->key);
	return origin != NULL ? origin : SETUP_CONF_FILE;
}

/* Return the advice for a reason; NULL: the fault has better advice itself. */
static const char *
advice_for(const struct preflight_fault *fault)
{
	if (fault->reason == REASON_FINISH_NOT_READY ||
	    strstr(fault->text, " with: ") != NULL)
		return NULL;
	return reason_advice(fault->reason);
}

static void
add_fault(const struct setup *setup, const struct policy *policy,
    const struct preflight_fault *fault, struct problems *out)
{
	const char *advice = advice_for(fault);

	problems_add(out, "%s: %s=%s: %s%s%s", place_of(setup, policy, fault),
	    fault->key, fault->value, fault->text, advice != NULL ? ". " : "",
	    advice != NULL ? advice : "");
}

/* Add what is unusual about an image, but no reason to refuse it. */
static void
add_notes(const struct policy *policy, const char *section, const char *key,
    const struct preflight_image *image, const char *value,
    struct problems *out)
{
	if (image->report == NULL || image->report->verdict != IMAGE_WARN)
		return;
	for (size_t i = 0; i < image->report->note_count; i++)
		problems_add(out, "%s: %s=%s: %s",
		    policy_origin(policy, section, key), key, value,
		    image->report->notes[i]);
}

static void
look_at_image(struct policy_files *needs, const struct policy *policy,
    struct image_cache *images, struct problems *unseen)
{
	struct image *image;

	if (policy->image == NULL)
		return;
	image = image_cache_get(images, policy->image, &needs->no_image);
	policy_files_describe(&needs->facts.image, image,
	    image != NULL ? image_report(image) : NULL, policy->image,
	    &needs->no_image);
	needs->facts.image.is_unseen = image == NULL &&
	    policy_files_note_unseen(unseen,
		policy_origin(policy, "Flash", "Image"), "Image", policy->image,
		&needs->no_image);
	needs->image = image;
}

static void
check_policy(const struct setup *setup, const struct policy *policy,
    struct image_cache *images, struct config_check *out)
{
	struct problems *unseen = out->is_elsewhere ? &out->unseen : NULL;
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct policy_files needs;
	size_t count;

	policy_files_look(&needs, policy, setup->config, images, unseen);
	look_at_image(&needs, policy, images, unseen);
	count = preflight_check(policy, &needs.facts, faults);
	for (size_t i = 0; i < count; i++)
		if (!is_common(&faults[i]) || !out->has_common) {
			out->has_common |= is_common(&faults[i]);
			add_fault(setup, policy, &faults[i], &out->faults);
		}
	add_notes(policy, "Flash", "Image", &needs.facts.image, policy->image,
	    &out->doubts);
	add_notes(policy, "Finish", "Upgrade", &needs.facts.upgrade,
	    policy->upgrade, &out->doubts);
	policy_files_fini(&needs);
}

/* Check a folder, also if no policy needs it yet. */
static void
check_folder(const struct setup *setup, const char *key, const char *path,
    struct config_check *out)
{
	const char *place = config_origin(setup->config, "Paths", key);
	struct error err;

	if (trust_folder(path, &err) || err.code == ENOENT)
		return;
	if (out->is_elsewhere &&
	    policy_files_note_unseen(&out->unseen, place, key, path, &err))
		return;
	problems_add(&out->faults, "%s%s%s=%s: %s", place != NULL ? place : "",
	    place != NULL ? ": " : "", key, path, err.text);
}

static void
doubt_folder(const struct setup *setup, const char *key, const char *path,
    bool is_missing_told, struct config_check *out)
{
	const char *place = config_origin(setup->config, "Paths", key);

	if (place == NULL)
		return;
	if (out->is_service && lint_is_hidden(path))
		problems_add(&out->doubts,
		    "%s: %s=%s: the service sees nothing of /home, /root and "
		    "/tmp",
		    place, key, path);
	else if (is_missing_told && advice_folder_is_missing(path))
		problems_add(&out->doubts, "%s: %s=%s: there is no such folder",
		    place, key, path);
}

/*
 * Look at the folders that the configuration names.  startup_log advises how to
 * make the others.
 */
static void
doubt_folders(const struct setup *setup, struct config_check *out)
{
	const struct config *config = setup->config;
	const struct strlist *dirs = &config->policy_directories;

	for (size_t i = 0; i < dirs->count; i++)
		doubt_folder(setup, "PolicyDirectories", dirs->items[i],
		    i + 1 < dirs->count, out);
	doubt_folder(
	    setup, "ImageDirectory", config->image_directory, false, out);
	doubt_folder(
	    setup, "HookDirectory", config->hook_directory, false, out);
}

void
config_check_setup(const struct setup *setup, struct image_cache *images,
    struct config_check *out)
{
	const struct lint_world world = {
		.allowed = &setup->config->allow_networks,
		.is_service = out->is_service,
	};

	check_folder(
	    setup, "ImageDirectory", setup->config->image_directory, out);
	for (size_t i = 0; i < setup->unseen.count; i++)
		problems_add(&out->unseen, "%s: you may not look at it",
		    setup->unseen.items[i]);
	for (size_t i = 0; i < setup->policies->count; i++)
		check_policy(setup, setup->policies->items[i], images, out);
	doubt_folders(setup, out);
	for (size_t i = 0; i < setup->strays.count; i++)
		problems_add(&out->doubts, "%s", setup->strays.text[i]);
	lint_comments(&setup->config->options, &out->doubts);
	lint_policies(setup->policies, &world, &out->doubts);
}

void
config_check_fini(struct config_check *check)
{
	problems_fini(&check->faults);
	problems_fini(&check->doubts);
	problems_fini(&check->unseen);
	free(check->summary);
	*check = (struct config_check){ 0 };
}

static void
print_line(const char *line)
{
	puts(line);
}

/* Print all that was found; returns true if there is no fault. */
static bool
print_check(const struct config_check *check)
{
	problems_print(&check->faults, stderr);
	problems_print(&check->doubts, stdout);
	problems_print(&check->unseen, stdout);
	return check->faults.count == 0;
}

static void
print_good(const struct setup *setup, const struct config_check *check,
    const char *conf_file)
{
	/* Not even root may look at a credential. */
	if (check->unseen.count == 0 || geteuid() == 0)
		puts("The configuration is good.");
	else
		printf("The configuration is good, as far as you may look: "
		       "sudo reflashd%s%s -t looks at everything.\n",
		    conf_file != NULL ? " -c " : "",
		    conf_file != NULL ? conf_file : "");
	startup_log_policies(setup, print_line);
	startup_log_folders(setup, print_line);
	puts("next: \"reflashctl reload\" puts it in force, \"reflashctl "
	     "plan\" shows what it means for each device");
}

/* Look for interfaces that are missing; in the daemon, reflash-scan does. */
static void
doubt_interfaces(const struct setup *setup, struct config_check *out)
{
	const struct strlist *names = &setup->config->interfaces;
	const char *place =
	    config_origin(setup->config, "Discovery", "Interfaces");

	for (size_t i = 0; i < names->count; i++)
		if (if_nametoindex(names->items[i]) == 0)
			problems_add(&out->doubts,
			    "%s: Interfaces=%s: there is no such interface "
			    "yet; its devices are heard once it is there",
			    place != NULL ? place : SETUP_CONF_FILE,
			    names->items[i]);
}

static bool
check_all(const struct setup *setup, const struct daemon_user *daemon_user,
    const char *conf_file)
{
	struct config_check check = { .is_elsewhere = true,
		.is_service = daemon_user->is_service };
	struct error err;
	struct image_cache *images =
	    image_cache_new(setup->config->image_directory, &err);
	bool ok;

	if (images == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	if (!daemon_user_check_state(
		daemon_user, setup->config->state_directory, &err))
		problems_add(&check.faults, "%s", err.text);
	config_check_setup(setup, images, &check);
	doubt_interfaces(setup, &check);
	hooks_find_unfit(setup->config->hook_directory, &check.doubts);
	ok = print_check(&check);
	if (ok)
		print_good(setup, &check, conf_file);
	config_check_fini(&check);
	image_cache_free(images);
	return ok;
}

/* Check the files for the user of the daemon, not for the user who asks. */
static bool
check_as(const struct daemon_user *daemon_user, const char *conf_file)
{
	struct problems problems = { 0 };
	struct setup setup;
	bool ok;

	if (daemon_user->user.uid != geteuid())
		trust_judge_for(&daemon_user->user);
	ok = setup_load(conf_file, &setup, &problems);
	problems_print(&problems, stderr);
	problems_fini(&problems);
	if (ok) {
		ok = check_all(&setup, daemon_user, conf_file);
		setup_fini(&setup);
	}
	trust_judge_for(NULL);
	return ok;
}

bool
config_check_run(const char *conf_file)
{
	struct daemon_user daemon_user;
	bool ok;

	daemon_user_find(&daemon_user, conf_file);
	ok = check_as(&daemon_user, conf_file);
	daemon_user_fini(&daemon_user);
	return ok;
}
