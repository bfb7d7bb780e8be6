/* SPDX-License-Identifier: ISC */
/* The verbs images and add: what is in ImageDirectory, and one file more. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/image/image_file.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/image_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/table.h"
#include "reflashctl/source/image_bytes.h"
#include "reflashctl/source/image_send.h"
#include "reflashctl/verb.h"

/* Return the names of the policies with blanks between; free() it. */
static char *
policies_of(const json_t *image)
{
	const json_t *list = json_object_get(image, "policies"), *one;
	char *text = xstrdup("");
	size_t i;

	json_array_foreach (list, i, one) {
		char *longer = xasprintf("%s%s%s", text, i > 0 ? " " : "",
		    json_string_value(one) ? json_string_value(one) : "");

		free(text);
		text = longer;
	}
	return text;
}

static void
add_row(struct table *table, const json_t *image)
{
	char *policies = policies_of(image), use[80], size[24];

	table_add(table, device_text(image, "name"), COLOR_NONE);
	table_add(table, device_text(image, "label"), COLOR_NONE);
	snprintf(size, sizeof(size), "%lld",
	    (long long)device_number(image, "size"));
	table_add(table, size, COLOR_NONE);
	table_add(table, image_text_use(image, use, sizeof(use)),
	    image_text_color(image));
	table_add(table, policies[0] != '\0' ? policies : NULL, COLOR_NONE);
	free(policies);
}

/* Say of each image that is not simply good why. */
static void
explain(const json_t *image)
{
	const json_t *notes = json_object_get(image, "notes"), *note;
	const char *use = device_text(image, "use");
	const char *detail = device_text(image, "detail");
	const char *advice = device_text(image, "advice");
	const char *name = device_text(image, "name");
	size_t i;

	if (use == NULL) {
		field_print_about(name, detail);
		field_print_about(name, advice);
	}
	if (use != NULL && strcmp(use, "first") == 0)
		json_array_foreach (notes, i, note)
			field_print_about(name, json_string_value(note));
}

static void
print_images(const json_t *images)
{
	static const struct table_column columns[] = {
		{ "NAME", TABLE_WHOLE, 9 },
		{ "IMAGE", TABLE_NAME, 7 },
		{ "BYTES", TABLE_WHOLE, 3 },
		{ "GOOD FOR", TABLE_WHOLE, 8 },
		{ "POLICIES", TABLE_NAME, 2 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);
	const json_t *image;
	size_t i;

	json_array_foreach (images, i, image)
		add_row(table, image);
	table_print(table, stdout, term_columns());
	table_free(table);
	json_array_foreach (images, i, image)
		explain(image);
}

int
verb_images(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_IMAGES, NULL, &answer);

	(void)argc;
	(void)argv;
	if (rc == CTL_EXIT_DONE && ctl->json) {
		json_out_print(
		    "images", json_out_list(JSON_OUT_IMAGE, answer.items));
	} else if (rc == CTL_EXIT_DONE && json_array_size(answer.items) > 0) {
		print_images(answer.items);
	} else if (rc == CTL_EXIT_DONE) {
		char *folder = term_text(device_text(answer.reply, "folder"));

		char *text = xasprintf("no image is in %s yet; to get one: "
				       "reflashctl download, or reflashctl "
				       "add FILE",
		    folder);

		term_say(text);
		free(text);
		free(folder);
	}
	answer_fini(&answer);
	return rc;
}

int
verb_add(struct ctl *ctl, int argc, char **argv)
{
	char name[IMAGE_FILE_SIZE];
	struct image_bytes bytes;
	struct error err;
	int rc;

	(void)argc;
	image_file_of(argv[0], name);
	if (image_bytes_read(&bytes, argv[0], &err)) {
		rc = image_send(
		    ctl, "add", &bytes, ctl->as != NULL ? ctl->as : name);
	} else {
		complain("%s", err.text);
		rc = err.code == ENOENT ? CTL_EXIT_NOT_FOUND : CTL_EXIT_ERROR;
	}
	image_bytes_fini(&bytes);
	return rc;
}
