/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/configuration.h"
#include "core/gate.h"
#include "io/client.h"
#include "io/neigh.h"
#include "reflashd/aftercare.h"
#include "reflashd/contact.h"
#include "reflashd/identity.h"
#include "reflashd/look.h"
#include "reflashd/roster.h"
#include "reflashd/tell.h"

#define LOOK_MS	      5000  /* a device that answers does so in < 1 s */
#define SILENT_TICKS  3	    /* requeries without a sign: it is absent */
#define LOOK_AGAIN_MS 10000 /* no sooner after a look that failed */

/* A question asked outside of jobs: who is at this address? */
struct look {
	struct daemon *daemon; /* borrowed */
	struct device *device; /* borrowed; NULL: any, at that address */
	struct in_addr address;
	uint16_t port;
	bool omit_id;
	bool rival;		  /* does the old address still answer, too? */
	bool configured;	  /* nobody but us says that it is there */
	struct client_call *call; /* borrowed */
	struct look *prev, *next;
};

static void look_send(struct look *);

bool
look_is_silent(const struct daemon *daemon, const struct device *device)
{
	return daemon_now_ms() > device->seen_ms +
	    UINT64_C(1000) * SILENT_TICKS * daemon->setup.config->requery_sec;
}

/* What an answer can put right: not a bad image, say. */
static bool
may_be_cleared(const struct device *device)
{
	return device->state != STATE_REFUSED ||
	    device->reason == REASON_WRONG_DEVICE;
}

bool
look_is_wanted(const struct device *device)
{
	char detail[DEVICE_DETAIL_SIZE];

	return !device->info_known && may_be_cleared(device) &&
	    device->has_address && device->look == NULL &&
	    device->job == NULL && daemon_now_ms() >= device->look_after_ms &&
	    gate_device(device, detail, sizeof(detail)) == REASON_NONE;
}

static struct look *
look_new(struct daemon *daemon, struct device *device, struct in_addr address,
    uint16_t port)
{
	struct look *look = xcalloc(1, sizeof(*look));

	look->daemon = daemon;
	look->device = device;
	look->address = address;
	look->port = port;
	look->omit_id = device == NULL || device->omit_id;
	DL_APPEND(daemon->looks, look);
	return look;
}

static void
look_free(struct look *look)
{
	if (look->device != NULL && look->device->look == look)
		look->device->look = NULL;
	client_cancel(look->call);
	DL_DELETE(look->daemon->looks, look);
	free(look);
}

void
look_at(struct daemon *daemon, struct device *device)
{
	struct look *look;

	if (contact_why_not(daemon, device->address) != NULL)
		return;
	look = look_new(daemon, device, device->address, device->port);
	device->look = look;
	look_send(look);
}

static void
blame_rival(struct look *look)
{
	struct device *device = look->device;
	char old[INET_ADDRSTRLEN], new[INET_ADDRSTRLEN];
	char both[128];

	inet_ntop(AF_INET, &look->address, old, sizeof(old));
	inet_ntop(AF_INET, &device->address, new, sizeof(new));
	device->rival = look->address;
	snprintf(both, sizeof(both), "both %s and %s say that they are %s", old,
	    new, device->id);
	if (device->job != NULL && job_may_cancel(device->job))
		job_refuse(device->job, REASON_WRONG_DEVICE, both);
	else
		tell_device(device, LOG_WARNING, "%s", both);
}

static bool
is_reply_of(const struct devapi_reply *reply, const struct look *look)
{
	if (!reply->has_error || reply->error != 0)
		return false;
	if (reply->info.id[0] == '\0')
		return !look->omit_id;
	return look->device == NULL ||
	    strcmp(reply->info.id, look->device->id) == 0;
}

/* A configured device has told its id. */
static struct device *
introduce(struct look *look, const struct devapi_info *info)
{
	struct device *device;

	if (info->id[0] == '\0')
		return NULL;
	device = registry_get(look->daemon->registry, info->id, true);
	if (device == NULL || device->job != NULL)
		return NULL;
	if (device_took_image(device))
		return device; /* where it is is not settled yet */
	device->address = look->address;
	device->has_address = true;
	device->port = look->port;
	return device;
}

/* Somebody else's hardware, whatever id it claims? */
static bool
turn_away_stranger(const struct device *device, struct in_addr address)
{
	char mac[NEIGH_MAC_SIZE], text[INET_ADDRSTRLEN];
	struct error err;

	if (device->mac[0] == '\0' || !neigh_find_mac(address, mac, &err) ||
	    strcasecmp(mac, device->mac) == 0)
		return false;
	inet_ntop(AF_INET, &address, text, sizeof(text));
	tell_device(device, LOG_WARNING,
	    "another device (%s, %s) claims this id: ignored", text, mac);
	return true;
}

/* It runs its old firmware, whatever we believed. */
static void
is_stock_again(
    struct look *look, struct device *device, const struct devapi_info *info)
{
	aftercare_abandon(look->daemon, device);
	device->address = look->address;
	device->present = true;
	device_learn(device, info);
	if (device->ordered && !state_is_at_work(device->state)) {
		tell_device(device, LOG_INFO,
		    "it answers as before it was flashed, as was ordered "
		    "again");
		return; /* a failure would end the order that waited for it */
	}
	device_blame(device, REASON_CAME_BACK_STOCK,
	    "it answers as before it was flashed");
	device_post(device, MACHINE_STOCK);
}

static void
look_told(struct look *look, const struct devapi_reply *reply)
{
	struct device *device = look->device;

	if (device == NULL)
		device = introduce(look, &reply->info);
	if (device == NULL)
		return;
	if ((device_took_image(device) || device->state == STATE_REBOOTING) &&
	    turn_away_stranger(device, look->address))
		return;
	if (device_took_image(device)) {
		is_stock_again(look, device, &reply->info);
		return;
	}
	if (device->state == STATE_REBOOTING)
		device->address = look->address;
	device->present = true;
	device->seen_ms = daemon_now_ms();
	device->omit_id = look->omit_id && look->device != NULL;
	device_learn(device, &reply->info);
	identity_learn(device);
}

/*
 * No info, but perhaps a sign of somebody: that is all that makes a configured
 * device present, and its job will find out what is wrong with it.
 */
static void
look_failed(struct look *look, const char *why, bool somebody)
{
	struct device *device = look->device;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &look->address, text, sizeof(text));
	log_debug("device", "%s: no info: %s", text, why);
	if (device == NULL)
		return;
	device->look_after_ms = daemon_now_ms() + LOOK_AGAIN_MS;
	if (somebody && look->configured)
		device->present = true;
	else if (look_is_silent(look->daemon, device))
		device->present = false;
}

/* The reply, or NULL and why there is none that can be used. */
static void
look_done(struct look *look, const struct devapi_reply *reply, const char *why,
    bool somebody)
{
	struct daemon *daemon = look->daemon;
	struct device *device = look->device;

	if (look->rival) {
		if (reply != NULL && is_reply_of(reply, look))
			blame_rival(look);
	} else if (reply != NULL && is_reply_of(reply, look)) {
		look_told(look, reply);
	} else if (reply != NULL && device != NULL &&
	    (reply->encrypted || reply->error == 401)) {
		device->encrypted = true;
	} else {
		look_failed(look, why, somebody);
	}
	look_free(look);
	if (device != NULL && state_is_at_work(device->state))
		return;
	if (device != NULL)
		roster_consider(daemon, device);
	else
		roster_consider_soon(daemon);
}

static void
on_look(const struct client_result *result, void *ctx)
{
	struct look *look = ctx;
	struct devapi_reply reply;
	struct error err;

	look->call = NULL;
	if (result->end != CLIENT_OK) {
		bool silent = result->sent && result->end != CLIENT_BAD;

		/* 3.7.6 may answer without the key (NJH sonoff-ota#18). */
		if (silent && look->device != NULL && !look->rival &&
		    !look->omit_id) {
			look->omit_id = true;
			look_send(look);
			return;
		}
		look_done(look, NULL, result->why, result->sent);
	} else if (!devapi_parse_reply(
		       result->body, result->body_len, &reply, &err)) {
		look_done(look, NULL, err.text, true);
	} else {
		look_done(look, &reply, "it is another device", true);
	}
}

static void
look_send(struct look *look)
{
	const char *id = look->omit_id ? NULL : look->device->id;
	char *body = devapi_request(id);
	struct client_request request = {
		.http = { .address = look->address,
		    .port = look->port,
		    .method = "POST",
		    .path = devapi_path(DEVAPI_INFO),
		    .content_type = "application/json",
		    .body = body,
		    .body_len = strlen(body) },
		.timeout_ms = LOOK_MS,
		.may_repeat = true,
	};

	look->call = client_send(look->daemon->client, &request, on_look, look);
	free(body);
}

void
look_at_configured(struct daemon *daemon, const struct config_device *entry)
{
	struct device *device = NULL;
	struct look *look;

	if (entry->id[0] != '\0') {
		device = registry_get(daemon->registry, entry->id, true);
		if (device == NULL || device->job != NULL ||
		    device->look != NULL)
			return;
		if (!device->has_address) {
			device->address = entry->address;
			device->port = entry->port;
			device->has_address = true;
		}
		if (device->address.s_addr != entry->address.s_addr)
			return; /* it announces another one itself */
	}
	if (contact_why_not(daemon, entry->address) != NULL) {
		if (device != NULL)
			roster_consider(daemon, device);
		return;
	}
	look = look_new(daemon, device, entry->address, entry->port);
	look->configured = true;
	if (device != NULL)
		device->look = look;
	look_send(look);
}

void
look_at_old_address(
    struct daemon *daemon, struct device *device, struct in_addr old)
{
	struct look *look;

	if (contact_why_not(daemon, old) != NULL)
		return;
	look = look_new(daemon, device, old, device->port);
	look->rival = true;
	look->omit_id = device->omit_id;
	look_send(look);
}

void
look_whether_stock(
    struct daemon *daemon, struct device *device, struct in_addr address)
{
	struct look *look;

	if (device->look != NULL || contact_why_not(daemon, address) != NULL ||
	    daemon_now_ms() < device->look_after_ms)
		return;
	device->look_after_ms = daemon_now_ms() + LOOK_AGAIN_MS;
	look = look_new(daemon, device, address, DEVICE_PORT);
	device->look = look;
	look_send(look);
}

void
look_hang_up(struct daemon *daemon, struct device *device)
{
	struct look *look, *next;

	DL_FOREACH_SAFE (daemon->looks, look, next)
		if (look->device == device)
			look_free(look);
}

void
look_stop(struct daemon *daemon)
{
	struct look *look, *next;

	DL_FOREACH_SAFE (daemon->looks, look, next)
		look_free(look);
}
