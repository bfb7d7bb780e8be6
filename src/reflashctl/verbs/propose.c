/* SPDX-License-Identifier: ISC */
/*
 * The verb propose: prints a first policy for the devices and an image that are
 * there.  Only the policy is printed on standard output, so that it can be the
 * input of tee; all sentences for the person are on standard error.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/proposal.h"
#include "reflashctl/out/term.h"
#include "reflashctl/verb.h"

#define POLICY_FILE SYSCONFDIR "/reflashd/policy.d/" PROPOSAL_NAME ".policy"
#define MAX_NAMED   5 /* devices that a sentence names */

/* The devices that go into the policy, and those that do not. */
struct choice {
	json_t *devices;  /* owned; an array */
	json_t *left_out; /* owned; an array of devices */
	json_t *images;	  /* owned; an array: those that are there */
	json_t *image;	  /* borrowed from images */
	bool is_named;	  /* a person has named the devices */
};

/* Print a sentence for the person, broken into lines. */
static void
say(const char *text)
{
	char *clean = term_text(text);

	term_wrap(stderr, clean, 0, 80);
	free(clean);
}

static void
sort_device(struct choice *choice, json_t *device)
{
	bool fits = json_is_true(json_object_get(device, "flashable"));

	json_array_append(fits ? choice->devices : choice->left_out, device);
}

/* Take the devices that a person has named. */
static int
take_named(struct ctl *ctl, struct choice *choice, int argc, char **argv)
{
	int rc = CTL_EXIT_DONE;

	choice->is_named = true;
	for (int i = 0; i < argc && rc == CTL_EXIT_DONE; i++) {
		struct answer answer;

		rc = request_device(ctl, CTL_SHOW, argv[i], NULL, &answer);
		if (rc == CTL_EXIT_DONE)
			sort_device(
			    choice, json_object_get(answer.reply, "device"));
		answer_fini(&answer);
	}
	return rc;
}

static int
take_all(struct ctl *ctl, struct choice *choice)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_DEVICES, NULL, &answer);
	json_t *device;
	size_t i;

	if (rc == CTL_EXIT_DONE)
		json_array_foreach (answer.items, i, device)
			sort_device(choice, device);
	answer_fini(&answer);
	return rc;
}

/* Return "1000a05bf6 (ESP32 chip), hall (not asked yet) and 3 more"; free(). */
static char *
name_devices(const json_t *devices, bool with_note)
{
	size_t size = 0, count = json_array_size(devices), i;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	const json_t *device;

	if (out == NULL)
		abort();
	json_array_foreach (devices, i, device) {
		const char *label = device_text(device, "label");
		const char *note = device_text(device, "note");

		if (i == MAX_NAMED && count > MAX_NAMED + 1)
			break;
		fprintf(out, "%s%s", i > 0 ? ", " : "",
		    label != NULL ? label : device_text(device, "id"));
		if (with_note && note != NULL)
			fprintf(out, " (%s)", note);
	}
	if (i < count)
		fprintf(out, " and %zu more", count - i);
	fclose(out);
	return text;
}

/* Say why there is no device for a policy.  Returns an exit code. */
static int
tell_no_device(const struct choice *choice)
{
	char *names = name_devices(choice->left_out, true), *text;

	if (json_array_size(choice->left_out) == 0) {
		say("no device has been seen yet, so there is nothing to "
		    "propose. Put a device into DIY mode and look again in a "
		    "minute: reflashctl devices. If it does not turn up: "
		    "reflashctl doctor");
		free(names);
		return CTL_EXIT_NOTHING;
	}
	text = xasprintf("none of %s devices can be flashed: %s. What to do "
			 "about one of them: reflashctl show %s",
	    choice->is_named ? "these" : "the known", names,
	    device_text(json_array_get(choice->left_out, 0), "id"));
	say(text);
	free(text);
	free(names);
	return CTL_EXIT_NOTHING;
}

/* Find the image that a person has named.  Returns an exit code. */
static int
find_image(struct choice *choice, const char *name)
{
	json_t *image;
	char *text;
	size_t i;

	json_array_foreach (choice->images, i, image) {
		const char *is = device_text(image, "name");

		if (is != NULL && strcmp(is, name) == 0)
			choice->image = image;
	}
	if (choice->image == NULL) {
		text = xasprintf("%s: there is no such image; see: reflashctl "
				 "images. To put a file of yours there: "
				 "reflashctl add FILE",
		    name);
		say(text);
		free(text);
		return CTL_EXIT_NOT_FOUND;
	}
	return CTL_EXIT_DONE;
}

/* Say why an image cannot be in a policy.  Returns an exit code. */
static int
refuse_image(const json_t *image)
{
	const char *name = device_text(image, "name");
	const char *detail = device_text(image, "detail");
	const char *advice = device_text(image, "advice");
	char *text;

	if (!proposal_can_name(name))
		text = xasprintf("%s: a policy cannot name this file as it is: "
				 "give it a name of letters, digits, dots and "
				 "dashes",
		    name);
	else
		text = xasprintf("%s cannot be the first image: %s. %s", name,
		    detail != NULL ? detail : "it is refused",
		    advice != NULL ? advice : "");
	say(text);
	free(text);
	return CTL_EXIT_ERROR;
}

static int
tell_no_image(const struct choice *choice)
{
	if (json_array_size(choice->images) == 0)
		say("reflashd has no image yet. To get a first image: "
		    "reflashctl download tasmota-lite. To see what else can be "
		    "downloaded: reflashctl download. To use a file of your "
		    "own: reflashctl add FILE. Then run this command again");
	else
		say("none of the images that reflashd has can be a first "
		    "image; "
		    "reflashctl images says why. To see which ones can be "
		    "downloaded: reflashctl download. To use a file of your "
		    "own: reflashctl add FILE. Then run this command again");
	return CTL_EXIT_NOT_FOUND;
}

/* Choose the image, or say why there is none.  Returns an exit code. */
static int
take_image(struct ctl *ctl, struct choice *choice)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_IMAGES, NULL, &answer);

	if (rc == CTL_EXIT_DONE)
		choice->images = json_incref(answer.items);
	answer_fini(&answer);
	if (rc != CTL_EXIT_DONE)
		return rc;
	if (ctl->image != NULL) {
		json_auto_t *one = NULL;

		rc = find_image(choice, ctl->image);
		if (rc != CTL_EXIT_DONE)
			return rc;
		one = json_pack("[O]", choice->image);
		return proposal_image(one) != NULL
		    ? CTL_EXIT_DONE
		    : refuse_image(choice->image);
	}
	choice->image = proposal_image(choice->images);
	return choice->image != NULL ? CTL_EXIT_DONE : tell_no_image(choice);
}

/* Say which devices another policy would go on deciding about. */
static void
tell_earlier(const struct choice *choice)
{
	json_auto_t *taken = json_array();
	const char *before = NULL;
	json_t *device;
	char *names, *text;
	size_t i;

	json_array_foreach (choice->devices, i, device) {
		const char *policy = device_text(device, "policy");

		if (policy == NULL || strcmp(policy, PROPOSAL_NAME) >= 0)
			continue;
		before = policy;
		json_array_append(taken, device);
	}
	if (before == NULL)
		return;
	names = name_devices(taken, false);
	text = xasprintf("but policy %s comes before " PROPOSAL_NAME
			 " and goes on deciding about %s: give the file a "
			 "name that sorts before %s",
	    before, names, before);
	say(text);
	free(text);
	free(names);
}

/* Say what is in the policy, and what comes next. */
static void
tell_choice(const struct choice *choice)
{
	size_t count = json_array_size(choice->devices);
	char *names = name_devices(choice->devices, false);
	char *text = xasprintf("%zu device%s, to be flashed with %s (%s): %s",
	    count, count == 1 ? "" : "s", device_text(choice->image, "name"),
	    device_text(choice->image, "label"), names);

	say(text);
	free(text);
	free(names);
	if (json_array_size(choice->left_out) > 0) {
		names = name_devices(choice->left_out, true);
		text = xasprintf("left out: %s", names);
		say(text);
		free(text);
		free(names);
	}
	tell_earlier(choice);
}

/* Say how to put the policy into force, as the person could type it. */
static void
tell_next(
    const struct ctl *ctl, const struct choice *choice, int argc, char **argv)
{
	const json_t *first = json_array_get(choice->devices, 0);

	if (isatty(STDOUT_FILENO)) {
		fputs("To put it into force:\n  reflashctl propose", stderr);
		for (int i = 0; i < argc; i++)
			fprintf(stderr, " %s", argv[i]);
		if (ctl->image != NULL)
			fprintf(stderr, " --image %s", ctl->image);
		fputs(" |\n    sudo tee " POLICY_FILE "\n", stderr);
	}
	fprintf(stderr,
	    "Next: reflashctl reload, then reflashctl approve %s%s\n",
	    device_text(first, "id"),
	    json_array_size(choice->devices) > 1 ? " (or --all)" : "");
}

static char *
policy_text(const struct choice *choice)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	proposal_write(out, choice->devices, choice->image);
	fclose(out);
	return text;
}

static json_t *
left_out_json(const struct choice *choice)
{
	json_t *list = json_array();
	const json_t *device;
	size_t i;

	json_array_foreach (choice->left_out, i, device)
		json_array_append_new(list,
		    json_pack("{s:O, s:s?}", "id",
			json_object_get(device, "id"), "note",
			device_text(device, "note")));
	return list;
}

static void
print_json(const struct choice *choice, const char *text)
{
	json_t *ids = json_array();
	const json_t *device;
	size_t i;

	json_array_foreach (choice->devices, i, device)
		json_array_append(ids, json_object_get(device, "id"));
	json_out_print("proposal",
	    json_pack("{s:s, s:s, s:O, s:o, s:o, s:s}", "name", PROPOSAL_NAME,
		"file", POLICY_FILE, "image", choice->image, "ids", ids,
		"left_out", left_out_json(choice), "text", text));
}

/*
 * Print the policy, and what there is to say: last on a terminal, but before
 * what tee writes there, or the two would be mixed.
 */
static void
print_text(const struct ctl *ctl, const struct choice *choice, const char *text,
    int argc, char **argv)
{
	bool is_last = isatty(STDOUT_FILENO);

	if (is_last) {
		fputs(text, stdout);
		fflush(stdout);
	}
	tell_choice(choice);
	tell_next(ctl, choice, argc, argv);
	if (!is_last)
		fputs(text, stdout);
}

int
verb_propose(struct ctl *ctl, int argc, char **argv)
{
	struct choice choice = { .devices = json_array(),
		.left_out = json_array() };
	int rc = argc > 0 ? take_named(ctl, &choice, argc, argv)
			  : take_all(ctl, &choice);
	char *text;

	if (rc == CTL_EXIT_DONE && json_array_size(choice.devices) == 0)
		rc = tell_no_device(&choice);
	if (rc == CTL_EXIT_DONE)
		rc = take_image(ctl, &choice);
	if (rc == CTL_EXIT_DONE) {
		text = policy_text(&choice);
		if (ctl->json) {
			print_json(&choice, text);
		} else {
			print_text(ctl, &choice, text, argc, argv);
		}
		free(text);
	}
	json_decref(choice.devices);
	json_decref(choice.left_out);
	json_decref(choice.images);
	return rc;
}
