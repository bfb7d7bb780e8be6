/* SPDX-License-Identifier: ISC */
/*
 * Decides about devices with each new fact, and again when one that waits may
 * go by the clock.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/device/registry.h"
#include "core/schedule/turns.h"
#include "io/images.h"
#include "io/timer.h"
#include "reflashd/schedule/scheduler_parts.h"
#include "reflashd/store/persist.h"

#define PAST_MS	 1000  /* a wait is over, and still the device waits */
#define CLOCK_MS 30000 /* the wall clock may be set, so it is read again */

/* Return when a device that waits for the clock may go; UINT64_MAX: never. */
static uint64_t
due_of(const struct device *device, uint64_t now)
{
	uint64_t at = UINT64_MAX;

	if (device->state != STATE_HELD)
		return UINT64_MAX;
	if (device->hold == HOLD_BACKOFF)
		at = device_waits_until(device);
	else if (device->hold == HOLD_WINDOW || device->hold == HOLD_SOAK ||
	    device->hold == HOLD_DISK || device->hold == HOLD_CANARY)
		at = now + CLOCK_MS;
	if (at <= now && device->look != NULL)
		return UINT64_MAX; /* the answer has the device considered */
	return at;
}

static void
set_due(struct scheduler *scheduler, uint64_t at, uint64_t now)
{
	scheduler->due_ms = at;
	if (at == UINT64_MAX)
		timer_stop(scheduler->due);
	else
		timer_set(scheduler->due, at > now ? at - now : PAST_MS);
}

/* Set the timer for when the first device that waits for the clock may go. */
static void
schedule_due(struct scheduler *scheduler)
{
	uint64_t now = clock_now_ms(), first = UINT64_MAX;
	registry_foreach (scheduler->parts.registry, device) {
		uint64_t at = due_of(device, now);

		if (at < first)
			first = at;
	}
	set_due(scheduler, first, now);
}

/* The same after one decision: the timer must not come after that device. */
static void
schedule_due_of(struct scheduler *scheduler, const struct device *device)
{
	uint64_t now = clock_now_ms(), at = due_of(device, now);

	if (at < scheduler->due_ms)
		set_due(scheduler, at, now);
}

void
scheduler_consider(struct scheduler *scheduler, struct device *device)
{
	struct error why;
	struct scheduler_view view = { .scheduler = scheduler, .why = &why };

	scheduler_consider_by(&view, device);
	scheduler_view_fini(&view);
	schedule_due_of(scheduler, device);
}

void
scheduler_consider_learned(struct scheduler *scheduler)
{
	struct error why;
	struct scheduler_view view = { .scheduler = scheduler, .why = &why };
	struct device *device;

	while ((device = registry_take_learned(scheduler->parts.registry)) !=
	    NULL) {
		if (!state_is_at_work(device->state))
			scheduler_consider_by(&view, device);
		schedule_due_of(scheduler, device);
	}
	scheduler_view_fini(&view);
}

static void
consider_turn(
    struct scheduler_view *view, enum turn turn, const struct turns *turns)
{
	struct registry *registry = view->scheduler->parts.registry;
	registry_foreach (registry, device)
		if ((!state_is_at_work(device->state) ||
			state_is_before_offer(device->state)) &&
		    turns_of(turns, device) == turn)
			scheduler_consider_by(view, device);
}

void
scheduler_consider_all(struct scheduler *scheduler)
{
	struct error why;
	struct scheduler_view view = { .scheduler = scheduler, .why = &why };
	struct turns *turns = turns_new(scheduler->parts.registry);

	tzset(); /* windows are in the time zone that this machine has now */
	for (enum turn turn = 0; turn < TURNS; turn++)
		consider_turn(&view, turn, turns);
	turns_free(turns);
	scheduler_view_fini(&view);
	schedule_due(scheduler);
}

void
scheduler_consider_soon(struct scheduler *scheduler)
{
	if (scheduler != NULL)
		timer_set(scheduler->again, 0);
}

static void
on_learned(void *ctx)
{
	timer_set(((struct scheduler *)ctx)->learned, 0);
}

static void
on_learned_turn(void *ctx)
{
	scheduler_consider_learned(ctx);
}

static void
on_consider(void *ctx)
{
	struct scheduler *scheduler = ctx;

	persist_check(scheduler->parts.persist);
	scheduler_consider_all(scheduler);
}

bool
scheduler_may_order(struct scheduler *scheduler, const char *image)
{
	if (orders_tidy(scheduler->orders, scheduler->parts.registry))
		image_cache_tidy(scheduler->parts.images);
	return image == NULL || orders_policy(scheduler->orders, image) != NULL;
}

struct scheduler *
scheduler_new(const struct scheduler_parts *parts)
{
	struct scheduler *scheduler = xcalloc(1, sizeof(*scheduler));

	scheduler->parts = *parts;
	scheduler->orders = orders_new();
	scheduler->due = timer_new(parts->base, on_consider, scheduler);
	scheduler->due_ms = UINT64_MAX;
	scheduler->again = timer_new(parts->base, on_consider, scheduler);
	scheduler->learned = timer_new(parts->base, on_learned_turn, scheduler);
	scheduler->go_on = timer_new(parts->base, on_consider, scheduler);
	registry_listen(parts->registry, on_learned, scheduler);
	return scheduler;
}

void
scheduler_free(struct scheduler *scheduler)
{
	if (scheduler == NULL)
		return;
	registry_listen(scheduler->parts.registry, NULL, NULL);
	timer_free(scheduler->due);
	timer_free(scheduler->again);
	timer_free(scheduler->learned);
	timer_free(scheduler->go_on);
	orders_free(scheduler->orders);
	free(scheduler);
}
