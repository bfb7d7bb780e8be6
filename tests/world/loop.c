/* SPDX-License-Identifier: ISC */
/*
 * Virtual time for the daemon and the world: a queue of events, and base/clock,
 * io/timer, io/watch and the event loop of libevent above it.
 */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/timer.h"
#include "io/watch.h"
#include "tests/world/world.h"
#include "tests/world/parts.h"

#define MAX_TURNS  200000 /* of the loop within a millisecond: it spins */
#define MAX_EVENTS 4096
#define BOOT_MS	   1000 /* from power to the first daemon */

struct event {
	uint64_t ms, number;
	unsigned life; /* 0: the world's */
	bool is_late;  /* a timer that was due while the daemon did not run */
	world_fn *fn;
	void *ctx;
};

static struct {
	uint64_t now_ms, slept_ms, boot_ms;
	time_t wall_at_zero;
	struct event queue[MAX_EVENTS]; /* a heap: the next one is the first */
	size_t count;
	uint64_t last; /* number that an event got */
	uint64_t turns, turns_ms;
	unsigned life, die_after;
	uint64_t asleep_until_ms,
	    frozen_until_ms; /* the daemon does not get to run */
	bool is_running, is_broken;
	jmp_buf death;
} loop = { .wall_at_zero = 1767261600 /* Thu 1 Jan 2026, 10:00 UTC */ };

static uint64_t
mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static uint64_t
topic_number(const char *topic, unsigned who)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *topic != '\0'; topic++)
		hash = (hash ^ (unsigned char)*topic) * 0x100000001b3u;
	return mix(hash ^ ((uint64_t)who << 32));
}

static struct {
	uint64_t topic, drawn;
} topics[512];

void
world_begin(uint64_t seed)
{
	world_seed = seed;
	memset(topics, 0, sizeof(topics));
}

unsigned
world_draw(const char *topic, unsigned who, unsigned n)
{
	uint64_t number = topic_number(topic, who);
	size_t at = number % 512;

	while (topics[at].topic != number && topics[at].topic != 0)
		at = (at + 1) % 512;
	topics[at].topic = number;
	return (
	    unsigned)(mix(mix(number ^ world_seed) + topics[at].drawn++) % n);
}

bool
world_chance(const char *topic, unsigned who, unsigned percent)
{
	return percent > 0 && world_draw(topic, who, 100) < percent;
}

static bool
is_before(const struct event *a, const struct event *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms;
	return a->is_late != b->is_late ? b->is_late : a->number < b->number;
}

static void
swap(size_t a, size_t b)
{
	struct event was = loop.queue[a];

	loop.queue[a] = loop.queue[b];
	loop.queue[b] = was;
}

static void
rise(size_t at)
{
	for (; at > 0 && is_before(&loop.queue[at], &loop.queue[(at - 1) / 2]);
	    at = (at - 1) / 2)
		swap(at, (at - 1) / 2);
}

static void
sink(size_t at)
{
	for (;;) {
		size_t least = at, left = 2 * at + 1;

		for (size_t i = left; i < left + 2 && i < loop.count; i++)
			if (is_before(&loop.queue[i], &loop.queue[least]))
				least = i;
		if (least == at)
			return;
		swap(at, least);
		at = least;
	}
}

static void
take_out(size_t at)
{
	loop.queue[at] = loop.queue[--loop.count];
	if (at < loop.count) {
		sink(at);
		rise(at);
	}
}

static uint64_t
add(uint64_t ms, unsigned life, world_fn *fn, void *ctx)
{
	if (loop.count == MAX_EVENTS)
		world_fail("more than %d events wait", MAX_EVENTS);
	loop.queue[loop.count] =
	    (struct event){ .ms = ms < loop.now_ms ? loop.now_ms : ms,
		    .number = ++loop.last,
		    .life = life,
		    .fn = fn,
		    .ctx = ctx };
	rise(loop.count++);
	return loop.last;
}

uint64_t
world_at(uint64_t ms, world_fn *fn, void *ctx)
{
	return add(ms, 0, fn, ctx);
}

uint64_t
world_at_of_daemon(uint64_t ms, world_fn *fn, void *ctx)
{
	return add(ms, loop.life, fn, ctx);
}

void
world_cancel(uint64_t number)
{
	for (size_t i = 0; number != 0 && i < loop.count; i++)
		if (loop.queue[i].number == number) {
			take_out(i);
			return;
		}
}

size_t
world_pending_of_daemon(void)
{
	size_t count = 0;

	for (size_t i = 0; i < loop.count; i++)
		count += loop.queue[i].life != 0;
	return count;
}

uint64_t
world_ms(void)
{
	return loop.now_ms;
}

void
world_spend(uint64_t ms)
{
	loop.now_ms += ms;
}

time_t
world_wall(void)
{
	return loop.wall_at_zero + (time_t)(loop.now_ms / 1000);
}

void
world_set_wall(time_t wall)
{
	loop.wall_at_zero += wall - world_wall();
}

void
world_freeze(uint64_t ms)
{
	if (loop.frozen_until_ms < loop.now_ms + ms)
		loop.frozen_until_ms = loop.now_ms + ms;
}

uint64_t
world_ran_ms(void)
{
	return loop.frozen_until_ms;
}

bool
world_is_frozen(void)
{
	return loop.now_ms < loop.frozen_until_ms;
}

void
world_sleep(uint64_t ms)
{
	world_freeze(ms);
	loop.slept_ms += ms;
	loop.asleep_until_ms = loop.frozen_until_ms;
}

uint64_t
world_wakes_ms(void)
{
	return loop.asleep_until_ms;
}

uint64_t
clock_now_ms(void)
{
	return loop.now_ms - loop.boot_ms + BOOT_MS;
}

uint64_t
clock_awake_ms(void)
{
	return clock_now_ms() - loop.slept_ms;
}

uint64_t
clock_awake_ns(void)
{
	return clock_awake_ms() * 1000000;
}

const char *
clock_boot(void)
{
	static char boot[37];

	snprintf(
	    boot, sizeof(boot), "boot-%llu", (unsigned long long)loop.boot_ms);
	return boot;
}

bool
clock_is_being_set(void)
{
	return false;
}

time_t __wrap_time(time_t *);

time_t
__wrap_time(time_t *out)
{
	if (out != NULL)
		*out = world_wall();
	return world_wall();
}

struct timer {
	uint64_t event; /* 0: not set */
	timer_fn *fn;
	void *ctx;
};

static void
on_timer(void *ctx)
{
	struct timer *timer = ctx;

	timer->event = 0;
	if (loop.turns > MAX_TURNS - 8)
		fprintf(stderr, "timer fn main%+ld\n",
		    (long)((char *)timer->fn - (char *)event_base_new));
	timer->fn(timer->ctx);
}

struct timer *
timer_new(struct event_base *base, timer_fn *fn, void *ctx)
{
	struct timer *timer = xcalloc(1, sizeof(*timer));

	(void)base;
	timer->fn = fn;
	timer->ctx = ctx;
	return timer;
}

void
timer_free(struct timer *timer)
{
	if (timer != NULL)
		world_cancel(timer->event);
	free(timer);
}

void
timer_set(struct timer *timer, uint64_t ms)
{
	world_cancel(timer->event);
	timer->event = world_at_of_daemon(loop.now_ms + ms, on_timer, timer);
}

void
timer_stop(struct timer *timer)
{
	world_cancel(timer->event);
	timer->event = 0;
}

bool
timer_is_set(const struct timer *timer)
{
	return timer->event != 0;
}

/* The daemon has one watch: for what the kernel says of networks. */
struct watch {
	watch_fn *fn;
	void *ctx;
};

static struct watch *network_watch;

struct watch *
watch_new(struct event_base *base, watch_fn *fn, void *ctx)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	(void)base;
	watch->fn = fn;
	watch->ctx = ctx;
	network_watch = watch;
	return watch;
}

void
watch_free(struct watch *watch)
{
	network_watch = NULL;
	free(watch);
}

void
watch_set(struct watch *watch, int fd)
{
	(void)watch;
	(void)fd;
}

static void
on_watch(void *ctx)
{
	struct watch *watch = ctx;

	if (watch == network_watch)
		watch->fn(watch->ctx);
}

void
watch_call(struct watch *watch)
{
	world_at_of_daemon(loop.now_ms, on_watch, watch);
}

void
loop_network_changed(void)
{
	if (network_watch != NULL)
		watch_call(network_watch);
}

/* A loop that does not let time pass would hang the real daemon. */
static void
count_turn(void)
{
	if (loop.turns_ms != loop.now_ms)
		loop.turns = 0;
	loop.turns_ms = loop.now_ms;
	if (++loop.turns > MAX_TURNS)
		world_fail("the daemon spins: %d events without time passing",
		    MAX_TURNS);
}

/*
 * Let an event of the daemon wait, in its order, until the daemon runs again:
 * but libevent calls what has come in before the timers that are due.
 */
static bool
must_wait(const struct event *event)
{
	if (event->life != loop.life || event->ms >= loop.frozen_until_ms)
		return false;
	loop.queue[0].ms = loop.frozen_until_ms;
	loop.queue[0].is_late = event->fn == on_timer;
	sink(0);
	return true;
}

static void
run_next(void)
{
	struct event event = loop.queue[0];

	if (event.life != 0 && must_wait(&event))
		return;
	take_out(0);
	if (event.ms > loop.now_ms)
		loop.now_ms = event.ms;
	if (event.life != 0 && event.life != loop.life)
		return;
	count_turn();
	event.fn(event.ctx);
	if (event.life != 0)
		truth_check();
}

void
world_run_until(uint64_t ms)
{
	while (loop.count > 0 && loop.queue[0].ms <= ms && !loop.is_broken)
		run_next();
	if (!loop.is_broken && loop.now_ms < ms)
		loop.now_ms = ms;
}

struct event_base *
event_base_new(void)
{
	static char base;

	return (struct event_base *)&base;
}

void
event_base_free(struct event_base *base)
{
	(void)base;
}

int
event_base_dispatch(struct event_base *base)
{
	(void)base;
	loop.is_broken = false;
	world_run_until(world_end_ms);
	return 0;
}

int
event_base_loopbreak(struct event_base *base)
{
	(void)base;
	loop.is_broken = true;
	return 0;
}

void
libevent_global_shutdown(void)
{
}

bool
world_is_running(void)
{
	return loop.is_running;
}

unsigned
world_life(void)
{
	return loop.life;
}

void
world_new_life(void)
{
	loop.life++;
	loop.die_after = 0;
	loop.frozen_until_ms = 0;
	loop.is_broken = false;
	network_watch = NULL;
	for (size_t i = loop.count; i-- > 0;)
		if (loop.queue[i].life != 0) {
			take_out(i);
			i = loop.count;
		}
}

void
world_boot(void)
{
	loop.boot_ms = loop.now_ms;
	loop.slept_ms = 0;
}

void
loop_live(void (*life)(void *ctx), void *ctx)
{
	loop.is_running = true;
	if (setjmp(loop.death) == 0)
		life(ctx);
	loop.is_running = false;
	loop.is_broken = false;
}

void
world_die(void)
{
	if (!loop.is_running)
		return;
	world_note("the daemon is killed");
	longjmp(loop.death, 1);
}

void
world_die_after_disk_operations(unsigned n)
{
	loop.die_after = n;
}

void
loop_disk_operation(void)
{
	if (loop.is_running && loop.die_after > 0 && --loop.die_after == 0)
		world_die();
}
