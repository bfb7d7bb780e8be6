/* SPDX-License-Identifier: ISC */
/*
 * Answers at the web server of Tasmota: /cm runs commands (HandleHttpCommand).
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"
#include "sim/tasmota/tasmota_web.h"
#include "sim/web/web_reply.h"
#include "sim/web/web_request.h"

#define SLOW_MS	 4000
#define HARDWARE "ESP8285N08"

struct visit {
	struct tasmota *tasmota; /* borrowed, as all of these */
	const struct web_request *request;
	struct web_reply *reply;
};

/* Since 9.3.0 the header Server names Tasmota (Tasmota commit 607654297). */
static void
send_answer(const struct visit *v, const char *status, const char *type,
    const char *body)
{
	const char *version = v->tasmota->image.version;
	char server[64] = "";

	if (firmware_number(version) >= 90300)
		snprintf(server, sizeof(server), "Tasmota/%s (" HARDWARE ")",
		    version);
	web_reply_set(v->reply, status, type, server, v->request->http11, body);
}

/* Return true for user= and password= in the URL; the latter is cut first. */
static bool
is_told_password(const struct visit *v, const char *password, unsigned version)
{
	size_t room = strlen(password) + (version < 90300 ? 1 : 2);
	char told[WEB_REQUEST_MAX] = "";

	if (!web_request_arg(v->request, "user", told, sizeof(told)) ||
	    strncmp(told, "admin", 32) != 0 ||
	    !web_request_arg(v->request, "password", told, sizeof(told)))
		return false;
	told[room - 1] = '\0';
	return strcmp(told, password) == 0;
}

/* Check the password; for commands the header counts since 9.3. */
static bool
may_enter(const struct visit *v, bool command)
{
	struct tasmota *t = v->tasmota;
	unsigned version = firmware_number(t->image.version);
	char password[TASMOTA_VALUE], wanted[TASMOTA_VALUE + 8];

	if (fault_has(&t->device->spec.faults, FAULT_TASMOTA_401))
		return false;
	tasmota_get(t, "WebPassword", password, sizeof(password));
	if (password[0] == '\0')
		return true;
	snprintf(wanted, sizeof(wanted), "admin:%s", password);
	if ((version >= 90300 || !command) &&
	    strcmp(v->request->credentials, wanted) == 0)
		return true;
	return command && is_told_password(v, password, version);
}

/* With SetOption128 0 only pages of the device may ask (since 10.0). */
static bool
is_referred(const struct visit *v)
{
	const struct tasmota *t = v->tasmota;
	const char *referer = v->request->referer;
	char address[INET_ADDRSTRLEN];

	if (firmware_number(t->image.version) < 100000 ||
	    tasmota_number(t, "SetOption128") != 0)
		return true;
	inet_ntop(AF_INET, &t->device->port.address, address, sizeof(address));
	return strlen(referer) > 7 &&
	    (strncasecmp(referer + 7, t->hostname, strlen(t->hostname)) == 0 ||
		strncmp(referer + 7, address, strlen(address)) == 0);
}

static void
note_bad_call(const struct visit *v, const char *why)
{
	v->tasmota->bad_calls++;
	device_breach(v->tasmota->device, "web: %s", why);
}

/* Up to 9.2 the answer comes from the log of the web pages. */
static void
answer_command(const struct visit *v, const char *cmnd)
{
	struct tasmota *t = v->tasmota;
	unsigned version = firmware_number(t->image.version);
	struct tasmota_say said = { 0 };
	char *text;

	tasmota_command(t, cmnd, &said);
	if (version < 90300 &&
	    (said.count == 0 || tasmota_number(t, "WebLog") < 2))
		text = xstrdup("{\"WARNING\":\"Enable weblog 2 if response "
			       "expected\"}");
	else
		text = tasmota_say_body(&said, version);
	send_answer(v, "200 OK", WEB_REPLY_JSON, text);
	free(text);
	tasmota_say_fini(&said);
}

static void
refuse_command(const struct visit *v)
{
	unsigned version = firmware_number(v->tasmota->image.version);

	v->tasmota->bad_calls++;
	send_answer(v, version < 80300 ? "200 OK" : "401 Unauthorized",
	    WEB_REPLY_JSON,
	    "{\"WARNING\":\"Need user=<username>&password=<password>\"}");
}

/* Refuse a call without a command; the original lacks the quote as well. */
static void
refuse_empty(const struct visit *v, const char *why)
{
	note_bad_call(v, why);
	send_answer(
	    v, "200 OK", WEB_REPLY_JSON, "{\"WARNING\":\"Enter command cmnd=}");
}

static void
answer_cm(const struct visit *v)
{
	unsigned version = firmware_number(v->tasmota->image.version);
	size_t limit = version < 80200 ? 1000 : 1200;
	char cmnd[WEB_REQUEST_MAX];

	if (!is_referred(v)) {
		v->tasmota->bad_calls++;
		v->reply->text = xstrdup("");
	} else if (!may_enter(v, true)) {
		refuse_command(v);
	} else if (!web_request_arg(v->request, "cmnd", cmnd, sizeof(cmnd)) ||
	    cmnd[0] == '\0') {
		refuse_empty(v, "no command");
	} else if (strlen(cmnd) >= limit) {
		refuse_empty(v, "a command that is too long");
	} else {
		answer_command(v, cmnd);
	}
}

static void
answer_page(const struct visit *v)
{
	if (!may_enter(v, false))
		send_answer(v, "401 Unauthorized", WEB_REPLY_HTML, "");
	else if (strcmp(v->request->path, "/") == 0)
		send_answer(v, "200 OK", WEB_REPLY_HTML,
		    "<!DOCTYPE html><html><head><title>Tasmota - Main Menu"
		    "</title></head><body>Tasmota by Theo Arends</body>"
		    "</html>");
	else
		send_answer(
		    v, "404 Not found", "text/plain", "File Not Found\n");
}

void
tasmota_web_answer(
    void *ctx, const struct web_request *r, struct web_reply *reply)
{
	struct visit v = { .tasmota = ctx, .request = r, .reply = reply };
	struct device *d = v.tasmota->device;

	v.tasmota->web_calls++;
	if (r == NULL) {
		note_bad_call(&v, "not a request");
		return;
	}
	v.tasmota->passwords += r->credentials[0] != '\0';
	device_say(d, "web: %s?%.120s", r->path, r->query);
	if (fault_strikes(&d->spec.faults, FAULT_TASMOTA_HTML, ON_ALL))
		send_answer(&v, "200 OK", WEB_REPLY_HTML,
		    "<html><body>something else</body></html>");
	else if (strcmp(r->path, "/cm") == 0)
		answer_cm(&v);
	else
		answer_page(&v);
	if (fault_has(&d->spec.faults, FAULT_TASMOTA_SLOW))
		reply->delay_ms = SLOW_MS;
}
