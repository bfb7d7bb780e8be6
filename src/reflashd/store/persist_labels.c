/* SPDX-License-Identifier: ISC */
/*
 * Keeps the labels of all devices in a file of their own, beside those in the
 * records.  Version 0.1.0 knows no labels: a record that it writes has none,
 * and the file is where the next version finds them again.
 */
#include "config.h"

#include "base/log.h"
#include "base/memory.h"
#include "core/device/device_json.h"
#include "core/device/label.h"
#include "core/device/registry.h"
#include "io/store/store.h"
#include "reflashd/store/persist_parts.h"

static json_t *
all_labels(struct registry *registry, const struct device *but)
{
	json_t *all = json_object();

	registry_foreach (registry, device)
		if (device != but && device->label != NULL)
			json_object_set_new(
			    all, device->id, device_json_text(device->label));
	return all;
}

void
persist_save_labels(struct persist *persist, const struct device *but)
{
	json_t *all = all_labels(persist->config.registry, but);
	struct error err;

	persist_note(
	    persist, store_save_labels(persist->store, all, &err), &err);
	json_decref(all);
}

json_t *
persist_load_labels(struct persist *persist)
{
	struct error err = { 0 };
	json_t *labels = store_load_labels(persist->store, &err);

	if (labels == NULL && err.code != 0)
		log_warning("state: %s; labels that an older version has "
			    "dropped are lost",
		    err.text);
	return labels;
}

bool
persist_take_label(
    struct device *device, const json_t *record, const json_t *labels)
{
	const char *label =
	    json_string_value(json_object_get(labels, device->id));
	struct error err;

	if (json_object_get(record, "label") != NULL || label == NULL ||
	    !label_check(label, &err))
		return false;
	xreplace(&device->label, label);
	log_info("state: device %s has its label %s again, which an older "
		 "version has not kept",
	    device->id, label);
	return true;
}

void
persist_renew_labels(struct persist *persist, json_t *labels)
{
	json_t *now = all_labels(persist->config.registry, NULL);

	if (json_object_size(now) != json_object_size(labels) ||
	    (labels != NULL && !json_equal(now, labels)))
		persist_save_labels(persist, NULL);
	json_decref(now);
	json_decref(labels);
}
