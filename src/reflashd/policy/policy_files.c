/* SPDX-License-Identifier: ISC */
/*
 * Looks at the files that a policy needs after its flash: for the scheduler,
 * for flash before a device is told to fetch, and for reflashd -t.
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
look_at_upgrade(struct policy_files *files, const struct policy *policy,
    struct image_cache *images, struct problems *unseen)
{
	const char *path = policy->upgrade;
	const char *place = policy_origin(policy, "Finish", "Upgrade");
	const struct image_report *report = NULL;
	char *step = NULL;

	files->upgrade = image_cache_get(images, path, &files->no_upgrade);
	if (files->upgrade != NULL) {
		report = image_upgrade_report(files->upgrade);
		step = upgrade_step_path(path, report->packed);
		files->minimal =
		    image_cache_get(images, step, &files->no_minimal);
	}
	policy_files_describe(&files->facts.upgrade, files->upgrade, report,
	    path, &files->no_upgrade);
	files->facts.upgrade.is_unseen = files->upgrade == NULL
	    ? policy_files_note_unseen(
		  unseen, place, "Upgrade", path, &files->no_upgrade)
	    : files->minimal == NULL &&
		policy_files_note_unseen(
		    unseen, place, "Upgrade", step, &files->no_minimal);
	free(step);
	if (files->minimal != NULL)
		files->facts.minimal = image_upgrade_report(files->minimal);
}

/* Look at the folder of the password files, one for each device. */
static void
look_at_own_folder(struct policy_files *files, const char *place,
    const char *file, struct problems *unseen)
{
	const char *end = file + strcspn(file, "$");
	char *folder;

	while (end > file && *end != '/')
		end--;
	if (*end != '/')
		return; /* credentials */
	folder = xstrndup(file, end > file ? (size_t)(end - file) : 1);
	if (!trust_folder(folder, &files->no_password) &&
	    !policy_files_note_unseen(
		unseen, place, "WebPasswordFile", file, &files->no_password))
		files->facts.no_password = files->no_password.text;
	free(folder);
}

static void
look_at_password(struct policy_files *files, const struct policy *policy,
    struct problems *unseen)
{
	const char *file = policy->web_password_file;
	const char *place = policy_origin(policy, "Finish", "WebPasswordFile");
	char *password;

	if (unseen != NULL && web_password_is_elsewhere(file)) {
		problems_add(unseen,
		    "%s: WebPasswordFile=%s: a credential, which only the "
		    "service can read: systemctl reload reflashd says whether "
		    "it is good",
		    place, file);
		return;
	}
	if (finish_has_own_file(file)) {
		look_at_own_folder(files, place, file, unseen);
		return;
	}
	password = web_password_read(file, &files->no_password);
	if (password == NULL &&
	    !policy_files_note_unseen(
		unseen, place, "WebPasswordFile", file, &files->no_password))
		files->facts.no_password = files->no_password.text;
	web_password_free(password);
}

/* Look at the hooks.  The standard folder may be missing. */
static void
look_at_hooks(
    struct policy_files *files, const char *folder, struct problems *unseen)
{
	struct error *err = &files->no_hooks;
	bool ok = hooks_check(folder, err);

	if (ok && strcmp(folder, STANDARD_HOOKS) != 0 &&
	    advice_folder_is_missing(folder)) {
		char *command = advice_command(folder);

		ok = error_set(err, ENOENT,
		    "there is no such folder; make it with: %s", command);
		free(command);
	}
	files->facts.hooks = folder;
	if (!ok &&
	    !policy_files_note_unseen(
		unseen, NULL, "HookDirectory", folder, err))
		files->facts.no_hooks = err->text;
}

void
policy_files_look(struct policy_files *files, const struct policy *policy,
    const struct config *config, struct image_cache *images,
    struct problems *unseen)
{
	*files = (struct policy_files){ 0 };
	if (policy->upgrade != NULL)
		look_at_upgrade(files, policy, images, unseen);
	if (policy->web_password_file != NULL)
		look_at_password(files, policy, unseen);
	look_at_hooks(files, config->hook_directory, unseen);
}

void
policy_files_look_at_own(struct policy_files *files,
    const struct policy *policy, const struct device *device)
{
	const char *file = policy->web_password_file;
	char *password;

	if (file == NULL || !finish_has_own_file(file))
		return;
	password = web_password_read_of(file, device, &files->no_password);
	files->facts.no_password = NULL;
	if (password == NULL &&
	    (device->facts.info_known || files->no_password.code != ENODATA))
		files->facts.no_password = files->no_password.text;
	web_password_free(password);
}

void
policy_files_fini(struct policy_files *files)
{
	image_unref(files->image);
	image_unref(files->upgrade);
	image_unref(files->minimal);
	*files = (struct policy_files){ 0 };
}
