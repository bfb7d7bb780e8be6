/* SPDX-License-Identifier: ISC */
/*
 * Looks at the files that a policy needs after its flash, for the roster, for
 * work that is about to tell a device to fetch, and for `reflashd -t`.
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
needs_describe(struct preflight_image *out, const struct image *image,
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
needs_note_unseen(struct problems *unseen, const char *place, const char *key,
    const char *value, const struct error *why)
{
	if (unseen == NULL || !trust_is_blind(why))
		return false;
	problems_add(unseen, "%s%s%s=%s: you may not look at it",
	    place != NULL ? place : "", place != NULL ? ": " : "", key, value);
	return true;
}

static void
look_at_upgrade(struct needs *needs, const struct policy *policy,
    struct image_cache *images, struct problems *unseen)
{
	const char *path = policy->upgrade;
	const char *place = policy_origin(policy, "Finish", "Upgrade");
	const struct image_report *report = NULL;
	char *step = NULL;

	needs->upgrade = image_cache_get(images, path, &needs->no_upgrade);
	if (needs->upgrade != NULL) {
		report = image_upgrade_report(needs->upgrade);
		step = upgrade_step_path(path, report->packed);
		needs->minimal =
		    image_cache_get(images, step, &needs->no_minimal);
	}
	needs_describe(&needs->facts.upgrade, needs->upgrade, report, path,
	    &needs->no_upgrade);
	needs->facts.upgrade.is_unseen = needs->upgrade == NULL
	    ? needs_note_unseen(
		  unseen, place, "Upgrade", path, &needs->no_upgrade)
	    : needs->minimal == NULL &&
		needs_note_unseen(
		    unseen, place, "Upgrade", step, &needs->no_minimal);
	free(step);
	if (needs->minimal != NULL)
		needs->facts.minimal = image_upgrade_report(needs->minimal);
}

/* Where the files of all devices are, as far as the name tells. */
static void
look_at_own_folder(struct needs *needs, const char *place, const char *file,
    struct problems *unseen)
{
	const char *end = file + strcspn(file, "$");
	char *folder;

	while (end > file && *end != '/')
		end--;
	if (*end != '/')
		return; /* credentials */
	folder = xstrndup(file, end > file ? (size_t)(end - file) : 1);
	if (!trust_folder(folder, &needs->no_password) &&
	    !needs_note_unseen(
		unseen, place, "WebPasswordFile", file, &needs->no_password))
		needs->facts.no_password = needs->no_password.text;
	free(folder);
}

static void
look_at_password(
    struct needs *needs, const struct policy *policy, struct problems *unseen)
{
	const char *file = policy->web_password_file;
	const char *place = policy_origin(policy, "Finish", "WebPasswordFile");
	char *password;

	if (unseen != NULL && secret_is_elsewhere(file)) {
		problems_add(unseen,
		    "%s: WebPasswordFile=%s: a credential, which only the "
		    "service can look at: systemctl reload reflashd tells",
		    place, file);
		return;
	}
	if (finish_has_own_file(file)) {
		look_at_own_folder(needs, place, file, unseen);
		return;
	}
	password = secret_read(file, &needs->no_password);
	if (password == NULL &&
	    !needs_note_unseen(
		unseen, place, "WebPasswordFile", file, &needs->no_password))
		needs->facts.no_password = needs->no_password.text;
	secret_free(password);
}

/* The folder that nobody has named need not be there. */
static void
look_at_hooks(struct needs *needs, const char *folder, struct problems *unseen)
{
	struct error *err = &needs->no_hooks;
	bool ok = hooks_check(folder, err);

	if (ok && strcmp(folder, STANDARD_HOOKS) != 0 &&
	    advice_folder_is_missing(folder)) {
		char *command = advice_command(folder);

		ok = error_set(err, ENOENT,
		    "there is no such folder; make it with: %s", command);
		free(command);
	}
	needs->facts.hooks = folder;
	if (!ok &&
	    !needs_note_unseen(unseen, NULL, "HookDirectory", folder, err))
		needs->facts.no_hooks = err->text;
}

void
needs_look(struct needs *needs, const struct policy *policy,
    const struct config *config, struct image_cache *images,
    struct problems *unseen)
{
	*needs = (struct needs){ 0 };
	if (policy->upgrade != NULL)
		look_at_upgrade(needs, policy, images, unseen);
	if (policy->web_password_file != NULL)
		look_at_password(needs, policy, unseen);
	look_at_hooks(needs, config->hook_directory, unseen);
}

void
needs_look_at_own(struct needs *needs, const struct policy *policy,
    const struct device *device)
{
	const char *file = policy->web_password_file;
	char *password;

	if (file == NULL || !finish_has_own_file(file))
		return;
	password = secret_read_of(file, device, &needs->no_password);
	needs->facts.no_password = NULL;
	if (password == NULL &&
	    (device->info_known || needs->no_password.code != ENODATA))
		needs->facts.no_password = needs->no_password.text;
	secret_free(password);
}

void
needs_fini(struct needs *needs)
{
	image_unref(needs->image);
	image_unref(needs->upgrade);
	image_unref(needs->minimal);
	*needs = (struct needs){ 0 };
}
