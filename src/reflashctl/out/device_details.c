/* SPDX-License-Identifier: ISC */
/* Writes all about one device, a line for each fact. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "reflashctl/out/device_details.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"

/* Where the lines go, and how wide they may be. */
struct paper {
	FILE *out; /* borrowed */
	size_t columns;
};

static void
put(const struct paper *to, const char *label, const char *text,
    enum term_color color)
{
	field_write(to->out, to->columns, label, text, color);
}

static void
tell_progress(const struct paper *to, const json_t *device)
{
	const json_t *progress = json_object_get(device, "progress");
	char text[128], rate[32], left[32], time[32] = "";
	long seconds = device_left(device);

	if (!json_is_object(progress))
		return;
	if (seconds >= 0)
		snprintf(time, sizeof(time), ", %s left",
		    text_seconds(left, sizeof(left), (uint64_t)seconds));
	device_rate(device_number(progress, "rate"), rate, sizeof(rate));
	snprintf(text, sizeof(text), "%lld of %lld bytes%s%s%s",
	    (long long)device_number(progress, "bytes"),
	    (long long)device_number(progress, "total"),
	    rate[0] != '\0' ? ", " : "", rate, time);
	put(to, "progress", text, COLOR_NONE);
}

static void
tell_since(const struct paper *to, const json_t *device)
{
	const char *since = device_text(device, "since");
	time_t when = device_time(since), now = time(NULL);
	char text[80], local[32], ago[32];

	device_local_time(since, local, sizeof(local));
	if (when != (time_t)-1 && now >= when)
		snprintf(text, sizeof(text), "%s (%s ago)", local,
		    text_seconds(ago, sizeof(ago), (uint64_t)(now - when)));
	else
		snprintf(text, sizeof(text), "%s", local);
	put(to, "since", text, COLOR_NONE);
}

/* Print where the device is; the port is that of its Sonoff firmware. */
static void
tell_address(const struct paper *to, const json_t *device)
{
	const char *address = device_text(device, "address");
	const char *page = device_text(device, "page");
	bool present = json_is_true(json_object_get(device, "present"));
	char text[96];

	if (page != NULL || device_state_of(device) == STATE_VERIFIED)
		snprintf(
		    text, sizeof(text), "%s", address != NULL ? address : "-");
	else
		snprintf(text, sizeof(text), "%s port %d, %s",
		    address != NULL ? address : "unknown",
		    (int)device_number(device, "port"),
		    present ? "present" : "not seen lately");
	put(to, "address", text, COLOR_NONE);
	put(to, "mac", device_text(device, "mac"), COLOR_NONE);
	put(to, "its Wi-Fi", device_text(device, "access_point"), COLOR_NONE);
	put(to, "page", page, COLOR_NONE);
}

static void
tell_signal(const struct paper *to, const json_t *device)
{
	char weak[32], text[128];

	if (device_weak_signal(device, weak, sizeof(weak))[0] == '\0')
		return;
	snprintf(text, sizeof(text),
	    "weak, %s: a download may break off; move it or the access point "
	    "closer",
	    weak);
	put(to, "signal", text, COLOR_YELLOW);
}

static void
tell_nature(const struct paper *to, const json_t *device)
{
	const char *type = device_text(device, "type");
	const char *firmware = device_text(device, "firmware");
	char text[128];

	snprintf(text, sizeof(text), "%s, firmware %s%s",
	    type != NULL ? type : "not known yet",
	    firmware != NULL ? firmware : "not told",
	    json_is_true(json_object_get(device, "encrypted"))
		? ", in eWeLink mode"
		: "");
	put(to, "type", text, COLOR_NONE);
}

static void
tell_image(const struct paper *to, const json_t *device)
{
	const json_t *image = json_object_get(device, "image");
	const char *name = device_text(image, "name");
	const char *kind = device_text(image, "kind");
	const char *label = device_text(image, "label");
	char text[200];

	if (label != NULL)
		kind = label;
	put(to, "policy", device_text(device, "policy"), COLOR_NONE);
	if (name == NULL)
		return;
	snprintf(text, sizeof(text), "%s, %lld bytes, %s", name,
	    (long long)device_number(image, "size"),
	    kind != NULL ? kind : "unknown");
	put(to, "image", text, COLOR_NONE);
	put(to, "sha256", device_text(image, "sha256"), COLOR_NONE);
}

static void
tell_attempt(const struct paper *to, const json_t *device)
{
	json_int_t attempt = device_number(device, "attempt");
	json_int_t attempts = device_number(device, "attempts");
	const char *state = device_text(device, "state");
	char text[64];

	/* After a new order, no attempt was needed and none can follow. */
	if (attempts == 0 ||
	    (attempt == 0 && state != NULL &&
		(strcmp(state, "flashed") == 0 ||
		    strcmp(state, "verified") == 0)))
		return;
	snprintf(text, sizeof(text), "%lld of %lld", (long long)attempt,
	    (long long)attempts);
	put(to, "attempt", text, COLOR_NONE);
}

void
device_details(FILE *out, size_t columns, const json_t *device)
{
	const struct paper paper = { out, columns }, *to = &paper;
	char *id = term_text(device_text(device, "id"));
	char state[96];

	fprintf(out, "%sdevice %s%s\n", term_color(COLOR_BOLD), id,
	    term_color(COLOR_NONE));
	put(to, "label", device_text(device, "label"), COLOR_NONE);
	put(to, "state", device_state(device, state, sizeof(state)),
	    device_color(device));
	put(to, "meaning", device_meaning(device), COLOR_NONE);
	put(to, "note", device_text(device, "note"), COLOR_NONE);
	put(to, "detail", device_text(device, "detail"), COLOR_NONE);
	put(to, "what to do", device_text(device, "advice"), COLOR_NONE);
	tell_progress(to, device);
	tell_since(to, device);
	put(to, "name", device_text(device, "name"), COLOR_NONE);
	tell_address(to, device);
	tell_nature(to, device);
	tell_signal(to, device);
	tell_image(to, device);
	tell_attempt(to, device);
	free(id);
}
