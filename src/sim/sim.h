/* SPDX-License-Identifier: ISC */
/* sim -- one simulation: its network, its devices, its clock. */
#ifndef REFLASHD_SIM_SIM_H
#define REFLASHD_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/lan/lan.h"

struct device;
struct event_base;
struct mdns;
struct spec;

struct sim {
	struct event_base *base;
	struct lan lan;
	struct lan_port stranger; /* a machine on the LAN that is no device */
	struct mdns *mdns;	  /* NULL on loopback */
	bool verbose;
	uint64_t started;
	unsigned max_flashing; /* the most downloads at the same time */
	struct device **devices;
	size_t count;
};

/* Add a device, which the simulation owns.  Returns NULL on failure. */
struct device *sim_add(struct sim *, const struct spec *, struct error *);

/* Find a device by its id, or the Nth by "#N"; NULL: there is none. */
struct device *sim_find(const struct sim *, const char *id);

/* Return the milliseconds since sim_open(), never 0. */
uint64_t sim_clock(const struct sim *);

/* Count the devices that download now, for max_flashing. */
void sim_count_flashing(struct sim *);

bool sim_open(struct sim *, struct error *);
void sim_close(struct sim *);

#endif
