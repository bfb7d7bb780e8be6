/* SPDX-License-Identifier: ISC */
/*
 * The verb download: lists the catalogue of images, or gets an image and hands
 * it to the daemon.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/duration.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/table.h"
#include "reflashctl/source/image_get.h"
#include "reflashctl/source/source_list.h"
#include "reflashctl/verb.h"

#define HEX	  64 /* digits of a SHA-256 */
#define MAX_NAMED 5  /* devices that a sentence names */

/* What the catalogue is compared with; NULL: the daemon does not answer. */
struct known {
	json_t *images, *devices; /* owned; arrays */
};

static json_t *
ask(struct ctl *ctl, enum ctl_id what)
{
	struct answer answer;
	struct error err;
	json_t *items = NULL;

	if (request_send(ctl, what, NULL, &answer, &err))
		items = json_incref(answer.items);
	answer_fini(&answer);
	return items;
}

static bool
has_text(const json_t *object, const char *key, const char *text)
{
	const char *value = device_text(object, key);

	return value != NULL && strcmp(value, text) == 0;
}

/* Return true, false or null, whether the entry is in ImageDirectory. */
static json_t *
is_there(const struct known *known, const struct image_source *entry)
{
	const json_t *image;
	size_t i;

	if (known->images == NULL)
		return json_null();
	json_array_foreach (known->images, i, image)
		if (has_text(image, "sha256", entry->sha256))
			return json_true();
	return json_false();
}

/*
 * Return the ids of the devices that a first image can be put on, or null. What
 * a second step fits depends on what runs then.
 */
static json_t *
fitting(const struct known *known, const struct image_source *entry)
{
	const json_t *device;
	json_t *ids;
	size_t i;

	if (known->devices == NULL || !image_source_is_first(entry))
		return json_null();
	ids = json_array();
	json_array_foreach (known->devices, i, device)
		if (json_is_true(json_object_get(device, "flashable")))
			json_array_append(ids, json_object_get(device, "id"));
	return ids;
}

static json_t *
entry_json(const struct known *known, const struct image_source *entry)
{
	char file[IMAGE_FILE_SIZE], label[IMAGE_SOURCE_LABEL];
	json_t *urls = json_array();

	for (size_t i = 0; i < entry->urls.count; i++)
		json_array_append_new(urls, json_string(entry->urls.items[i]));
	return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:i, s:s, s:o, s:s?, s:s,"
			 " s:o, s:o}",
	    "name", entry->name, "file", image_source_file(entry, file), "kind",
	    image_kind_name(entry->kind), "version", entry->version, "label",
	    image_source_label(entry, label), "size", (int)entry->size,
	    "sha256", entry->sha256, "urls", urls, "note", entry->note, "use",
	    image_source_is_first(entry) ? "first" : "upgrade", "there",
	    is_there(known, entry), "devices", fitting(known, entry));
}

static json_t *
list_json(const struct source_list *list, const struct known *known)
{
	json_t *catalog = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(
		    catalog, entry_json(known, list->items[i]));
	return catalog;
}

static const char *
there_word(const json_t *entry)
{
	const json_t *there = json_object_get(entry, "there");

	return json_is_true(there) ? "yes" : json_is_false(there) ? "no" : NULL;
}

static void
print_table(const json_t *catalog)
{
	static const struct table_column columns[] = {
		{ "NAME", TABLE_WHOLE, 9 },
		{ "IMAGE", TABLE_NAME, 7 },
		{ "BYTES", TABLE_WHOLE, 3 },
		{ "GOOD FOR", TABLE_WHOLE, 8 },
		{ "THERE", TABLE_WHOLE, 5 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);
	const json_t *entry;
	char size[24];
	size_t i;

	json_array_foreach (catalog, i, entry) {
		snprintf(size, sizeof(size), "%lld",
		    (long long)device_number(entry, "size"));
		table_add(table, device_text(entry, "name"), COLOR_NONE);
		table_add(table, device_text(entry, "label"), COLOR_NONE);
		table_add(table, size, COLOR_NONE);
		table_add(table,
		    has_text(entry, "use", "first") ? "first flash"
						    : "Upgrade= only",
		    COLOR_NONE);
		table_add(table, there_word(entry), COLOR_NONE);
	}
	table_print(table, stdout, term_columns());
	table_free(table);
	json_array_foreach (catalog, i, entry)
		field_print_about(
		    device_text(entry, "name"), device_text(entry, "note"));
}

/* Return how a device is called: by its label, or its id. */
static const char *
name_of(const json_t *device)
{
	const char *label = device_text(device, "label");

	return label != NULL ? label : device_text(device, "id");
}

/* Say which of the known devices a first image fits. */
static void
print_devices(const struct known *known)
{
	size_t all = json_array_size(known->devices), fits = 0, i;
	char *names = xstrdup("");
	const json_t *device;

	json_array_foreach (known->devices, i, device) {
		char *longer;

		if (!json_is_true(json_object_get(device, "flashable")) ||
		    fits++ >= MAX_NAMED)
			continue;
		longer = xasprintf("%s%s%s", names,
		    names[0] != '\0' ? ", " : "", name_of(device));
		free(names);
		names = longer;
	}
	if (known->devices == NULL)
		puts("Which devices these fit is not known: the daemon does "
		     "not answer.");
	else if (all == 0)
		puts("No device has been seen yet.");
	else if (fits == 0)
		printf("A first flash fits none of the %zu known devices; why: "
		       "reflashctl devices\n",
		    all);
	else
		printf(
		    "A first flash fits %zu of the %zu known devices: %s%s\n",
		    fits, all, names, fits > MAX_NAMED ? " ..." : "");
	free(names);
}

/* Say how to get an image: by its own name where only one is missing. */
static void
tell_how(const json_t *catalog)
{
	const char *name = NULL;
	size_t missing = 0, i;
	const json_t *entry;

	json_array_foreach (catalog, i, entry)
		if (!json_is_true(json_object_get(entry, "there")) &&
		    missing++ == 0)
			name = device_text(entry, "name");
	printf("To get %s: reflashctl download %s\n",
	    missing == 1 ? "it" : "one",
	    missing == 1 && name != NULL ? name : "NAME");
}

/* Say that there is nothing in the catalogue, and where it would be. */
static void
print_nothing(const struct source_list *list)
{
	printf("the catalogue is empty; it would be in:");
	for (size_t i = 0; i < list->folders.count; i++)
		printf(" %s", list->folders.items[i]);
	putchar('\n');
}

static int
list_catalog(struct ctl *ctl)
{
	struct source_list list;
	struct known known = { ask(ctl, CTL_IMAGES), ask(ctl, CTL_DEVICES) };
	json_t *catalog;
	int rc = CTL_EXIT_DONE;

	source_list_load(&list);
	catalog = list_json(&list, &known);
	if (ctl->json) {
		json_out_print("catalog", json_incref(catalog));
	} else if (list.count > 0) {
		print_table(catalog);
		print_devices(&known);
		tell_how(catalog);
	} else {
		print_nothing(&list);
	}
	fflush(stdout);
	for (size_t i = 0; i < list.problems.count; i++) {
		complain("%s", list.problems.text[i]);
		rc = CTL_EXIT_ERROR;
	}
	json_decref(catalog);
	json_decref(known.images);
	json_decref(known.devices);
	source_list_fini(&list);
	return rc;
}

static bool
check_options(const struct ctl *ctl, unsigned *timeout_sec)
{
	*timeout_sec = 0;
	if (ctl->timeout != NULL &&
	    (!duration_parse(ctl->timeout, timeout_sec) || *timeout_sec == 0)) {
		complain(
		    "%s is not a length of time; write for example 90s or 10m",
		    ctl->timeout);
		return false;
	}
	if (ctl->sha256 != NULL && !text_is_hex(ctl->sha256, HEX)) {
		complain("--sha256 %s: it is not the 64 hex digits of a "
			 "SHA-256",
		    ctl->sha256);
		return false;
	}
	return true;
}

/* Get an entry of the catalogue, or what a manifest here names. */
static int
get_named(const struct image_get *get)
{
	const struct image_source *entry;
	struct source_list list;
	int rc = CTL_EXIT_ERROR;

	source_list_load(&list);
	entry = source_list_find(&list, get->source);
	if (entry == NULL && access(get->source, F_OK) == 0)
		rc = image_get_manifest(get);
	else if (source_list_guess(&list, get->source, &entry))
		rc = image_get_entry(get, entry);
	source_list_fini(&list);
	return rc;
}

int
verb_download(struct ctl *ctl, int argc, char **argv)
{
	struct image_get get = { .ctl = ctl };

	if (!check_options(ctl, &get.timeout_sec))
		return CTL_EXIT_USAGE;
	if (argc == 0)
		return list_catalog(ctl);
	get.source = argv[0];
	return strstr(get.source, "://") != NULL ? image_get_url(&get)
						 : get_named(&get);
}
