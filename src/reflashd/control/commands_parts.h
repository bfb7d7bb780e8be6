/* SPDX-License-Identifier: ISC */
/*
 * commands_parts -- what the files of the commands share: what starts a flash
 * is in commands_flash.c and commands_approve.c, what else changes something in
 * commands_change.c, what has a long answer in commands_list.c, and the rest in
 * commands.c.
 */
#ifndef REFLASHD_COMMANDS_PARTS_H
#define REFLASHD_COMMANDS_PARTS_H

#include "core/device/device.h"
#include "reflashd/control/commands.h"

struct policy_census;
struct streams;

struct commands {
	struct commands_parts parts;
	struct streams *streams;      /* owned; long answers under way */
	struct policy_census *census; /* owned; of what policies decide */
	uint64_t started_ms;
};

/* A request and who sent it. */
struct request {
	struct commands *commands; /* borrowed */
	struct control_client *client;
	json_t *args; /* borrowed */
};

/* Answer it with "what: why". */
void request_fail(
    const struct request *, int code, const char *what, const char *why);

/* Who sent it, in words; dst. */
const char *request_who(const struct request *, char *dst, size_t);

/* The device that it names; NULL: it has been answered. */
struct device *request_device(const struct request *);

/*
 * What the device must wait for all the same: as "held" by its name, as "waits"
 * in words.  Both are null where the device waits for nothing.
 */
json_t *request_waits(const struct request *, const struct device *);

/* Does what was asked for, and answers, now or later. */
typedef void command_fn(const struct request *);

command_fn command_approve;
command_fn command_flash, command_retry;
command_fn command_cancel, command_forget, command_pause, command_reload,
    command_resume;
command_fn command_devices, command_history, command_plan, command_status;

#endif
