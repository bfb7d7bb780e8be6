/* SPDX-License-Identifier: ISC */
/* Finds the policies and the flashes that use a file of ImageDirectory. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path_within.h"
#include "core/config/configuration.h"
#include "core/device/device_json.h"
#include "core/tasmota/upgrade.h"
#include "reflashd/policy/image_use.h"

static bool
refuse(
    const char *folder, const char *what, const char *path, struct error *err)
{
	if (err != NULL)
		error_set(err, EACCES,
		    "the daemon does not write into %s, because its %s (%s) is "
		    "in it: let ImageDirectory= name a folder of its own",
		    folder, what, path);
	return false;
}

bool
image_use_may_write(const struct setup *setup, struct error *err)
{
	const struct config *config = setup->config;
	const struct strlist *policies = &config->policy_directories;
	const char *folder = config->image_directory;

	if (setup->file != NULL && path_within(setup->file, folder))
		return refuse(folder, "configuration", setup->file, err);
	if (path_within(config->hook_directory, folder))
		return refuse(
		    folder, "folder of hooks", config->hook_directory, err);
	for (size_t i = 0; i < policies->count; i++)
		if (path_within(policies->items[i], folder))
			return refuse(folder, "folder of policies",
			    policies->items[i], err);
	return true;
}

struct file {
	const char *folder, *name, *sha256; /* borrowed; sha256 may be NULL */
};

/* Return true if both paths lead to the same file, perhaps by a link. */
static bool
is_same_file(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 &&
	    one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Return true if a path of a policy leads to the file.  path may be NULL. */
static bool
leads_to(const char *path, const struct file *file)
{
	char *whole, *there;
	bool same;

	if (path == NULL)
		return false;
	if (strcmp(path, file->name) == 0)
		return true;
	whole = path[0] == '/' ? xstrdup(path)
			       : xasprintf("%s/%s", file->folder, path);
	there = xasprintf("%s/%s", file->folder, file->name);
	same = strcmp(whole, there) == 0 || is_same_file(whole, there);
	free(there);
	free(whole);
	return same;
}

/* Return true if the file is the minimal build beside the upgrade. */
static bool
is_step_of(const char *upgrade, const struct file *file)
{
	bool is = false;

	for (int packed = 0; packed < 2 && !is; packed++) {
		char *step = upgrade_step_path(upgrade, packed);

		is = leads_to(step, file);
		free(step);
	}
	return is;
}

static bool
is_named_by(const struct policy *policy, const struct file *file)
{
	return leads_to(policy->image, file) ||
	    leads_to(policy->upgrade, file) ||
	    (policy->upgrade != NULL && is_step_of(policy->upgrade, file));
}

json_t *
image_use_policies(const struct setup *setup, const char *name)
{
	const struct policy_list *list = setup->policies;
	const struct file file = { setup->config->image_directory, name, NULL };
	json_t *names = json_array();

	for (size_t i = 0; i < list->count; i++)
		if (is_named_by(list->items[i], &file))
			json_array_append_new(
			    names, device_json_string(list->items[i]->name));
	return names;
}

static bool
has_sha256(const struct file *file, const char *sha256)
{
	return file->sha256 != NULL && strcmp(file->sha256, sha256) == 0;
}

static bool
is_image(const struct file *file, const struct device_attempt *attempt)
{
	return attempt->has_image &&
	    (strcmp(attempt->image.name, file->name) == 0 ||
		has_sha256(file, attempt->image.sha256));
}

/* Return true if another attempt with the same image is to follow. */
static bool
is_between_attempts(const struct device *device)
{
	return device->state == STATE_HELD && device->attempt.number > 0 &&
	    device->hold != HOLD_CANCELLED;
}

/* Return true if the device is to get the file after its flash. */
static bool
is_upgrade(const struct file *file, const struct device *device)
{
	return (device->upgrade.token[0] != '\0' &&
		   has_sha256(file, device->upgrade.sha256)) ||
	    has_sha256(file, device->upgrade.next) ||
	    has_sha256(file, device->upgrade.next_minimal);
}

/* Return how the device needs the file, or NULL. */
static const char *
how_needed(const struct setup *setup, const struct file *file,
    const struct device *device)
{
	const struct policy *policy =
	    policy_list_find(setup->policies, device->policy);

	if (state_is_at_work(device->state) && is_image(file, &device->attempt))
		return "is being flashed with it";
	if (device->attempt.unsure &&
	    (is_image(file, &device->attempt) ||
		is_image(file, &device->may_run.attempt)))
		return "may have taken it, and has not been heard of since";
	if (is_between_attempts(device) && is_image(file, &device->attempt))
		return "is to be told to download it once more";
	if (is_upgrade(file, device))
		return "is to get it after its flash";
	if (state_is_at_work(device->state) && policy != NULL &&
	    is_named_by(policy, file))
		return "is at work, and its policy names it";
	if (device->order.is_given && leads_to(device->order.image, file))
		return "is to be flashed with it, as somebody has ordered";
	return NULL;
}

char *
image_use_why_busy(const struct setup *setup, struct registry *registry,
    const char *name, const char *sha256)
{
	const struct file file = { setup->config->image_directory, name,
		sha256 };

	registry_foreach (registry, device) {
		const char *how = how_needed(setup, &file, device);

		if (how != NULL)
			return xasprintf("device %s %s", device->id, how);
	}
	return NULL;
}
