/* SPDX-License-Identifier: ISC */
/*
 * tasmotastore -- what a Tasmota keeps in its flash: a value for each name,
 * where it is not the default.  Each value is text, as its name is.
 */
#ifndef REFLASHD_SIM_TASMOTASTORE_H
#define REFLASHD_SIM_TASMOTASTORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Needs no init beyond = {0}; tasmotastore_clear() frees it. */
struct tasmotastore {
	struct tasmotastore_pair {
		char *name, *value;
	} *pair;
	size_t count;
};

/* NULL: it is the default.  Borrowed until the next change. */
const char *tasmotastore_get(const struct tasmotastore *, const char *name);

/* NULL: the default again. */
void
tasmotastore_set(struct tasmotastore *, const char *name, const char *value);

void tasmotastore_clear(struct tasmotastore *);
void tasmotastore_copy(struct tasmotastore *to, const struct tasmotastore *);

/* For the report: what is no UTF-8 is escaped. */
json_t *tasmotastore_json(const struct tasmotastore *);

#endif
