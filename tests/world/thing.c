/* SPDX-License-Identifier: ISC */
/* What all devices of the world have in common: power, Wi-Fi and an address. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/world/parts.h"
#include "tests/world/things.h"

#define BOOT_MS 4000 /* from power to the network */

struct thing things[WORLD_MAX_DEVICES];
size_t thing_count;

struct in_addr
thing_address(const struct thing *thing)
{
	return lan_address(thing->last);
}

/* Two devices of one address: the one that came last has it. */
struct thing *
thing_at(struct in_addr address)
{
	struct thing *found = NULL;

	for (size_t i = 0; i < thing_count; i++)
		if (things[i].is_on && things[i].is_joined &&
		    thing_address(&things[i]).s_addr == address.s_addr)
			found = &things[i];
	return found;
}

struct thing *
thing_find(const char *id)
{
	for (size_t i = 0; i < thing_count; i++)
		if (strcmp(things[i].id, id) == 0)
			return &things[i];
	return NULL;
}

void
thing_announce(struct thing *thing)
{
	if (!thing->is_on || !thing->is_joined || !lan_is_up() ||
	    thing_at(thing_address(thing)) != thing)
		return;
	if (thing->nature == NATURE_STOCK)
		scanner_announce(thing, "_ewelink._tcp");
	else if (thing->nature == NATURE_ESPHOME)
		scanner_announce(thing, "_esphomelib._tcp");
}

static void
on_booted(void *ctx)
{
	struct thing *thing = ctx;

	if (thing->is_on)
		thing_announce(thing);
}

void
thing_has_answered(struct in_addr from)
{
	struct thing *thing = thing_at(from);

	if (thing != NULL && thing->nature == NATURE_STOCK)
		thing->answered_ms = world_ms();
}

void
thing_switch(struct thing *thing, bool on)
{
	if (thing->is_on == on)
		return;
	thing->is_on = on;
	thing->is_joined |= thing->nature == NATURE_STOCK;
	thing->shaken_ms = world_ms();
	thing->lives++;
	thing->order.is_on = false; /* a restart forgets its orders */
	thing->is_unlocked = false;
	thing->busy_until_ms = 0;
	thing->seq = 1;
	if (on)
		world_at(world_ms() + BOOT_MS, on_booted, thing);
}

void
thing_join(struct thing *thing)
{
	thing->is_joined = true;
	world_at(world_ms() + BOOT_MS, on_booted, thing);
}

void
thing_move(struct thing *thing, unsigned last)
{
	thing->last_before = thing->last;
	thing->last = last;
	thing->has_moved = true;
	thing->shaken_ms = world_ms();
	thing_announce(thing);
}

void
answer_json(struct answer *answer, const char *fmt, ...)
{
	va_list args;

	answer->kind = ANSWER_HTTP;
	answer->status = 200;
	va_start(args, fmt);
	answer->len =
	    (size_t)vsnprintf(answer->body, sizeof(answer->body), fmt, args);
	va_end(args);
}

void
thing_asked(
    struct thing *thing, const struct asked *asked, struct answer *answer)
{
	*answer = (struct answer){ .kind = ANSWER_REFUSED };
	switch (thing->nature) {
	case NATURE_STOCK:
		stock_asked(thing, asked, answer);
		break;
	case NATURE_TASMOTA:
		tasmota_asked(thing, asked, answer);
		break;
	case NATURE_ESPHOME:
		esphome_asked(thing, asked, answer);
		break;
	}
}
