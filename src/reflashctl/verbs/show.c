/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/show.h"

static void
print_progress(const json_t *device)
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
	field_print("progress", text, COLOR_NONE);
}

static void
print_since(const json_t *device)
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
	field_print("since", text, COLOR_NONE);
}

static void
print_address(const json_t *device)
{
	const char *address = device_text(device, "address");
	bool present = json_is_true(json_object_get(device, "present"));
	char text[96];

	snprintf(text, sizeof(text), "%s port %d, %s",
	    address != NULL ? address : "unknown",
	    (int)device_number(device, "port"),
	    present ? "present" : "not seen lately");
	field_print("address", text, COLOR_NONE);
	field_print("mac", device_text(device, "mac"), COLOR_NONE);
}

static void
print_nature(const json_t *device)
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
	field_print("type", text, COLOR_NONE);
}

static void
print_image(const json_t *device)
{
	const json_t *image = json_object_get(device, "image");
	const char *name = device_text(image, "name");
	const char *kind = device_text(image, "kind");
	char text[200];

	field_print("policy", device_text(device, "policy"), COLOR_NONE);
	if (name == NULL)
		return;
	snprintf(text, sizeof(text), "%s, %lld bytes, %s", name,
	    (long long)device_number(image, "size"),
	    kind != NULL ? kind : "unknown");
	field_print("image", text, COLOR_NONE);
	field_print("sha256", device_text(image, "sha256"), COLOR_NONE);
}

static void
print_attempt(const json_t *device)
{
	json_int_t attempt = device_number(device, "attempt");
	json_int_t attempts = device_number(device, "attempts");
	const char *state = device_text(device, "state");
	char text[64];

	/* Since it was ordered again, none was needed, nor can one follow. */
	if (attempts == 0 ||
	    (attempt == 0 && state != NULL &&
		(strcmp(state, "flashed") == 0 ||
		    strcmp(state, "verified") == 0)))
		return;
	snprintf(text, sizeof(text), "%lld of %lld", (long long)attempt,
	    (long long)attempts);
	field_print("attempt", text, COLOR_NONE);
}

static void
print_device(const json_t *device)
{
	char *id = term_text(device_text(device, "id"));
	char state[96];

	printf("%sdevice %s%s\n", term_color(COLOR_BOLD), id,
	    term_color(COLOR_NONE));
	field_print("state", device_state(device, state, sizeof(state)),
	    device_color(device));
	field_print("meaning", device_meaning(device), COLOR_NONE);
	field_print("detail", device_text(device, "detail"), COLOR_NONE);
	field_print("what to do", device_text(device, "advice"), COLOR_NONE);
	print_progress(device);
	print_since(device);
	field_print("name", device_text(device, "name"), COLOR_NONE);
	print_address(device);
	print_nature(device);
	print_image(device);
	print_attempt(device);
	free(id);
}

void
show_device(json_t *device, bool json)
{
	if (json)
		json_out_print(
		    "device", json_out_object(JSON_OUT_DEVICE, device));
	else
		print_device(device);
}

int
verb_show(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_device(ctl, CTL_SHOW, argv[0], NULL, &answer);

	(void)argc;
	if (rc == CTL_EXIT_DONE)
		show_device(json_object_get(answer.reply, "device"), ctl->json);
	answer_fini(&answer);
	return rc;
}
