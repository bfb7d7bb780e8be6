/* SPDX-License-Identifier: ISC */
/*
 * sim -- everything there is in one simulation.
 */
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
	struct lan_port stranger; /* somebody who is no device of ours */
	struct mdns *mdns;	  /* NULL on loopback */
	bool verbose;
	uint64_t started;
	unsigned max_flashing; /* how many downloaded at the same time */
	struct device **devices;
	size_t count;
};

/* The device is the simulation's.  NULL: no. */
struct device *sim_add(struct sim *, const struct spec *, struct error *);

/* By id, or "#N" for the Nth; NULL: none. */
struct device *sim_find(const struct sim *, const char *id);

/* Milliseconds since sim_open(), never 0. */
uint64_t sim_clock(const struct sim *);

/* Note how many devices download right now. */
void sim_count_flashing(struct sim *);

bool sim_open(struct sim *, struct error *);
void sim_close(struct sim *);

#endif
