/* SPDX-License-Identifier: ISC */
/* Writes the requests of a download: for a range, and with the verdict. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/stock/ota_say.h"

/* 3.5 and 3.6 send this host whatever the URL is (njh/sonoff-ota-flash-cli). */
#define VENDOR_HOST "dl.itead.cn"

static bool
has_fault(const struct device *d, enum fault fault)
{
	return fault_has(&d->plan, fault);
}

static void
say_host(struct evbuffer *out, const struct device *d, const char *host)
{
	if (firmware_number(d->spec.firmware) >= 30500)
		host = VENDOR_HOST;
	evbuffer_add_printf(out, "Host: %s\r\n", host);
}

void
ota_say_get(struct evbuffer *out, const struct device *d,
    const struct ota_url *url, uint64_t first, uint64_t last)
{
	bool slash = !has_fault(d, FAULT_NO_SLASH),
	     query = has_fault(d, FAULT_QUERY_STRING);

	evbuffer_add_printf(out, "GET %s", url->path + (slash ? 0 : 1));
	if (query)
		evbuffer_add_printf(
		    out, "?deviceid=%s&ts=17&sign=%064d", d->spec.id, 0);
	evbuffer_add_printf(out, " HTTP/1.1\r\n");
	if (slash)
		say_host(out, d, url->host);
	if (query)
		evbuffer_add_printf(out, "User-Agent: itead-device\r\n");
	evbuffer_add_printf(
	    out, "Range: bytes=%" PRIu64 "-%" PRIu64 "\r\n\r\n", first, last);
}

static void
say_post(struct evbuffer *out, const char *body)
{
	evbuffer_add_printf(out,
	    "POST /api/device/otaFlash HTTP/1.1\r\nHost: " VENDOR_HOST "\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
}

void
ota_say_verdict(struct evbuffer *out, const struct device *d, int verdict)
{
	char body[32];

	snprintf(body, sizeof(body), "{\"error\":%d}", verdict);
	if (has_fault(d, FAULT_VERDICT_GARBAGE))
		text_copy(body, sizeof(body), "upload done");
	if (has_fault(d, FAULT_VERDICT_STRING))
		text_copy(body, sizeof(body), "{\"error\":\"0\"}");
	say_post(out, body);
	device_say(d, "says %s", body);
}

int
ota_say_choose(const struct device *d, int verdict)
{
	static const struct {
		enum fault fault;
		int code;
	} lies[] = {
		{ FAULT_VERDICT_404, 404 },
		{ FAULT_VERDICT_FROM_OTHER, 404 },
		{ FAULT_VERDICT_406, 406 },
		{ FAULT_VERDICT_409, 409 },
		{ FAULT_VERDICT_410, 410 },
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		if (has_fault(d, lies[i].fault))
			return lies[i].code;
	return verdict;
}

struct bufferevent *
ota_say_stray(struct sim *sim, const struct sockaddr_in *server)
{
	struct sockaddr_in to = *server;
	struct bufferevent *bev;
	struct error err;
	int fd = lan_socket(&sim->stranger, SOCK_STREAM, 0, &err);

	if (fd < 0)
		return NULL;
	bev = bufferevent_socket_new(sim->base, fd, BEV_OPT_CLOSE_ON_FREE);
	say_post(bufferevent_get_output(bev), "{\"error\":0}");
	bufferevent_socket_connect(bev, (struct sockaddr *)&to, sizeof(to));
	return bev;
}
