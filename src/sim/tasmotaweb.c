/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/tasmota.h"
#include "sim/tasmotaweb.h"
#include "sim/webreply.h"
#include "sim/webrequest.h"

#define CMND_MAX 1200 /* INPUT_BUFFER_SIZE is 1200 on an ESP8266 */
#define SLOW_MS	 4000
#define HARDWARE "ESP8285N08"

struct visit {
	struct tasmota *tasmota; /* borrowed, as all of these */
	const struct webrequest *request;
	struct webreply *reply;
};

/* Its pages name it since 9.3.0 (Tasmota commit 607654297). */
static void
answer(const struct visit *v, const char *status, const char *type,
    const char *body)
{
	const char *version = v->tasmota->image.version;
	char server[64] = "";

	if (firmware_number(version) >= 90300)
		snprintf(server, sizeof(server), "Tasmota/%s (" HARDWARE ")",
		    version);
	webreply_set(v->reply, status, type, server, v->request->http11, body);
}

static bool
may_enter(const struct visit *v)
{
	struct tasmota *t = v->tasmota;
	char password[64], told[64], wanted[80];

	if (fault_has(&t->device->spec.faults, FAULT_TASMOTA_401))
		return false;
	tasmota_get(t, "WebPassword", password, sizeof(password));
	if (password[0] == '\0')
		return true;
	snprintf(wanted, sizeof(wanted), "admin:%s", password);
	if (strcmp(v->request->credentials, wanted) == 0)
		return true;
	return webrequest_arg(v->request, "user", told, sizeof(told)) &&
	    strcmp(told, "admin") == 0 &&
	    webrequest_arg(v->request, "password", told, sizeof(told)) &&
	    strcmp(told, password) == 0;
}

/* All messages as one object: without their braces, joined by commas. */
static char *
join(const json_t *messages)
{
	char *all = xstrdup(""), *longer, *one;
	json_t *message;
	size_t i;

	json_array_foreach (messages, i, message) {
		one = json_dumps(message, JSON_COMPACT);
		one[strlen(one) - 1] = '\0';
		longer = xasprintf("%s%s%s", all,
		    all[0] != '\0' && one[1] != '\0' ? "," : "", one + 1);
		free(one);
		free(all);
		all = longer;
	}
	longer = xasprintf("{%s}", all);
	free(all);
	return longer;
}

static void
bad(const struct visit *v, const char *why)
{
	v->tasmota->bad_calls++;
	device_breach(v->tasmota->device, "web: %s", why);
}

static void
answer_command(const struct visit *v, const char *cmnd)
{
	json_t *messages = json_array();
	char *text;

	tasmota_command(v->tasmota, cmnd, messages);
	text = join(messages);
	answer(v, "200 OK", WEBREPLY_JSON, text);
	free(text);
	json_decref(messages);
}

static void
answer_cm(const struct visit *v)
{
	char cmnd[WEBREQUEST_MAX];

	if (!may_enter(v)) {
		v->tasmota->bad_calls++;
		answer(v, "401 Unauthorized", WEBREPLY_JSON,
		    "{\"WARNING\":\"Need user=<username>&password=<password>"
		    "\"}");
		return;
	}
	if (!webrequest_arg(v->request, "cmnd", cmnd, sizeof(cmnd)) ||
	    cmnd[0] == '\0') {
		bad(v, "no command");
		/* The quote is missing in the original as well. */
		answer(v, "200 OK", WEBREPLY_JSON,
		    "{\"WARNING\":\"Enter command cmnd=}");
		return;
	}
	if (strlen(cmnd) >= CMND_MAX) {
		bad(v, "a command of 1200 bytes or more");
		cmnd[CMND_MAX - 1] = '\0';
	}
	answer_command(v, cmnd);
}

static void
answer_page(const struct visit *v)
{
	if (!may_enter(v))
		answer(v, "401 Unauthorized", WEBREPLY_HTML, "");
	else if (strcmp(v->request->path, "/") == 0)
		answer(v, "200 OK", WEBREPLY_HTML,
		    "<!DOCTYPE html><html><head><title>Tasmota - Main Menu"
		    "</title></head><body>Tasmota by Theo Arends</body>"
		    "</html>");
	else
		answer(v, "404 Not found", "text/plain", "File Not Found\n");
}

void
tasmotaweb_answer(void *ctx, const struct webrequest *r, struct webreply *reply)
{
	struct visit v = { .tasmota = ctx, .request = r, .reply = reply };
	struct device *d = v.tasmota->device;

	v.tasmota->web_calls++;
	if (r == NULL) {
		bad(&v, "not a request");
		return;
	}
	v.tasmota->passwords += r->credentials[0] != '\0';
	device_say(d, "web: %s?%.120s", r->path, r->query);
	if (fault_strikes(&d->spec.faults, FAULT_TASMOTA_HTML, ON_ALL))
		answer(&v, "200 OK", WEBREPLY_HTML,
		    "<html><body>something else</body></html>");
	else if (strcmp(r->path, "/cm") == 0)
		answer_cm(&v);
	else
		answer_page(&v);
	if (fault_has(&d->spec.faults, FAULT_TASMOTA_SLOW))
		reply->delay_ms = SLOW_MS;
}
