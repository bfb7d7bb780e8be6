/* SPDX-License-Identifier: ISC */
/* Downloads an upgrade of Tasmota and boots it, as the real one does. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/update_name.h"
#include "sim/tasmota/updater.h"
#include "sim/tasmota/update_reply.h"
#include "sim/web/web.h"
#include "sim/timer.h"

#define FIRST_MS   300 /* 3 s in the original */
#define TIMEOUT_MS 8000
#define PIECE	   4096
#define NETWORK_UP 3 /* retries long: 6 s in the original */

struct updater {
	struct tasmota *tasmota; /* borrowed */
	struct bufferevent *bev;
	struct evbuffer *body;
	struct event *timer, *pace;
	struct update_head head;
	char url[UPDATE_URL_SIZE]; /* of this try */
	struct update_url parsed;
	unsigned tries;
	bool minimal, head_read, closed;
};

static void
drop_connection(struct updater *u)
{
	if (u->bev != NULL)
		bufferevent_free(u->bev);
	u->bev = NULL;
	u->head_read = u->closed = false;
	evbuffer_drain(u->body, evbuffer_get_length(u->body));
	event_del(u->timer);
	event_del(u->pace);
}

/* Note a try for the report; why is NULL if it went well. */
static void
note_try(struct updater *u, const char *why)
{
	const struct update_head *h = &u->head;
	json_t *one = json_pack("{s:s, s:i, s:i, s:I, s:b, s:b, s:s, s:i}",
	    "url", u->url, "try", (int)u->tries, "status", h->status, "length",
	    (json_int_t)h->length, "md5", h->md5[0] != '\0', "encoded",
	    h->coded, "result", why != NULL ? why : "ok", "free",
	    (int)tasmota_free_bytes(u->tasmota));

	if (json_array_size(u->tasmota->upgrades) < 100)
		json_array_append(u->tasmota->upgrades, one);
	json_decref(one);
	device_say(u->tasmota->device, "upgrade from %s: %s", u->url,
	    why != NULL ? why : "ok");
}

static void
fail_try(struct updater *u, const char *why)
{
	struct tasmota *t = u->tasmota;

	note_try(u, why);
	/* A minimal build cannot become smaller. */
	if (strcmp(why, UPDATE_NO_SPACE) == 0 && !tasmota_is_minimal(t))
		u->minimal = true;
	drop_connection(u);
	timer_set(u->timer, t->device->spec.retry_ms);
}

/* Boot the downloaded image.  This is the last call of the try. */
static void
boot_image(struct updater *u, const unsigned char *body, size_t len)
{
	struct tasmota *t = u->tasmota;
	bool keeps = fault_has(&t->device->spec.faults, FAULT_UPGRADE_FAILS);
	struct firmware next;

	firmware_identify(&next, body, len);
	t->loader = u->minimal && !keeps;
	drop_connection(u);
	if (next.kind == FIRMWARE_UNKNOWN || next.kind == FIRMWARE_ESPHOME) {
		device_breach(t->device, "upgrade to what is no Tasmota");
		tasmota_stop(t);
		return;
	}
	if (tasmota_is_minimal(t) && strcmp(next.variant, "minimal") == 0)
		device_breach(t->device, "upgrade of a minimal to a minimal");
	tasmota_restart(t, keeps ? NULL : &next);
}

static void
finish_download(struct updater *u)
{
	size_t len = evbuffer_get_length(u->body);
	const unsigned char *body = evbuffer_pullup(u->body, -1);
	const char *why = update_reply_check(&u->head, body, len);

	if (why != NULL) {
		fail_try(u, why);
		return;
	}
	note_try(u, NULL);
	boot_image(u, body, len);
}

/* Read the head of the answer; false: the try has failed. */
static bool
read_head(struct updater *u, struct evbuffer *in)
{
	const char *why;

	switch (update_reply_read((const char *)evbuffer_pullup(in, -1),
	    evbuffer_get_length(in), &u->head)) {
	case UPDATE_MORE:
		return true;
	case UPDATE_BAD:
		fail_try(u, "not HTTP");
		return false;
	case UPDATE_HEAD:
		break;
	}
	u->head_read = true;
	evbuffer_drain(in, u->head.len);
	why = update_reply_refuse(&u->head, tasmota_free_bytes(u->tasmota));
	if (why != NULL)
		fail_try(u, why);
	return why == NULL;
}

static void
take_body(struct updater *u, size_t most)
{
	struct evbuffer *in = bufferevent_get_input(u->bev);
	size_t missing = (size_t)u->head.length - evbuffer_get_length(u->body);

	most = most < missing ? most : missing;
	evbuffer_remove_buffer(in, u->body, most);
	timer_set(u->timer, TIMEOUT_MS);
	if (evbuffer_get_length(u->body) == (size_t)u->head.length)
		finish_download(u);
	else if (evbuffer_get_length(in) == 0 && u->closed)
		finish_download(u);
	else if (evbuffer_get_length(in) > 0)
		timer_set(u->pace, u->tasmota->device->spec.chunk_ms);
}

/* Take a piece after the time that a real flash needs for it. */
static void
on_pace(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	take_body(ctx, PIECE);
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct updater *u = ctx;
	unsigned pace = u->tasmota->device->spec.chunk_ms;

	if (!u->head_read && !read_head(u, bufferevent_get_input(bev)))
		return;
	if (!u->head_read)
		return;
	if (pace == 0)
		take_body(u, SIZE_MAX);
	else if (!evtimer_pending(u->pace, NULL))
		timer_set(u->pace, pace);
}

static void
on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct updater *u = ctx;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		return;
	u->closed = true;
	if (!u->head_read)
		fail_try(u, "connection lost");
	else if (evbuffer_get_length(bufferevent_get_input(u->bev)) > 0)
		timer_set(u->pace, 0);
	else
		finish_download(u);
}

static void
say_request(struct updater *u)
{
	const struct tasmota *t = u->tasmota;
	struct evbuffer *out = bufferevent_get_output(u->bev);
	const unsigned char *m = t->device->port.mac;
	char mac[18], version[48];

	tasmota_mac(t, mac);
	evbuffer_add_printf(out,
	    "GET %s HTTP/1.0\r\nHost: %s\r\n"
	    "User-Agent: ESP8266-http-Update\r\nConnection: close\r\n"
	    "x-ESP8266-Chip-ID: %u\r\nx-ESP8266-STA-MAC: %s\r\n"
	    "x-ESP8266-AP-MAC: %02X%s\r\n",
	    u->parsed.path, u->parsed.host,
	    (unsigned)m[3] << 16 | (unsigned)m[4] << 8 | m[5], mac, m[0] | 2,
	    mac + 2);
	evbuffer_add_printf(out,
	    "x-ESP8266-free-space: %u\r\nx-ESP8266-sketch-size: %u\r\n"
	    "x-ESP8266-sketch-md5: 0123456789abcdef0123456789abcdef\r\n"
	    "x-ESP8266-chip-size: 1048576\r\n"
	    "x-ESP8266-sdk-version: 2.2.2-dev(38a443e)\r\n"
	    "x-ESP8266-mode: sketch\r\nx-ESP8266-version: %s\r\n\r\n",
	    tasmota_free_bytes(t), 0xfb000 - tasmota_free_bytes(t),
	    tasmota_version(t, version, sizeof(version)));
}

static void
fetch_image(struct updater *u)
{
	struct device *d = u->tasmota->device;
	struct error err;
	int fd;

	u->head = (struct update_head){ .length = -1 };
	if (!update_name_parse(&u->parsed, u->url)) {
		fail_try(u, "no such server");
		return;
	}
	fd = lan_socket(&d->port, SOCK_STREAM, 0, &err);
	if (fd < 0) {
		fail_try(u, err.text);
		return;
	}
	u->bev = bufferevent_socket_new(
	    d->sim->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	bufferevent_setwatermark(u->bev, EV_READ, 0, 2 * PIECE);
	bufferevent_setcb(u->bev, on_read, NULL, on_event, u);
	bufferevent_enable(u->bev, EV_READ | EV_WRITE);
	say_request(u);
	timer_set(u->timer, TIMEOUT_MS);
	bufferevent_socket_connect(u->bev, (struct sockaddr *)&u->parsed.server,
	    sizeof(u->parsed.server));
}

/* Start a try, or end one that takes too long. */
static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct updater *u = ctx;
	struct tasmota *t = u->tasmota;
	char wanted[UPDATE_URL_SIZE];

	(void)fd;
	(void)what;
	if (u->bev != NULL) {
		fail_try(u, "timeout");
		return;
	}
	web_close(t->web);
	tasmota_get(t, "OtaUrl", wanted, sizeof(wanted));
	if (update_name_try(u->url, wanted, ++u->tries, u->minimal))
		fetch_image(u);
	else
		tasmota_restart(t, NULL);
}

struct updater *
updater_new(struct tasmota *t)
{
	struct updater *u = xcalloc(1, sizeof(*u));

	u->tasmota = t;
	u->body = evbuffer_new();
	u->timer = evtimer_new(t->device->sim->base, on_timer, u);
	u->pace = evtimer_new(t->device->sim->base, on_pace, u);
	return u;
}

void
updater_start(struct updater *u)
{
	struct fault_set *faults = &u->tasmota->device->spec.faults;

	if (u->tries > 0 || evtimer_pending(u->timer, NULL) ||
	    fault_strikes(faults, FAULT_UPGRADE_NEVER_FETCHES, ON_ALL))
		return;
	timer_set(u->timer, FIRST_MS);
}

void
updater_go_on(struct updater *u)
{
	struct device *d = u->tasmota->device;

	u->tasmota->loader = false;
	if (!fault_strikes(&d->spec.faults, FAULT_UPGRADE_STUCK, ON_ALL))
		timer_set(u->timer, NETWORK_UP * d->spec.retry_ms);
}

void
updater_stop(struct updater *u)
{
	drop_connection(u);
	u->tries = 0;
	u->minimal = false;
}

void
updater_free(struct updater *u)
{
	if (u == NULL)
		return;
	drop_connection(u);
	evbuffer_free(u->body);
	event_free(u->timer);
	event_free(u->pace);
	free(u);
}
