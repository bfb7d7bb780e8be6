/* SPDX-License-Identifier: ISC */
/*
 * commands_parts -- what only the files of commands share.
 *
 *	commands.c		requests, and answers that take several turns
 *	commands_devices.c	orders for one device or for several
 *	commands_order.c	what an order to flash needs and changes
 *	commands_flash.c	flash
 *	commands_retry.c	retry
 *	commands_approve.c	approve
 *	commands_counters.c	what metrics are made of
 *	commands_images.c	images, and new ones
 *	commands_change.c	other requests that change something
 *	commands_list.c		requests with a long answer
 *	commands_policies.c	policies
 */
#ifndef REFLASHD_COMMANDS_PARTS_H
#define REFLASHD_COMMANDS_PARTS_H

#include "core/schedule/decide.h"
#include "reflashd/control/commands.h"
#include "reflashd/control/stream.h"

struct policy_census;
struct strlist;
struct registry_walk;

struct commands {
	struct commands_parts parts;
	struct streams *streams;      /* owned; long answers under way */
	struct policy_census *census; /* owned; devices of each policy */
	uint64_t started_ms;
	time_t started; /* wall clock */
};

struct answer;

/* A request, and the client that sent it; all of it is borrowed. */
struct request {
	struct commands *commands;
	struct control_client *client; /* NULL: it is gone */
	json_t *args;
	const char *who; /* who gives the order */
	/* The answer to an order for several devices, of which this is one. */
	struct answer *several;
};

/* Answer the request with the error "what: why". */
void request_fail(
    const struct request *, int code, const char *what, const char *why);

/*
 * Answer that the request was carried out; extra is taken, and may be NULL.  If
 * it could not be saved, so that a restart forgets it, the answer says why.
 */
void request_changed(const struct request *, json_t *extra);

/*
 * Return the device that the request names in one of the ways of device_find;
 * NULL: there is none, or several, which is answered.
 */
struct device *request_device(const struct request *);

/* Answer that a name is not that of one device, and list those that it fits. */
void request_not_found(
    const struct request *, const struct strlist *fits, const struct error *);

/*
 * Refuse what is asked of a device: "Hall (1000a05bf6): why"; extra is taken,
 * and may be NULL.
 */
void request_refuse(
    const struct request *, const struct device *, int code, const char *why);
void request_refuse_with(const struct request *, const struct device *,
    int code, const char *why, json_t *extra);

/*
 * Return which device an answer is about: its id, label and address, and extra,
 * which is taken and may be NULL.
 */
json_t *request_subject(const struct device *, json_t *extra);

/* Answer that the order was carried out, with the subject, which is taken. */
void request_done_with(const struct request *, json_t *subject);

/* Save the device, before the order is answered. */
void request_save(const struct request *, const struct device *);

/*
 * Return true if the order is for this image or for any.  Otherwise it is
 * refused, naming both images.  NULL: no image would be flashed.
 */
bool request_is_fresh(
    const struct request *, const struct device *, const struct device_image *);

/*
 * Return the image that a device at work has, or that it would be flashed with
 * by the decision, which is put into *found; NULL: there is none.
 */
const struct device_image *request_image(
    const struct device *, const struct decision *, struct device_image *found);

/* Return true if the request names no policy, or one that there is. */
bool request_has_policy(const struct request *, const char *name);

/* An order that is given for one device, for all, or for those of a policy. */
struct order_kind {
	const char *word, *none; /* why nothing was done: "no device waits" */
	void (*carry_out)(const struct request *, struct device *);
	/* Return true if the order is meant for the device if it is for all. */
	bool (*is_meant)(const struct request *, struct device *);
};

/* Carry an order out for the devices of the request, and answer it. */
void request_order(const struct request *, const struct order_kind *);

/*
 * Return what the device must wait for even so: its name as "held", in words as
 * "waits"; both are null if the device waits for nothing.
 */
json_t *request_waits(const struct request *, const struct device *);

/* An answer that visits all devices, or waits, in several turns. */
struct answer {
	struct stream stream;
	struct commands *commands;  /* borrowed */
	struct registry_walk *walk; /* owned; NULL: all devices were visited */
	const struct answer_ops *ops;
	uint64_t number; /* that is waited for: of a census, or of a change */
	/* Of an order for several devices. */
	const struct order_kind *kind; /* borrowed */
	json_t *args;		       /* owned */
	char *who;		       /* owned */
	json_int_t count, refused;
};

struct answer_ops {
	/* Visit a device; NULL: the answer visits none. */
	void (*visit)(
	    struct answer *, struct control_client *, struct device *);
	/* Return true once done() can be called, after the last visit. */
	bool (*is_complete)(const struct answer *);
	void (*done)(struct stream *, struct control_client *);
	bool goes_on; /* see struct stream */
};

/* Begin the answer to a request; the ops are borrowed until its end. */
struct answer *answer_start(const struct request *, const struct answer_ops *);

/* Carries out a request, and answers it now or later. */
typedef void command_fn(const struct request *);

command_fn command_approve;
command_fn command_flash, command_retry;
command_fn command_cancel, command_forget, command_label, command_pause,
    command_reload, command_resume;
command_fn command_counters;
command_fn command_images, command_image_add;
command_fn command_devices, command_history, command_plan, command_policies,
    command_status;

#endif
