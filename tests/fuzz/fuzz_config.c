/* SPDX-License-Identifier: ISC */
/*
 * fuzz_config -- a text is either refused, with places, or it is a
 * configuration within its limits that prints as a text of the same meaning.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/configuration.h"

#include "fuzz.h"

static char *
print(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	HOLDS(out != NULL);
	config_print(config, out);
	HOLDS(fclose(out) == 0);
	return text;
}

static struct config *
read_back(const char *text, const char *file)
{
	struct config *config = config_new();
	struct problems problems = { 0 };

	config_parse(config, text, strlen(text), file, &problems);
	HOLDS(problems.count == 0);
	config_check(config, &problems);
	HOLDS(problems.count == 0);
	return config;
}

/* Printed, read and printed again only the places of the values differ. */
static void
check_good(const struct config *config)
{
	char *first = print(config), *second, *third;
	struct config *copy = read_back(first, "f"), *again;

	HOLDS(copy->port == config->port && config->port > 0);
	HOLDS(copy->devices.count == config->devices.count);
	HOLDS(copy->allow_networks.count == config->allow_networks.count);
	HOLDS(copy->stall_sec == config->stall_sec && config->stall_sec > 0);
	second = print(copy);
	again = read_back(second, "f");
	third = print(again);
	HOLDS(strlen(second) > 0 && strlen(third) > 0);
	HOLDS(
	    copy->policy_directories.count == again->policy_directories.count);
	free(first);
	free(second);
	free(third);
	config_free(copy);
	config_free(again);
}

static void
check_bad(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const char *text = problems->text[i];

		HOLDS(strncmp(text, "f:", 2) == 0);
		HOLDS(text[2] > '0' && text[2] <= '9');
		for (; *text != '\0'; text++)
			HOLDS(*text >= 0x20 && *text < 0x7f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	struct problems problems = { 0 };

	config_parse(config, (const char *)data, size, "f", &problems);
	if (problems.count == 0)
		config_check(config, &problems);
	if (problems.count == 0)
		check_good(config);
	else
		check_bad(&problems);
	problems_fini(&problems);
	config_free(config);
	return 0;
}
