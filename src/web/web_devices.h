/* SPDX-License-Identifier: ISC */
/*
 * web_devices -- the devices of the daemon as JSON texts, in the order in which
 * they have changed.
 *
 * Each change has a number, and each device that of its last change.  So a
 * reader that knows the number up to which it has read gets each device that
 * has changed since once, as it is now, however slow the reader is: nothing
 * piles up for it.  A device that was forgotten stays as a mark for a while.
 */
#ifndef REFLASHD_WEB_DEVICES_H
#define REFLASHD_WEB_DEVICES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_DEVICES_ID_SIZE 64

struct web_devices;

/* A device; read only. */
struct web_device {
	char id[WEB_DEVICES_ID_SIZE];
	uint64_t number; /* of its last change; 0 is none */
	char *text;	 /* compact JSON; NULL: it was forgotten */
	size_t len;
};

struct web_devices *web_devices_new(void);
void web_devices_free(struct web_devices *); /* NULL is fine */

/* What daemon_link tells: begin anew, a device, one less, all have come. */
void web_devices_listing(struct web_devices *);
void web_devices_set(struct web_devices *, const json_t *device);
void web_devices_forget(struct web_devices *, const char *id);
void web_devices_listed(struct web_devices *);

/* Return the number of the last change. */
uint64_t web_devices_number(const struct web_devices *);

/*
 * Return the number below which a mark of a forgotten device may be missing:
 * who has read less has to read everything again.
 */
uint64_t web_devices_lost(const struct web_devices *);

/* Return the device of the first change after this number, or NULL. */
const struct web_device *
web_devices_after(struct web_devices *, uint64_t number);

/* Return the device with that id, or NULL. */
const struct web_device *
web_devices_find(const struct web_devices *, const char *id);

/* Call visit() for each device that there is. */
void web_devices_each(const struct web_devices *,
    void (*visit)(const struct web_device *, void *ctx), void *ctx);

#endif
