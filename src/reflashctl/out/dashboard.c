/* SPDX-License-Identifier: ISC */
/* Keeps the devices of watch, chooses those that are shown, and sorts them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/out/dashboard_parts.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"

struct dashboard *
dashboard_new(void)
{
	struct dashboard *dashboard = xcalloc(1, sizeof(*dashboard));

	dashboard->devices = json_object();
	dashboard->moved = json_object();
	return dashboard;
}

/* Have the list of shown devices made anew. */
static void
drop_shown(struct dashboard *dashboard)
{
	json_decref(dashboard->shown);
	dashboard->shown = NULL;
}

void
dashboard_free(struct dashboard *dashboard)
{
	json_decref(dashboard->devices);
	json_decref(dashboard->moved);
	drop_shown(dashboard);
	free(dashboard);
}

void
dashboard_put(struct dashboard *dashboard, json_t *device, uint64_t now_ms)
{
	const char *id = device_text(device, "id");

	if (id == NULL)
		return;
	if (device_has_moved(json_object_get(dashboard->devices, id), device))
		json_object_set_new(
		    dashboard->moved, id, json_integer((json_int_t)now_ms));
	json_object_set(dashboard->devices, id, device);
	drop_shown(dashboard);
}

void
dashboard_remove(struct dashboard *dashboard, const char *id)
{
	json_object_del(dashboard->devices, id);
	json_object_del(dashboard->moved, id);
	drop_shown(dashboard);
}

void
dashboard_clear(struct dashboard *dashboard)
{
	json_object_clear(dashboard->devices);
	json_object_clear(dashboard->moved);
	drop_shown(dashboard);
}

void
dashboard_filter(struct dashboard *dashboard, const char *words)
{
	if (!text_copy(dashboard->filter, sizeof(dashboard->filter), words))
		return; /* nobody types that much */
	drop_shown(dashboard);
}

static bool
has_word(const json_t *device, const char *word)
{
	static const char *const keys[] = { "id", "label", "address", "type",
		"state", "reason", "note", "policy" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = device_text(device, keys[i]);

		if (text != NULL && strcasestr(text, word) != NULL)
			return true;
	}
	return false;
}

static bool
is_shown(const struct dashboard *dashboard, const json_t *device)
{
	char words[sizeof(dashboard->filter)], *rest = words, *word;

	text_copy(words, sizeof(words), dashboard->filter);
	while ((word = text_word(&rest)) != NULL)
		if (!has_word(device, word))
			return false;
	return true;
}

const json_t *
dashboard_shown(struct dashboard *dashboard)
{
	json_auto_t *list = NULL;
	const char *id;
	json_t *device;

	if (dashboard->shown != NULL)
		return dashboard->shown;
	list = json_array();
	json_object_foreach (dashboard->devices, id, device)
		if (is_shown(dashboard, device))
			json_array_append(list, device);
	dashboard->shown = device_sort(list, device_order_at_work);
	return dashboard->shown;
}

size_t
dashboard_count(struct dashboard *dashboard)
{
	return json_array_size(dashboard_shown(dashboard));
}

size_t
dashboard_total(const struct dashboard *dashboard)
{
	return json_object_size(dashboard->devices);
}

const json_t *
dashboard_get(struct dashboard *dashboard, size_t place)
{
	return json_array_get(dashboard_shown(dashboard), place);
}

const char *
dashboard_id(struct dashboard *dashboard, size_t place)
{
	return device_text(dashboard_get(dashboard, place), "id");
}

size_t
dashboard_place(struct dashboard *dashboard, const char *id)
{
	size_t count = dashboard_count(dashboard), place = 0;

	while (place < count && strcmp(dashboard_id(dashboard, place), id) != 0)
		place++;
	return place;
}

static bool
is_at_work(const json_t *device)
{
	return state_is_at_work(device_state_of(device));
}

json_t *
dashboard_at_work(struct dashboard *dashboard, size_t first, size_t count)
{
	json_t *ids = json_array();

	for (size_t i = first; i < first + count; i++) {
		const json_t *device = dashboard_get(dashboard, i);

		if (device != NULL && is_at_work(device))
			json_array_append(ids, json_object_get(device, "id"));
	}
	return ids;
}

bool
dashboard_is_at_work(const struct dashboard *dashboard)
{
	const char *id;
	json_t *device;

	json_object_foreach (dashboard->devices, id, device)
		if (is_at_work(device))
			return true;
	return false;
}
