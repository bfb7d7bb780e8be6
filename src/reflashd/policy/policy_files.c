/* SPDX-License-Identifier: ISC */
/*
 * Looks at the files that a policy needs after its flash, for the scheduler,
 * for work that is about to tell a device to fetch, and for `reflashd -t`.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/trust.h"
#include "core/policy/finish.h"
#include "core/tasmota/upgrade.h"
#include "io/advice.h"
#include "io/hooks/hooks.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/policy/web_password.h"

#define STANDARD_HOOKS SYSCONFDIR "/reflashd/hooks.d"

void
policy_files_describe(struct preflight_image *out, const struct image *image,
    const struct image_report *report, const char *path,
    const struct error *why)
{
	*out = (struct preflight_image){ .name = path };
	if (image == NULL) {
		out->missing = why->text;
		out->is_absent = why->code == ENOENT;
		out->unfit = image_error_reason(why);
		return;
	}
	out->name = image_name(image);
	out->sha256 = image_sha256(image);
	out->size = image_size(image);
	out->report = report;
}

bool
policy_files_note_unseen(struct problems *unseen, const char *place,
    const char *key, const char *value, const struct error *why)
{
	if (unseen == NULL || !trust_is_blind(why))
		return false;
	problems_add(unseen, "%s%s%s=%s: you may not look at it",
	    place != NULL ? place : "", place != NULL ? ": " : "", key, value);
	return true;
}

static void
look_at_upgrade(struct policy_files *policy_files, const struct policy *policy,
    struct image_cache *images, struct problems *unseen)
{
	const char *path = policy->upgrade;
	const char *place = policy_origin(policy, "Finish", "Upgrade");
	const struct image_report *report = NULL;
	char *step = NULL;

	policy_files->upgrade =
	    image_cache_get(images, path, &policy_files->no_upgrade);
	if (policy_files->upgrade != NULL) {
		report = image_upgrade_report(policy_files->upgrade);
		step = upgrade_step_path(path, report->packed);
		policy_files->minimal =
		    image_cache_get(images, step, &policy_files->no_minimal);
	}
	policy_files_describe(&policy_files->facts.upgrade,
	    policy_files->upgrade, report, path, &policy_files->no_upgrade);
	policy_files->facts.upgrade.is_unseen = policy_files->upgrade == NULL
	    ? policy_files_note_unseen(
		  unseen, place, "Upgrade", path, &policy_files->no_upgrade)
	    : policy_files->minimal == NULL &&
		policy_files_note_unseen(
		    unseen, place, "Upgrade", step, &policy_files->no_minimal);
	free(step);
	if (policy_files->minimal != NULL)
		policy_files->facts.minimal =
		    image_upgrade_report(policy_files->minimal);
}

/* Where the files of all devices are, as far as the name tells. */
static void
look_at_own_folder(struct policy_files *policy_files, const char *place,
    const char *file, struct problems *unseen)
{
	const char *end = file + strcspn(file, "$");
	char *folder;

	while (end > file && *end != '/')
		end--;
	if (*end != '/')
		return; /* credentials */
	folder = xstrndup(file, end > file ? (size_t)(end - file) : 1);
	if (!trust_folder(folder, &policy_files->no_password) &&
	    !policy_files_note_unseen(unseen, place, "WebPasswordFile", file,
		&policy_files->no_password))
		policy_files->facts.no_password =
		    policy_files->no_password.text;
	free(folder);
}

static void
look_at_password(struct policy_files *policy_files, const struct policy *policy,
    struct problems *unseen)
{
	const char *file = policy->web_password_file;
	const char *place = policy_origin(policy, "Finish", "WebPasswordFile");
	char *password;

	if (unseen != NULL && web_password_is_elsewhere(file)) {
		problems_add(unseen,
		    "%s: WebPasswordFile=%s: a credential, which only the "
		    "service can look at: systemctl reload reflashd tells",
		    place, file);
		return;
	}
	if (finish_has_own_file(file)) {
		look_at_own_folder(policy_files, place, file, unseen);
		return;
	}
	password = web_password_read(file, &policy_files->no_password);
	if (password == NULL &&
	    !policy_files_note_unseen(unseen, place, "WebPasswordFile", file,
		&policy_files->no_password))
		policy_files->facts.no_password =
		    policy_files->no_password.text;
	web_password_free(password);
}

/* The folder that nobody has named need not be there. */
static void
look_at_hooks(struct policy_files *policy_files, const char *folder,
    struct problems *unseen)
{
	struct error *err = &policy_files->no_hooks;
	bool ok = hooks_check(folder, err);

	if (ok && strcmp(folder, STANDARD_HOOKS) != 0 &&
	    advice_folder_is_missing(folder)) {
		char *command = advice_command(folder);

		ok = error_set(err, ENOENT,
		    "there is no such folder; make it with: %s", command);
		free(command);
	}
	policy_files->facts.hooks = folder;
	if (!ok &&
	    !policy_files_note_unseen(
		unseen, NULL, "HookDirectory", folder, err))
		policy_files->facts.no_hooks = err->text;
}

void
policy_files_look(struct policy_files *policy_files,
    const struct policy *policy, const struct config *config,
    struct image_cache *images, struct problems *unseen)
{
	*policy_files = (struct policy_files){ 0 };
	if (policy->upgrade != NULL)
		look_at_upgrade(policy_files, policy, images, unseen);
	if (policy->web_password_file != NULL)
		look_at_password(policy_files, policy, unseen);
	look_at_hooks(policy_files, config->hook_directory, unseen);
}

void
policy_files_look_at_own(struct policy_files *policy_files,
    const struct policy *policy, const struct device *device)
{
	const char *file = policy->web_password_file;
	char *password;

	if (file == NULL || !finish_has_own_file(file))
		return;
	password =
	    web_password_read_of(file, device, &policy_files->no_password);
	policy_files->facts.no_password = NULL;
	if (password == NULL &&
	    (device->info_known || policy_files->no_password.code != ENODATA))
		policy_files->facts.no_password =
		    policy_files->no_password.text;
	web_password_free(password);
}

void
policy_files_fini(struct policy_files *policy_files)
{
	image_unref(policy_files->image);
	image_unref(policy_files->upgrade);
	image_unref(policy_files->minimal);
	*policy_files = (struct policy_files){ 0 };
}
