/* SPDX-License-Identifier: ISC */
/*
 * world -- a machine, a network and devices that exist only in this process,
 * around the real objects of reflashd.
 *
 * The linker gives reflashd these files in the place of base/clock, io/timer,
 * io/http and so on: the headers of io and base are the only way from the
 * daemon to the kernel.  Below the real store lies a disk of the world's own
 * (disk.c).  Time is virtual: it moves to the next event and stands still while
 * code runs, but for what a slow disk takes.  A run is a script of acts and a
 * seed; both together decide everything that happens.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <netinet/in.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define WORLD_MAX_DEVICES 24
#define WORLD_SECOND	  UINT64_C(1000)
#define WORLD_MINUTE	  (60 * WORLD_SECOND)
#define WORLD_HOUR	  (60 * WORLD_MINUTE)

typedef void world_fn(void *ctx);

/*
 * Call a function at that time.  An event of the daemon is dropped when the
 * daemon dies; an event of the world is not.  Returns a number for
 * world_cancel().
 */
uint64_t world_at(uint64_t ms, world_fn *, void *ctx);
uint64_t world_at_of_daemon(uint64_t ms, world_fn *, void *ctx);
void world_cancel(uint64_t event); /* 0 and a past event are fine */
size_t world_pending_of_daemon(void);

uint64_t world_ms(void);       /* since the start of the run */
void world_spend(uint64_t ms); /* the daemon waits for so long */
time_t world_wall(void);       /* the clock on the wall, as it is set */
void world_set_wall(time_t);
void world_sleep(uint64_t ms);	/* the machine sleeps */
uint64_t world_wakes_ms(void);	/* when it wakes; in the past: it is awake */
void world_freeze(uint64_t ms); /* the daemon does not get to run */
bool world_is_frozen(void);
uint64_t world_ran_ms(void); /* when it last could not */

void world_begin(uint64_t seed); /* nothing was drawn so far */

/*
 * Draw a number below n.  It depends on the seed, the topic and on how often
 * that topic was drawn, and so not on what else happens in the run.
 */
unsigned world_draw(const char *topic, unsigned who, unsigned n);
bool world_chance(const char *topic, unsigned who, unsigned percent);

/* Run events until there is none before that time, or the daemon stops. */
void world_run_until(uint64_t ms);

/* The daemon dies here and now; does not return if it is running. */
void world_die(void);
void world_die_after_disk_operations(unsigned n);
bool world_is_running(void);
unsigned world_life(void); /* 1: the first */
void world_new_life(void); /* drops all that belongs to the one before */
void world_boot(void);	   /* the machine starts anew: another boot id */

/* An invariant does not hold: the run ends here. */
void world_fail(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void world_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

enum disk_mode { DISK_FINE, DISK_FULL, DISK_READONLY, DISK_BROKEN };

void disk_set_mode(enum disk_mode);
void disk_set_slow(unsigned ms); /* of each operation that writes */
void disk_replace(void);	 /* an empty one is mounted in its place */
void disk_close_all(void);	 /* the process has died */
void disk_lose_power(void);	 /* what was not made to last may be gone */
enum disk_mode disk_mode(void);
unsigned disk_slow_ms(void);
void disk_spoil(const char *folder, bool removes); /* all files in it */
/* What is in a file, whatever the disk does; NULL: there is no such file. */
const void *disk_file(const char *path, size_t *size);

#define LAN_OWN	   0x0a070001u /* 10.7.0.1/24, host byte order */
#define LAN_FIRST  10	       /* 10.7.0.10: the first device's */
#define LAN_ROUTER 254

bool lan_is_up(void);
void lan_set_up(bool);
void lan_set_own(unsigned last); /* the last byte of this machine's address */
struct in_addr lan_own(void);
struct in_addr lan_address(unsigned last);

#endif
