/* SPDX-License-Identifier: ISC */
/*
 * configuration -- the values of reflashd.conf, all of them with a default.
 *
 * A struct config is built from the texts of one or more files and then
 * finished; after that it never changes.  A reload builds another one.
 */
#ifndef REFLASHD_CONFIGURATION_H
#define REFLASHD_CONFIGURATION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/problems.h"
#include "base/strlist.h"
#include "core/config/network.h"
#include "core/config/option.h"
#include "core/sonoff/devapi.h"

enum config_backend {
	CONFIG_BACKEND_AUTO,
	CONFIG_BACKEND_AVAHI,
	CONFIG_BACKEND_EMBEDDED,
	CONFIG_BACKEND_NONE,
};

#define CONFIG_DEVICE_PORT 8081 /* where a device's API is, by default */
#define CONFIG_ID_SIZE	   DEVAPI_ID_SIZE

/* A device that multicast does not reach. */
struct config_device {
	struct in_addr address;
	uint16_t port;		 /* never 0 */
	char id[CONFIG_ID_SIZE]; /* lower case; "" if it was not told */
};

struct config_devices {
	struct config_device *items;
	size_t count;
};

/* A configuration owns everything in it, and others only read it. */
struct config {
	struct strlist policy_directories;
	char *image_directory, *state_directory, *hook_directory;
	char *control_socket, *control_group;

	enum config_backend backend;
	struct strlist interfaces; /* none: all */
	struct config_devices devices;
	unsigned requery_sec, max_devices;
	struct networks allow_networks; /* all that may be contacted */

	char *listen; /* IPv4 */
	unsigned port;
	char *advertise_address; /* IPv4 or "auto" */
	bool check_source;
	unsigned max_connections, max_connections_per_address;

	unsigned max_parallel;
	unsigned probe_timeout_sec, unlock_timeout_sec, confirm_timeout_sec;
	unsigned offer_timeout_sec, first_fetch_sec, stall_sec;
	unsigned flash_timeout_sec, verdict_sec;
	unsigned leave_timeout_sec; /* a device must leave within this time */
	unsigned gone_sec;	    /* and stay away for that */
	unsigned backoff_sec;

	struct options options; /* private */
};

/* Return a configuration with all values at their defaults. */
struct config *config_new(void);
void config_free(struct config *); /* NULL is fine */

/* Read a configuration text on top of what is there; one call per drop-in. */
void config_parse(struct config *, const char *text, size_t len,
    const char *file, struct problems *);

/*
 * Call this once all files are read: it sets what follows from the values, and
 * reports values that contradict each other.
 */
void config_check(struct config *, struct problems *);

/*
 * Add a sentence for each key that differs and counts only from the next start
 * on: "Port=8270 takes effect after: systemctl restart reflashd". given: the
 * ports are those of a socket unit.
 */
void config_doubt_start(const struct config *, const struct config *,
    bool given, struct problems *);

/* Return "file:line" where the key was last given, or NULL for its default. */
const char *
config_origin(const struct config *, const char *section, const char *key);

/*
 * Return how long a device must be silent to count as absent, and a rival of
 * its id as gone: three requeries.
 */
uint64_t config_silence_ms(const struct config *);

/* Print the effective configuration in a form that config_parse() reads. */
void config_print(const struct config *, FILE *);

/*
 * Return the table of all keys, so that the manual can be checked against it.
 */
const struct option_table *config_table(void);

#endif
