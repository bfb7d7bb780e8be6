/* SPDX-License-Identifier: ISC */
/* Takes what the daemon tells, and has the open pages told of it. */
#include "config.h"

#include <stdlib.h>

#include "base/log.h"
#include "io/timer.h"
#include "web/web_parts.h"

#define STATUS_MS 1000 /* not more often: it is a walk through all devices */

static void
on_own_status(const json_t *reply, void *ctx)
{
	struct web_site *site = ctx;
	json_t *status;
	char *text;

	site->is_status_asked = false;
	if (json_is_true(json_object_get(reply, "ok"))) {
		status = web_list_status_of(reply);
		text = json_dumps(status, JSON_COMPACT);
		if (text != NULL)
			web_events_status(site->events, text);
		free(text);
		json_decref(status);
	}
	if (site->is_status_old)
		timer_set(site->ask_status, STATUS_MS);
}

/* Ask for the status, if a page shows it and it may be another now. */
void
web_feed_ask_status(void *ctx)
{
	struct web_site *site = ctx;

	if (site->is_status_asked || !site->is_status_old ||
	    !web_events_are_read(site->events))
		return;
	if (daemon_link_ask(
		site->link, CTL_STATUS, NULL, on_own_status, site)) {
		site->is_status_asked = true;
		site->is_status_old = false;
	}
}

static void
changed(struct web_site *site)
{
	web_events_changed(site->events);
	site->is_status_old = true;
	if (web_events_are_read(site->events) && !site->is_status_asked &&
	    !timer_is_set(site->ask_status))
		timer_set(site->ask_status, STATUS_MS);
}

static void
on_listing(void *ctx)
{
	web_devices_listing(((struct web_site *)ctx)->devices);
}

static void
on_device(const json_t *device, void *ctx)
{
	struct web_site *site = ctx;

	web_devices_set(site->devices, device);
	changed(site);
}

static void
on_forgotten(const char *id, void *ctx)
{
	struct web_site *site = ctx;

	web_devices_forget(site->devices, id);
	changed(site);
}

static void
on_listed(void *ctx)
{
	struct web_site *site = ctx;

	log_info("web: the daemon answers");
	web_devices_listed(site->devices);
	web_events_up(site->events);
	changed(site);
}

static void
on_down(const struct error *err, void *ctx)
{
	struct web_site *site = ctx;

	log_warning("web: the daemon does not answer: %s", err->text);
	web_events_down(site->events, err->text);
}

const struct daemon_link_ops web_feed_ops = {
	.listing = on_listing,
	.device = on_device,
	.forgotten = on_forgotten,
	.listed = on_listed,
	.down = on_down,
};
