/* SPDX-License-Identifier: ISC */
/* Owns the simulated devices and the network below them. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/mdns/mdns.h"
#include "sim/sim.h"

bool
sim_open(struct sim *sim, struct error *err)
{
	static const unsigned char mac[6] = { 0x02, 0x52, 0x46, 0, 0, 2 };

	sim->started = clock_awake_ms();
	if (!lan_add_port(&sim->lan, mac, &sim->stranger, err) ||
	    !lan_set_up(&sim->lan, &sim->stranger, true, err))
		return false;
	if (sim->lan.loopback)
		return true;
	sim->mdns = mdns_new(sim, err);
	return sim->mdns != NULL;
}

uint64_t
sim_clock(const struct sim *sim)
{
	return clock_awake_ms() - sim->started + 1;
}

void
sim_count_flashing(struct sim *sim)
{
	unsigned count = 0;

	for (size_t i = 0; i < sim->count; i++)
		count += sim->devices[i]->state == DEVICE_FLASHING;
	if (count > sim->max_flashing)
		sim->max_flashing = count;
}

struct device *
sim_add(struct sim *sim, const struct spec *spec, struct error *err)
{
	struct device *d = device_new(sim, spec, err);

	if (d == NULL)
		return NULL;
	sim->devices =
	    xrealloc(sim->devices, sim->count + 1, sizeof(sim->devices[0]));
	sim->devices[sim->count++] = d;
	return d;
}

struct device *
sim_find(const struct sim *sim, const char *id)
{
	uint64_t index;

	if (id[0] == '#' && text_number(id + 1, 1, sim->count, &index))
		return sim->devices[index - 1];
	for (size_t i = 0; i < sim->count; i++)
		if (strcmp(sim->devices[i]->spec.id, id) == 0)
			return sim->devices[i];
	return NULL;
}

void
sim_close(struct sim *sim)
{
	for (size_t i = 0; i < sim->count; i++)
		device_free(sim->devices[i]);
	free(sim->devices);
	sim->devices = NULL;
	sim->count = 0;
	mdns_free(sim->mdns);
	sim->mdns = NULL;
	lan_close(&sim->lan);
}
