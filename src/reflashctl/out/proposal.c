/* SPDX-License-Identifier: ISC */
/* Writes a first policy, with a comment above each of its choices. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/config/version.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/proposal.h"
#include "reflashctl/out/term.h"

#define MAX_COMMENTED 20 /* devices with a line of their own */
#define IDS_IN_LINE   6	 /* of more devices */
#define MAX_PARALLEL  2
#define COLUMNS	      80

/* Firmware whose update protocol is known. */
#define FIRMWARE_KNOWN ">=3.3 <3.9"

bool
proposal_can_name(const char *image)
{
	return image != NULL && image[0] != '\0' &&
	    image[strspn(image,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._+@=,-")] == '\0';
}

static bool
is_kind(const json_t *image, const char *kind)
{
	const char *is = device_text(image, "kind");

	return is != NULL && strcmp(is, kind) == 0;
}

/* Return how good an image is; 0: it is no first image. */
static int
rank_image(const json_t *image)
{
	const char *verdict = device_text(image, "verdict");
	int rank = is_kind(image, "tasmota") ? 3
	    : is_kind(image, "esphome")	     ? 2
					     : 1;

	if (verdict == NULL || device_text(image, "sha256") == NULL ||
	    !proposal_can_name(device_text(image, "name")))
		return 0;
	if (strcmp(verdict, "accept") == 0)
		return rank + 3;
	return strcmp(verdict, "warn") == 0 ? rank : 0;
}

/* Return true if the version of an image is known, and later than the other. */
static bool
is_later(const json_t *image, const json_t *other)
{
	const char *text = device_text(image, "version");
	const char *before = device_text(other, "version");
	struct version version, old;

	if (text == NULL || !version_parse(text, &version))
		return false;
	return before == NULL || !version_parse(before, &old) ||
	    version_compare(&version, &old) > 0;
}

json_t *
proposal_image(const json_t *images)
{
	json_t *image, *best = NULL;
	size_t i;

	json_array_foreach (images, i, image) {
		int rank = rank_image(image);

		if (rank == 0)
			continue;
		if (best == NULL || rank > rank_image(best) ||
		    (rank == rank_image(best) && is_later(image, best)))
			best = image;
	}
	return best;
}

/* Write a comment, broken into lines. */
static void
comment(FILE *out, const char *text)
{
	char *wrapped = NULL, *clean = term_text(text), *line, *rest;
	size_t size = 0;
	FILE *lines = open_memstream(&wrapped, &size);

	if (lines == NULL)
		abort();
	term_wrap(lines, clean, 0, COLUMNS - 2);
	fclose(lines);
	for (rest = wrapped; (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] != '\0')
			fprintf(out, "# %s\n", line);
	free(wrapped);
	free(clean);
}

static void
write_head(FILE *out, size_t count, const json_t *image)
{
	char *label = term_text(device_text(image, "label"));

	fprintf(out, "# A first policy: %zu device%s, to %s.\n#\n", count,
	    count == 1 ? "" : "s", label);
	comment(out,
	    "Made by \"reflashctl propose\" from the devices and the images "
	    "that reflashd knows.  Read it, and change what you want: "
	    "reflashd-policy(5) explains every key.  As it is, nothing is "
	    "flashed before you approve it.");
	comment(out, "There is no way back to the Sonoff firmware.");
	fputs("#\n", out);
	comment(out,
	    "The name of this file is its place among the policies: the first "
	    "one that fits a device decides about it.");
	free(label);
}

/* Write "# hall, 192.168.1.23, diy_plug, firmware 3.6.0". */
static void
write_device(FILE *out, const json_t *device)
{
	const char *label = device_text(device, "label");
	const char *address = device_text(device, "address");
	const char *type = device_text(device, "type");
	const char *firmware = device_text(device, "firmware");
	char line[300], *clean;

	snprintf(line, sizeof(line), "%s%s%s, %s, firmware %s",
	    label != NULL ? label : "", label != NULL ? ", " : "",
	    address != NULL ? address : "address not known",
	    type != NULL ? type : "type not known",
	    firmware != NULL ? firmware : "not told");
	clean = term_text(line);
	/* The stop keeps a backslash from being the last character. */
	fprintf(out, "# %s.\nDeviceId=%s\n", clean, device_text(device, "id"));
	free(clean);
}

static void
write_ids(FILE *out, const json_t *devices)
{
	const json_t *device;
	size_t i;

	json_array_foreach (devices, i, device)
		fprintf(out, "%s%s%s", i % IDS_IN_LINE == 0 ? "DeviceId=" : "",
		    device_text(device, "id"),
		    i % IDS_IN_LINE == IDS_IN_LINE - 1 ||
			    i + 1 == json_array_size(devices)
			? "\n"
			: " ");
}

/* Return true if no device has told another firmware than these. */
static bool
is_firmware_known(const json_t *devices)
{
	struct versions known = { 0 };
	struct error err;
	const json_t *device;
	bool all = versions_add(&known, FIRMWARE_KNOWN, &err);
	size_t i;

	json_array_foreach (devices, i, device) {
		const char *firmware = device_text(device, "firmware");

		if (firmware != NULL && !versions_fit(&known, firmware))
			all = false;
	}
	versions_fini(&known);
	return all;
}

static void
write_match(FILE *out, const json_t *devices)
{
	const json_t *device;
	size_t i;

	fputs("\n[Match]\n", out);
	comment(out,
	    "These devices and no others: none that you buy later, and none "
	    "that somebody invents on your network.  For every plug, write "
	    "Type=diy_plug instead.");
	if (json_array_size(devices) <= MAX_COMMENTED)
		json_array_foreach (devices, i, device)
			write_device(out, device);
	else
		write_ids(out, devices);
	if (!is_firmware_known(devices))
		return;
	comment(out,
	    "What firmware 3.9 and later does is not known: a device that gets "
	    "it meanwhile is left alone.");
	fputs("Firmware=" FIRMWARE_KNOWN "\n", out);
}

static void
write_notes(FILE *out, const json_t *image)
{
	const json_t *note;
	size_t i;

	json_array_foreach (json_object_get(image, "notes"), i, note)
		if (json_is_string(note))
			comment(out, json_string_value(note));
}

static void
write_action(FILE *out, const json_t *devices)
{
	const char *id = device_text(json_array_get(devices, 0), "id");
	char *text = xasprintf("ask: each device waits until you approve it, "
			       "with \"reflashctl approve %s\" for example.  "
			       "With Action=flash it would begin by itself.",
	    id != NULL ? id : "ID");

	comment(out, text);
	fputs("Action=ask\n", out);
	free(text);
}

static void
write_flash(FILE *out, const json_t *devices, const json_t *image)
{
	char *label = term_text(device_text(image, "label"));

	fputs("\n[Flash]\n", out);
	write_action(out, devices);
	fprintf(out, "# %s, %lld bytes, as \"reflashctl images\" lists it.\n",
	    label, (long long)device_number(image, "size"));
	if (is_kind(image, "esphome"))
		comment(out,
		    "An ESPHome is built for one kind of device: its pins, and "
		    "your Wi-Fi, must be those of its YAML for all of these "
		    "devices.");
	write_notes(out, image);
	fprintf(out, "Image=%s\n", device_text(image, "name"));
	comment(out,
	    "This very file: another one under the same name is not flashed.");
	fprintf(out, "Sha256=%s\n", device_text(image, "sha256"));
	comment(out,
	    "A device whose download fails is tried again, three times in "
	    "all.");
	fputs("Attempts=3\n", out);
	comment(out,
	    "At any time of the day.  With hours, devices begin only then:");
	fputs("#Window=01:00-05:00\n", out);
	free(label);
}

static void
write_rollout(FILE *out, size_t count)
{
	fputs("\n[Rollout]\n", out);
	if (count > 1) {
		comment(out,
		    "One device goes first, alone.  The others follow only if "
		    "it succeeds.");
		fputs("Canary=1\n", out);
		comment(out,
		    "Then two at a time: they share the air of your Wi-Fi, and "
		    "you can keep an eye on two.");
		fprintf(out, "MaxParallel=%d\n", MAX_PARALLEL);
	}
	comment(out,
	    "After one failure nothing more begins, until you have looked at "
	    "that device and said \"reflashctl resume\" with the name of "
	    "this policy.");
	fputs("StopAfterFailures=1\n", out);
}

static void
write_verify(FILE *out, const json_t *image)
{
	fputs("\n[Verify]\n", out);
	if (is_kind(image, "esphome")) {
		comment(out,
		    "The device must be on your network again, as ESPHome, "
		    "within three minutes.");
		fputs("Expect=esphome\nTimeoutSec=180\n", out);
		return;
	}
	comment(out,
	    "leave: the flash has succeeded once the device has left its old "
	    "firmware with the whole image.  A new Tasmota does not know your "
	    "Wi-Fi: it opens an access point of its own and waits there for "
	    "you; \"reflashctl joining\" lists these.  Once it is on your "
	    "network, it is recognised.");
	fputs("Expect=leave\n", out);
	if (!is_kind(image, "tasmota"))
		return;
	fputs("\n[Finish]\n", out);
	comment(out,
	    "What is to be set on each Tasmota once it is on your network; "
	    "this needs Expect=tasmota above.  For example:");
	fputs("#Command=MqttHost 192.168.1.2\n", out);
}

void
proposal_write(FILE *out, const json_t *devices, const json_t *image)
{
	size_t count = json_array_size(devices);

	write_head(out, count, image);
	write_match(out, devices);
	write_flash(out, devices, image);
	write_rollout(out, count);
	write_verify(out, image);
	fputc('\n', out);
	comment(out,
	    "This file is in force after \"reflashctl reload\".  Then: "
	    "\"reflashctl approve --all\".");
}
