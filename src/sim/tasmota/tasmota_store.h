/* SPDX-License-Identifier: ISC */
/*
 * tasmota_store -- the settings in the flash of a Tasmota that differ from the
 * default: a text for each name.
 */
#ifndef REFLASHD_SIM_TASMOTA_STORE_H
#define REFLASHD_SIM_TASMOTA_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Initialize with = {0}; tasmota_store_clear() frees it. */
struct tasmota_store {
	struct tasmota_store_pair {
		char *name, *value;
	} *pair;
	size_t count;
};

/* Return a value, borrowed until the next change; NULL: it is the default. */
const char *tasmota_store_get(const struct tasmota_store *, const char *name);

/* Set a value; NULL: back to the default. */
void
tasmota_store_set(struct tasmota_store *, const char *name, const char *value);

void tasmota_store_clear(struct tasmota_store *);
void tasmota_store_copy(struct tasmota_store *to, const struct tasmota_store *);

/* For the report; text that is no UTF-8 is escaped. */
json_t *tasmota_store_json(const struct tasmota_store *);
json_t *tasmota_store_json_text(const char *);

#endif
