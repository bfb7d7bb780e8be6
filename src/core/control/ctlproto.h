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

/* The arguments of an order for one device or for several. */
#define CTL_DEVICES_ARGS "[id] [all] [policy] [who]"

/* clang-format off */
#define CTL_COMMANDS(X) \
/* id        word       arguments              admin  help */ \
X(STATUS,   "status",   "",                    false, "what the daemon is doing, in short") \
X(DEVICES,  "devices",  "",                    false, "all known devices") \
X(SHOW,     "show",     "id",                  false, "one device in full") \
X(PLAN,     "plan",     "[id]",                false, "which image each device would get, or why it would get none") \
X(POLICIES, "policies", "[policy]",            false, "whom each policy fits, and how far it has come") \
X(APPROVE,  "approve",  CTL_DEVICES_ARGS " [sha256] [preview]", true, "approve devices whose policy asks") \
X(FLASH,    "flash",    CTL_DEVICES_ARGS " [image] [again] [sha256] [preview]", true, "flash devices now") \
X(RETRY,    "retry",    CTL_DEVICES_ARGS " [sha256]", true, "try failed devices again, from where they failed") \
X(CANCEL,   "cancel",   CTL_DEVICES_ARGS,      true,  "do not flash devices until they are retried; stops their jobs") \
X(FORGET,   "forget",   CTL_DEVICES_ARGS,      true,  "remove devices and their records") \
X(LABEL,    "label",    "id [label] [who]",    true,  "call a device by a name of your own, or by none") \
X(PAUSE,    "pause",    "[policy] [who]",      true,  "start no new flashes") \
X(RESUME,   "resume",   "[policy] [who]",      true,  "start flashes again") \
X(RELOAD,   "reload",   "[who]",               true,  "read the configuration and the policies again") \
X(HISTORY,  "history",  "[id]",                false, "how past flashes ended") \
X(COUNTERS, "counters", "",                    false, "how much there was of everything since the start, for metrics") \
X(IMAGES,   "images",   "[name]",               false, "the files in ImageDirectory") \
X(IMAGE_ADD, "image-add", "name sha256 size [replace] [who]", true, "put an image into ImageDirectory") \
X(MONITOR,  "monitor",  "",                    false, "report every change from now on")

/* The arguments, and the type that each has wherever it occurs. */
#define CTL_ARGUMENTS(X) \
X("id",      JSON_STRING) \
X("image",   JSON_STRING) \
X("label",   JSON_STRING) \
X("policy",  JSON_STRING) \
X("all",     JSON_TRUE) \
X("again",   JSON_TRUE) \
X("preview", JSON_TRUE) \
X("who",     JSON_STRING) \
X("name",    JSON_STRING) \
X("sha256",  JSON_STRING) \
X("size",    JSON_INTEGER) \
X("replace", JSON_TRUE)

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
json_int_t ctl_arg_number(const json_t *args, const char *name); /* or 0 */

/* Make answers. item, extra and device are taken; extra may be NULL. */
json_t *ctl_item_new(json_t *item);
json_t *ctl_done_new(json_t *extra);
json_t *ctl_fail_new(const struct error *, json_t *extra);
json_t *ctl_change_new(json_t *device);
json_t *ctl_forgotten_new(const char *id);

/* Translate an errno value to its name, and back.  Without a name: EIO. */
const char *ctl_code_name(int code);
int ctl_code_find(const char *name);

#endif
