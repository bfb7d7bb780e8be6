/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/configuration.h"
#include "core/template.h"
#include "core/upgrade.h"
#include "io/conffiles.h"
#include "io/images.h"
#include "reflashd/check.h"
#include "reflashd/hello.h"

/* A file that a policy names, and where. */
struct named {
	const struct policy *policy;
	const char *section, *key, *path;
};

/* Where it is named. */
static const char *
place(const struct named *file)
{
	return policy_origin(file->policy, file->section, file->key);
}

static bool
refuse(const struct named *file, const char *why)
{
	fprintf(
	    stderr, "%s: %s=%s: %s\n", place(file), file->key, file->path, why);
	return false;
}

static bool
refuse_for(const struct named *file, const char *why, enum reason reason)
{
	fprintf(stderr, "%s: %s=%s: %s. %s\n", place(file), file->key,
	    file->path, why, reason_advice(reason));
	return false;
}

/* Anything else than as it should be is told. */
static bool
check_report(const struct named *file, const struct image_report *report)
{
	/* What the reason advises then is meant for a first image. */
	if (report->verdict == IMAGE_REFUSE)
		return strcmp(file->key, "Image") == 0
		    ? refuse_for(file, report->text, report->reason)
		    : refuse(file, report->text);
	if (report->verdict == IMAGE_WARN)
		for (size_t i = 0; i < report->note_count; i++)
			printf("%s: %s=%s: %s\n", place(file), file->key,
			    file->path, report->notes[i]);
	return true;
}

/* What must follow the flash, as far as it can be told that it cannot. */
static bool
check_after(const struct named *file, const struct image_report *report)
{
	const struct policy *policy = file->policy;

	if (report->kind == IMAGE_ESPHOME &&
	    policy->expect == POLICY_EXPECT_TASMOTA)
		return refuse(file, "it is ESPHome, and Expect=tasmota");
	if (report->kind == IMAGE_TASMOTA &&
	    policy->expect == POLICY_EXPECT_ESPHOME)
		return refuse(file, "it is Tasmota, and Expect=esphome");
	if (report->kind == IMAGE_ESPHOME && policy_has_finish(policy))
		return refuse(
		    file, "it is ESPHome, and only Tasmota is finished");
	return true;
}

/* By the version that runs when it is set up. */
static bool
check_template(const struct named *file, const struct image_report *report)
{
	if (file->policy->template_json == NULL ||
	    report->kind != IMAGE_TASMOTA || template_fits(report->version))
		return true;
	return refuse(file,
	    "it is older than Tasmota " TEMPLATE_SINCE
	    ", and Template= is one for later ones");
}

static bool
check_image(const struct policy *policy, struct image_cache *images)
{
	const struct named file = { policy, "Flash", "Image", policy->image };
	struct error err;
	struct image *image = image_cache_get(images, policy->image, &err);
	bool ok;

	if (image == NULL)
		return refuse_for(&file, err.text, image_error_reason(&err));
	if (policy->sha256[0] != '\0' &&
	    strcmp(policy->sha256, image_sha256(image)) != 0) {
		error_set(&err, EINVAL, "the file has Sha256=%s",
		    image_sha256(image));
		ok = refuse_for(&file, err.text, REASON_IMAGE_HASH_MISMATCH);
	} else {
		ok = check_report(&file, image_report(image)) &&
		    check_after(&file, image_report(image)) &&
		    (policy->upgrade != NULL ||
			check_template(&file, image_report(image)));
	}
	image_unref(image);
	return ok;
}

/* What lies beside the upgrade as its minimal, or NULL. */
static struct image *
find_step(const struct named *file, bool packed, struct image_cache *images)
{
	char *path = upgrade_step_path(file->path, packed);
	struct error err;
	struct image *image = image_cache_get(images, path, &err);

	free(path);
	return image;
}

/* From the first image to this one, if that is a Tasmota as well. */
static bool
check_way(const struct named *file, const struct image_report *next,
    struct image_cache *images)
{
	struct error err;
	struct image *first =
	    image_cache_get(images, file->policy->image, &err);
	struct image *step = find_step(file, next->packed, images);
	const struct image_report *from;
	bool ok = true;

	if (first != NULL && image_report(first)->kind == IMAGE_TASMOTA) {
		from = image_report(first);
		ok = upgrade_may_follow(
			 from->version, from->boots_gzip, next, &err) &&
		    upgrade_fits(next, from,
			step != NULL ? image_upgrade_report(step) : NULL, &err);
	}
	if (!ok)
		refuse(file, err.text);
	image_unref(step);
	image_unref(first);
	return ok;
}

static bool
check_upgrade(const struct policy *policy, struct image_cache *images)
{
	const struct named file = { policy, "Finish", "Upgrade",
		policy->upgrade };
	struct error err;
	struct image *image = image_cache_get(images, policy->upgrade, &err);
	bool ok;

	if (image == NULL)
		return refuse_for(&file, err.text, image_error_reason(&err));
	ok = check_report(&file, image_upgrade_report(image)) &&
	    check_template(&file, image_upgrade_report(image)) &&
	    (policy->image == NULL ||
		check_way(&file, image_upgrade_report(image), images));
	image_unref(image);
	return ok;
}

/*
 * Whether there is one.  A name without a slash is that of a credential, which
 * only the service has; and whose the file must be, and who may read it, is a
 * matter of the user that the daemon runs as, who seldom is the one who asks.
 */
static bool
check_password(const struct policy *policy)
{
	const char *path = policy->web_password_file, *why = NULL;
	const struct named file = { policy, "Finish", "WebPasswordFile", path };
	struct stat st;

	if (path == NULL || strchr(path, '/') == NULL)
		return true;
	if (stat(path, &st) != 0)
		why = errno == EACCES ? NULL : strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "it is no regular file";
	else if (st.st_size == 0)
		why = "it is empty";
	return why == NULL || refuse(&file, why);
}

static bool
check_files(const struct setup *setup)
{
	struct image_cache *images;
	struct error err;
	bool ok = true;

	images = image_cache_new(setup->config->image_directory, &err);
	if (images == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	for (size_t i = 0; i < setup->policies->count; i++) {
		const struct policy *policy = setup->policies->items[i];

		if (policy->image != NULL)
			ok &= check_image(policy, images);
		if (policy->upgrade != NULL)
			ok &= check_upgrade(policy, images);
		ok &= check_password(policy);
	}
	image_cache_free(images);
	return ok;
}

static void
print_line(const char *line)
{
	puts(line);
}

bool
check_run(const char *conf_file)
{
	struct problems problems = { 0 };
	struct setup setup;
	bool ok = setup_load(conf_file, &setup, &problems);

	for (size_t i = 0; i < problems.count; i++)
		fprintf(stderr, "%s\n", problems.text[i]);
	problems_fini(&problems);
	if (!ok)
		return false;
	ok = check_files(&setup);
	hello_doubts(&setup, print_line);
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
