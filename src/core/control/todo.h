/* SPDX-License-Identifier: ISC */
/*
 * todo -- what a person has to do, the most urgent first.
 *
 * The daemon makes the list for status, from the devices that need a person,
 * from what is paused and from what is in the way of the daemon itself. Devices
 * that need the same for the same reason are one entry.
 */
#ifndef REFLASHD_TODO_H
#define REFLASHD_TODO_H

#include <jansson.h>
#include <stdbool.h>

#include "core/device/device.h"

#define TODO_NAMES                                                             \
	5 /* devices that a sentence names; of more it says how many */

/* clang-format off */
/* The most urgent first. A token never changes its meaning. */
#define TODOS(X) \
X(KEEP_ON, "keep-on") /* devices that must not be switched off */ \
X(PROBLEM, "problem") /* something is in the way of the daemon */ \
X(STOPPED, "stopped") /* a policy stopped by its failures */ \
X(FAILED,  "failed") \
X(STUCK,   "stuck")   /* flashed, and the set-up lacks something */ \
X(APPROVE, "approve") /* waiting for an approval */ \
X(JOIN,    "join")    /* waiting for somebody's Wi-Fi */ \
X(REFUSED, "refused") /* refused, and a person can help */ \
X(PAUSED,  "paused")  /* by a person */ \
X(PROPOSE, "propose") /* devices can be flashed, and there is no policy */
/* clang-format on */

enum todo_what {
#define X(symbol, token) TODO_##symbol,
	TODOS(X)
#undef X
	    TODO_WHATS
};

struct todo_list;

struct todo_list *todo_new(void);

/* Take a device into account, which is borrowed until todo_make(). */
void todo_add_device(struct todo_list *, const struct device *);

/* Add what is in the way, in a sentence. */
void todo_add_problem(struct todo_list *, const char *sentence);

/*
 * Add a pause of this policy (NULL: of everything), and why; is_stopped: by its
 * failures, and not by a person.
 */
void todo_add_pause(
    struct todo_list *, const char *policy, const char *why, bool is_stopped);

/* Note that there is no policy, before any device is added. */
void todo_add_no_policy(struct todo_list *);

/* Return the list as an array of objects, and free it. */
json_t *todo_make(struct todo_list *);

#endif
