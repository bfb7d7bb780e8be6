/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/configuration.h"
#include "io/conffiles.h"
#include "io/images.h"
#include "reflashd/check.h"
#include "reflashd/hello.h"

/* What of an image, or NULL if it is fit. */
static bool
check_policy_image(const struct policy *policy, struct image_cache *images)
{
	const struct image_report *report;
	struct image *image;
	struct error err;
	bool ok = false;

	image = image_cache_get(images, policy->image, &err);
	if (image == NULL) {
		fprintf(stderr, "%s: Image=%s: %s\n", policy->file,
		    policy->image, err.text);
		return false;
	}
	report = image_report(image);
	if (policy->sha256[0] != '\0' &&
	    strcmp(policy->sha256, image_sha256(image)) != 0)
		fprintf(stderr, "%s: Sha256: %s has %s\n", policy->file,
		    policy->image, image_sha256(image));
	else if (report->verdict == IMAGE_REFUSE)
		fprintf(stderr, "%s: Image=%s: %s. %s\n", policy->file,
		    policy->image, report->text, reason_advice(report->reason));
	else
		ok = true;
	image_unref(image);
	return ok;
}

static bool
check_images(const struct setup *setup)
{
	struct image_cache *images;
	struct error err;
	bool ok = true;

	images = image_cache_new(setup->config->image_directory, &err);
	if (images == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	for (size_t i = 0; i < setup->policies->count; i++)
		if (setup->policies->items[i]->image != NULL)
			ok &= check_policy_image(
			    setup->policies->items[i], images);
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
	ok = check_images(&setup);
	if (ok) {
		puts("The configuration is good.");
		hello_policies(&setup, print_line);
		hello_folders(&setup, print_line);
	}
	setup_fini(&setup);
	return ok;
}
