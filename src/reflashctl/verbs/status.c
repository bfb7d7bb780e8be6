/* SPDX-License-Identifier: ISC */
/* The verb status. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

/* "5: 2 seen, 1 downloading", in the order of the states. */
static void
print_counts(const json_t *counts)
{
	char text[256];
	size_t used = 0;
	json_int_t sum = 0;

	text[0] = '\0';
	for (enum state s = 0; s < STATE_COUNT; s++) {
		json_int_t n = device_number(counts, state_name(s));

		sum += n;
		if (n > 0 && used < sizeof(text))
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s%lld %s",
			    used > 0 ? ", " : "", (long long)n, state_name(s));
	}
	field_print("devices", sum > 0 ? text : "none seen yet", COLOR_NONE);
}

static void
print_policy(const json_t *policy)
{
	const char *name = device_text(policy, "name");
	const char *action = device_text(policy, "action");
	const char *reason = device_text(policy, "reason");
	const char *note = device_text(policy, "note");
	bool paused = json_is_true(json_object_get(policy, "paused"));
	json_int_t devices = device_number(policy, "devices");
	char text[600];

	snprintf(text, sizeof(text), "%s: %s, %lld device%s%s%s%s%s%s",
	    name != NULL ? name : "-", action != NULL ? action : "-",
	    (long long)devices, devices == 1 ? "" : "s",
	    paused ? ", paused" : "", paused && reason != NULL ? ": " : "",
	    paused && reason != NULL ? reason : "", note != NULL ? ": " : "",
	    note != NULL ? note : "");
	field_print(
	    "policy", text, paused || note != NULL ? COLOR_YELLOW : COLOR_NONE);
}

/* Nothing is said twice. */
static bool
has_problem(const json_t *problems, const char *start)
{
	const json_t *one;
	size_t i;

	json_array_foreach (problems, i, one) {
		const char *text = json_string_value(one);

		if (text != NULL && strncmp(text, start, strlen(start)) == 0)
			return true;
	}
	return false;
}

static void
print_port(const json_t *status)
{
	json_int_t port = device_number(status, "port");
	char text[64];

	snprintf(
	    text, sizeof(text), "serves images on port %lld", (long long)port);
	if (port != 0)
		field_print("http", text, COLOR_NONE);
}

/* What a person has to do, for all devices that wait for the same. */
struct todo {
	const char *one, *verb;	  /* "ID ...: reflashctl verb ID" */
	const char *many, *words; /* "N ...: reflashctl words" */
	size_t count;
	const char *id; /* borrowed; of the first */
};

enum { TODO_APPROVE, TODO_FAILED, TODO_REFUSED, TODO_JOIN, TODO_COUNT };

/* TODO_COUNT: none. */
static int
todo_of(const json_t *device)
{
	const char *reason = device_text(device, "reason");

	switch (device_state_of(device)) {
	case STATE_HELD:
		return reason != NULL && hold_find(reason) == HOLD_APPROVAL
		    ? TODO_APPROVE
		    : TODO_COUNT;
	case STATE_FAILED:
		return TODO_FAILED;
	case STATE_REFUSED:
		return TODO_REFUSED;
	case STATE_FLASHED:
		return device_text(device, "advice") != NULL ? TODO_JOIN
							     : TODO_COUNT;
	default:
		return TODO_COUNT;
	}
}

static void
print_todo(const struct todo *todo)
{
	char text[240];

	if (todo->count == 0)
		return;
	if (todo->count == 1)
		snprintf(text, sizeof(text), "%s %s: reflashctl %s %s",
		    todo->id, todo->one, todo->verb, todo->id);
	else
		snprintf(text, sizeof(text), "%zu %s: reflashctl %s",
		    todo->count, todo->many, todo->words);
	field_print("to do", text, COLOR_YELLOW);
}

static void
print_todos(const json_t *devices)
{
	struct todo todos[TODO_COUNT] = {
		[TODO_APPROVE] = { "waits for approval", "approve",
		    "wait for approval", "approve --all", 0, NULL },
		[TODO_FAILED] = { "has failed", "show", "have failed",
		    "devices", 0, NULL },
		[TODO_REFUSED] = { "is refused", "show", "are refused", "plan",
		    0, NULL },
		[TODO_JOIN] = { "waits for your Wi-Fi", "show",
		    "wait for your Wi-Fi", "show ID", 0, NULL },
	};
	const json_t *device;
	size_t i;

	json_array_foreach (devices, i, device) {
		const char *id = device_text(device, "id");
		int todo = todo_of(device);

		if (todo == TODO_COUNT || id == NULL)
			continue;
		if (todos[todo].count++ == 0)
			todos[todo].id = id;
	}
	for (i = 0; i < TODO_COUNT; i++)
		print_todo(&todos[i]);
}

static void
print_status(const json_t *status, const json_t *devices)
{
	const json_t *policies = json_object_get(status, "policies"), *one;
	const json_t *problems = json_object_get(status, "problems");
	char *version = term_text(device_text(status, "version"));
	uint64_t uptime = (uint64_t)device_number(status, "uptime");
	char up[32];
	size_t i;

	printf("%sreflashd %s%s, up %s\n", term_color(COLOR_BOLD), version,
	    term_color(COLOR_NONE), text_seconds(up, sizeof(up), uptime));
	free(version);
	print_counts(json_object_get(status, "counts"));
	print_port(status);
	if (!has_problem(problems, "discovery:"))
		field_print(
		    "discovery", device_text(status, "discovery"), COLOR_NONE);
	if (json_is_true(json_object_get(status, "paused")))
		field_print("paused",
		    "no new flash is started; go on with: reflashctl resume",
		    COLOR_YELLOW);
	json_array_foreach (policies, i, one)
		print_policy(one);
	if (json_array_size(policies) == 0)
		field_print("policy",
		    "none: everything is observed, nothing is flashed",
		    COLOR_NONE);
	json_array_foreach (problems, i, one)
		field_print("problem", json_string_value(one), COLOR_RED);
	print_todos(devices);
}

/* For people: also what the devices wait for. */
static int
tell(struct ctl *ctl, const struct answer *status)
{
	struct answer devices;
	struct error err;
	int rc = CTL_EXIT_DONE;

	if (!request_send(ctl, CTL_DEVICES, NULL, &devices, &err))
		rc = request_fail(ctl, &err, &devices);
	else
		print_status(status->reply, devices.items);
	answer_fini(&devices);
	return rc;
}

int
verb_status(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	struct error err;
	int rc = CTL_EXIT_DONE;

	(void)argc;
	(void)argv;
	if (!request_send(ctl, CTL_STATUS, NULL, &answer, &err)) {
		rc = request_fail(ctl, &err, &answer);
	} else if (ctl->json) {
		json_object_del(answer.reply, "ok");
		json_out_print_object(
		    json_out_object(JSON_OUT_STATUS, answer.reply),
		    JSON_INDENT(2));
	} else {
		rc = tell(ctl, &answer);
	}
	answer_fini(&answer);
	return rc;
}
