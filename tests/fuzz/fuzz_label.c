/* SPDX-License-Identifier: ISC */
/*
 * fuzz_label -- what a client of the control socket calls a device, or himself.
 *
 * What is taken for a label can be seen, is no id and no address, fits its
 * place and finds its device again; what is not finds none, or gets a sentence.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "core/device/device_find.h"

#undef HOLDS /* the table of holds, by then expanded */
#include "fuzz.h"
#include "fuzz_device.h"

static void
check_label(const char *text)
{
	char label[LABEL_SIZE];
	unsigned char address[16];
	uint32_t c;

	HOLDS(text_copy(label, sizeof(label), text));
	HOLDS(!devapi_is_id(text) && inet_pton(AF_INET, text, address) != 1);
	for (size_t len; *text != '\0'; text += len) {
		len = utf8_char(text, &c);
		HOLDS(len > 0 && utf8_is_visible(c));
	}
}

/* Look for the name among three devices, one of which has it as its label. */
static void
check_find(const char *name, bool is_label)
{
	struct registry *registry = registry_new(9, &fuzz_device_ops, NULL);
	struct device *labelled =
	    registry_get(registry, "1000a05bf6", DEVICE_STRANGER);
	struct strlist fits = { 0 };
	struct error err = { 0 };
	const struct device *found;

	registry_get(registry, "1000a05bf7", DEVICE_STRANGER);
	registry_get(registry, "2000a05bf7", DEVICE_STRANGER);
	if (is_label)
		xreplace(&labelled->label, name);
	found = device_find(registry, name, &fits, &err);
	HOLDS(!is_label || found == labelled);
	HOLDS(found != NULL || (err.code != 0 && err.text[0] != '\0'));
	HOLDS(found != NULL || fits.count != 1);
	strlist_fini(&fits);
	registry_free(registry);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct error err = { 0 };
	bool is_label = label_check(text, &err);

	HOLDS(is_label || err.text[0] != '\0');
	if (is_label)
		check_label(text);
	if (label_check_who(text, &err))
		HOLDS(strlen(text) < LABEL_SIZE);
	check_find(text, is_label);
	free(text);
	return 0;
}
