/* SPDX-License-Identifier: ISC */
/*
 * ctlproto -- the grammar of the control socket, for both of its ends.
 *
 *   -> {"v":1,"do":"show","args":{"id":"1000a05bf6"}}
 *   <- {"event":"item","item":{...}}       any number
 *   <- {"ok":true,...}                     exactly one, or
 *   <- {"ok":false,"code":"ENOENT","error":"1000a05bf6: no such device"}
 *
 * One JSON object per line.  The commands are in one table, from which the
 * daemon takes its handlers and rights, reflashctl its words and a test the
 * manual's list.
 */
#ifndef REFLASHD_CTLPROTO_H
#define REFLASHD_CTLPROTO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CTL_VERSION   1
#define CTL_MAX_LINE  65536 /* of a request, without its newline */
#define CTL_MAX_DEPTH 8	    /* of nested objects and arrays */
#define CTL_MAX_TEXT  1024  /* of one argument */

/* clang-format off */
#define CTL_COMMANDS(X) \
/* id        word       arguments              admin  help */ \
X(STATUS,   "status",   "",                    false, "what the daemon is doing, in short") \
X(DEVICES,  "devices",  "",                    false, "all known devices") \
X(SHOW,     "show",     "id",                  false, "one device in full") \
X(PLAN,     "plan",     "[id]",                false, "what would be flashed with what, and why not for the rest") \
X(APPROVE,  "approve",  "[id] [all]",          true,  "let a device be flashed whose policy asks") \
X(FLASH,    "flash",    "id [image] [again]",  true,  "flash one device now") \
X(RETRY,    "retry",    "id",                  true,  "try a failed device again, from where it failed") \
X(CANCEL,   "cancel",   "id",                  true,  "do not flash a device until it is retried; stops its job") \
X(FORGET,   "forget",   "id",                  true,  "remove a device and its record") \
X(PAUSE,    "pause",    "[policy]",            true,  "start no new flashes") \
X(RESUME,   "resume",   "[policy]",            true,  "start flashes again") \
X(RELOAD,   "reload",   "",                    true,  "read the configuration and the policies again") \
X(HISTORY,  "history",  "[id]",                false, "how past flashes ended") \
X(MONITOR,  "monitor",  "",                    false, "tell every change from now on")

/* The arguments, and the type that each has wherever it occurs. */
#define CTL_ARGUMENTS(X) \
X("id",      JSON_STRING) \
X("image",   JSON_STRING) \
X("policy",  JSON_STRING) \
X("all",     JSON_TRUE) \
X("again",   JSON_TRUE)

enum ctl_id {
#define X(id, word, args, admin, help) CTL_##id,
	CTL_COMMANDS(X)
#undef X
	CTL_COUNT
};
/* clang-format on */

struct ctl_command {
	enum ctl_id id;
	const char *word;
	const char *args; /* names; those in [] may be left out */
	bool admin;	  /* changes something */
	const char *help;
};

/* Get a command, borrowed for ever. find: by exactly this word, or NULL. */
const struct ctl_command *ctl_command_get(enum ctl_id);
const struct ctl_command *ctl_command_find(const char *word);

struct ctl_request {
	const struct ctl_command *command; /* borrowed for ever */
	json_t *args; /* owned; an object with checked names and types */
};

/*
 * Read one line, without its newline, from any peer.  Afterwards each argument
 * that the command needs is there and has its type.
 */
bool ctl_request_parse(
    const char *, size_t len, struct ctl_request *, struct error *);
void ctl_request_fini(struct ctl_request *);

/* Make a request; args is taken, NULL means none. */
json_t *ctl_request_new(enum ctl_id, json_t *args);

/*
 * Return the text of an argument, borrowed from args; NULL if it was left out.
 */
const char *ctl_arg_text(const json_t *args, const char *name);
bool ctl_arg_flag(const json_t *args, const char *name);

/* Make answers. item, extra and device are taken; extra may be NULL. */
json_t *ctl_item_new(json_t *item);
json_t *ctl_done_new(json_t *extra);
json_t *ctl_fail_new(const struct error *, json_t *extra);
json_t *ctl_change_new(json_t *device);
json_t *ctl_forgotten_new(const char *id);

/*
 * Translate an errno value to its name, and back.  A value without a name here
 * is EIO.
 */
const char *ctl_code_name(int code);
int ctl_code_find(const char *name);

#endif
