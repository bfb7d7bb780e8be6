/* SPDX-License-Identifier: ISC */
/* Asks a person before something is done that cannot be undone. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/term.h"
#include "reflashctl/verbs/confirm.h"
#include "reflashctl/verbs/outcome.h"

#define MAX_LISTED  20 /* devices of one image */
#define SHORT_SHA   12 /* digits of a checksum that a person compares */
#define ANSWER_SIZE 16

/* Return the stream that a person sees; stdout may be for a program. */
static FILE *
stage(void)
{
	return isatty(STDERR_FILENO) ? stderr : stdout;
}

bool
confirm_can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(fileno(stage()));
}

static const char *
sha256_of(const json_t *preview)
{
	const char *sha256 =
	    device_text(json_object_get(preview, "image"), "sha256");

	return sha256 != NULL ? sha256 : "";
}

/* Print a sentence, wrapped. */
static void
print_wrapped(const char *text, size_t indent)
{
	char *clean = term_text(text);

	term_wrap(stage(), clean, indent, field_columns());
	free(clean);
}

/* Print the device, and what it must wait for. */
static void
print_device(const json_t *preview)
{
	const char *waits = device_text(preview, "waits");
	const char *address = device_text(preview, "address");
	char *title = outcome_title(preview);
	char *text = xasprintf("%s%s%s%s%s", title,
	    address != NULL ? " at " : "", address != NULL ? address : "",
	    waits != NULL ? ": " : "", waits != NULL ? waits : "");

	print_wrapped(text, 4);
	free(text);
	free(title);
}

/* Print an image, and the devices that get it. */
static void
print_image(const json_t *previews, const char *sha256)
{
	const json_t *preview, *image = NULL;
	size_t i, n = 0;
	char *text;

	json_array_foreach (previews, i, preview) {
		if (strcmp(sha256_of(preview), sha256) != 0)
			continue;
		image = json_object_get(preview, "image");
		n++;
	}
	text = xasprintf("%s (%s, checksum %.*s...) will be put on %zu "
			 "device%s:",
	    device_text(image, "label") ? device_text(image, "label")
					: "An image",
	    device_text(image, "name") ? device_text(image, "name") : "?",
	    SHORT_SHA, sha256, n, n == 1 ? "" : "s");
	print_wrapped(text, 0);
	free(text);
	n = 0;
	json_array_foreach (previews, i, preview)
		if (strcmp(sha256_of(preview), sha256) == 0 && n++ < MAX_LISTED)
			print_device(preview);
	if (n > MAX_LISTED)
		fprintf(stage(), "    and %zu more\n", n - MAX_LISTED);
}

static void
print_images(const json_t *previews)
{
	json_auto_t *shown = json_object();
	const json_t *preview;
	size_t i;

	json_array_foreach (previews, i, preview) {
		const char *sha256 = sha256_of(preview);

		if (json_object_get(shown, sha256) != NULL)
			continue;
		json_object_set_new(shown, sha256, json_true());
		print_image(previews, sha256);
	}
}

/* Read the answer.  The end of input is a no, and so is an empty line. */
static bool
read_answer(void)
{
	char answer[ANSWER_SIZE] = "", *word;

	if (fgets(answer, sizeof(answer), stdin) == NULL) {
		fputc('\n', stage());
		return false;
	}
	word = text_trim(answer);
	return strcasecmp(word, "y") == 0 || strcasecmp(word, "yes") == 0;
}

bool
confirm_flash(const json_t *previews)
{
	fflush(stdout);
	print_images(previews);
	print_wrapped("This cannot be undone: there is no way back to the "
		      "firmware that is on the device now. Do not switch it "
		      "off until it is done.",
	    0);
	fputs("Go on? [y/N] ", stage());
	fflush(stage());
	return read_answer();
}
