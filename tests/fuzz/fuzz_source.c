/* SPDX-License-Identifier: ISC */
/*
 * fuzz_source -- an entry of the catalogue of images: it is either refused,
 * with places, or it has all that a download needs, and prints as a text of the
 * same meaning.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/source/image_source.h"

#include "fuzz.h"

static struct image_source *
print_and_read(const struct image_source *source)
{
	struct problems problems = { 0 };
	struct image_source *copy;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	HOLDS(out != NULL);
	options_print(&source->options, out);
	HOLDS(fclose(out) == 0);
	copy = image_source_parse(text, size, "f", &problems);
	HOLDS(copy != NULL && problems.count == 0);
	free(text);
	return copy;
}

static void
check_good(const struct image_source *source)
{
	struct image_source *copy = print_and_read(source);
	char file[IMAGE_FILE_SIZE], label[IMAGE_SOURCE_LABEL];
	struct error err;

	HOLDS(image_file_check(source->name, &err));
	HOLDS(image_file_check(image_source_file(source, file), &err));
	HOLDS(image_source_label(source, label)[0] != '\0');
	HOLDS(source->size > 0 && source->size <= IMAGE_MAX_FILE);
	HOLDS(strlen(source->sha256) == 64);
	HOLDS(source->urls.count > 0);
	for (size_t i = 0; i < source->urls.count; i++)
		HOLDS(image_source_is_url(source->urls.items[i], &err));
	HOLDS(strcmp(copy->name, source->name) == 0);
	HOLDS(strcmp(copy->sha256, source->sha256) == 0);
	HOLDS(copy->size == source->size && copy->kind == source->kind);
	HOLDS(copy->urls.count == source->urls.count);
	HOLDS(image_source_is_first(copy) == image_source_is_first(source));
	image_source_free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems = { 0 };
	struct image_source *source =
	    image_source_parse((const char *)data, size, "f", &problems);

	HOLDS(source == NULL || problems.count == 0);
	for (size_t i = 0; i < problems.count; i++)
		HOLDS(strncmp(problems.text[i], "f:", 2) == 0);
	if (source != NULL)
		check_good(source);
	image_source_free(source);
	problems_fini(&problems);
	return 0;
}
