/* SPDX-License-Identifier: ISC */
/*
 * fuzz_record -- whatever a file of the state directory holds, it is refused
 * and changes nothing, or it is a record that can be written and read again.
 */
#include "config.h"

#include <string.h>

#include "core/device/record.h"

#undef HOLDS /* the table of holds, by then expanded */
#include "fuzz.h"
#include "fuzz_device.h"

#define ID  "1000a05bf6"
#define NOW (FUZZ_STEADY_S * 1000u)

static const struct record_clock clock_then = { NOW, FUZZ_WALL, "boot" };

static struct device *
make_device(void)
{
	return device_new(ID, &fuzz_device_ops, NULL);
}

static void
check_strings(const struct device *device)
{
	HOLDS(strcmp(device->id, ID) == 0);
	HOLDS(memchr(device->name, '\0', sizeof(device->name)) != NULL);
	HOLDS(memchr(device->detail, '\0', sizeof(device->detail)) != NULL);
	HOLDS(memchr(device->download.token, '\0',
		  sizeof(device->download.token)) != NULL);
	HOLDS(!device->attempt.has_image ||
	    strlen(device->attempt.image.sha256) == 64);
}

/* What was read is written, read and written again, the same. */
static void
check_round_trip(const struct device *device)
{
	json_auto_t *once = record_make(device, &clock_then);
	json_auto_t *twice = NULL;
	struct device *other = make_device();
	struct error err = { 0 };

	HOLDS(once != NULL);
	HOLDS(record_apply(once, other, &clock_then, &err));
	HOLDS(state_is_under_way(device->state) ==
	    state_is_under_way(other->state));
	twice = record_make(other, &clock_then);
	HOLDS(json_equal(once, twice));
	device_free(other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *root =
	    json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct device *device = make_device();
	json_auto_t *before = record_make(device, &clock_then);
	struct error err = { 0 };

	if (record_apply(root, device, &clock_then, &err)) {
		check_strings(device);
		HOLDS(!state_is_under_way(device->state) ||
		    (device->download.token[0] != '\0' &&
			device->attempt.has_image));
		check_round_trip(device);
	} else {
		json_auto_t *after = record_make(device, &clock_then);

		HOLDS(err.text[0] != '\0');
		HOLDS(json_equal(before, after));
	}
	device_free(device);
	return 0;
}
