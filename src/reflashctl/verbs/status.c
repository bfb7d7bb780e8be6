/* SPDX-License-Identifier: ISC */
/* The verb status: the daemon, its policies, and what a person has to do. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

/* Print "2 seen, 1 downloading", in the order of the states. */
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
	const char *note = device_text(policy, "note");
	bool paused = json_is_true(json_object_get(policy, "paused"));
	json_int_t devices = device_number(policy, "devices");
	char text[600];

	snprintf(text, sizeof(text), "%s: %s, %lld device%s%s%s%s",
	    name != NULL ? name : "-", action != NULL ? action : "-",
	    (long long)devices, devices == 1 ? "" : "s",
	    paused ? ", paused" : "", note != NULL ? ": " : "",
	    note != NULL ? note : "");
	field_print(
	    "policy", text, paused || note != NULL ? COLOR_YELLOW : COLOR_NONE);
}

/* Return true if a problem begins so, and need not be said twice. */
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

/* Print what is to be done, with the command, if the sentence lacks it. */
static void
print_todo(const json_t *todo)
{
	const char *what = device_text(todo, "what");
	const char *sentence = device_text(todo, "sentence");
	const char *command = device_text(todo, "command");
	bool is_said = command == NULL ||
	    (sentence != NULL && strstr(sentence, command) != NULL);
	bool is_problem = what != NULL && strcmp(what, "problem") == 0;
	bool is_urgent =
	    is_problem || (what != NULL && strcmp(what, "keep-on") == 0);
	char *text;

	if (sentence == NULL)
		return;
	text = xasprintf(
	    "%s%s%s", sentence, is_said ? "" : ": ", is_said ? "" : command);
	field_print(is_problem ? "problem" : "to do", text,
	    is_urgent ? COLOR_RED : COLOR_YELLOW);
	free(text);
}

static void
print_policies(const json_t *policies)
{
	const json_t *policy;
	size_t i;

	json_array_foreach (policies, i, policy)
		print_policy(policy);
	if (json_array_size(policies) == 0)
		field_print("policy",
		    "none: everything is observed, nothing is flashed",
		    COLOR_NONE);
}

static void
print_status(const json_t *status)
{
	char *version = term_text(device_text(status, "version"));
	uint64_t uptime = (uint64_t)device_number(status, "uptime");
	const json_t *todo;
	char up[32];
	size_t i;

	printf("%sreflashd %s%s, up %s\n", term_color(COLOR_BOLD), version,
	    term_color(COLOR_NONE), text_seconds(up, sizeof(up), uptime));
	free(version);
	json_array_foreach (json_object_get(status, "todo"), i, todo)
		print_todo(todo);
	print_counts(json_object_get(status, "counts"));
	print_policies(json_object_get(status, "policies"));
	print_port(status);
	if (!has_problem(json_object_get(status, "problems"), "discovery:"))
		field_print(
		    "discovery", device_text(status, "discovery"), COLOR_NONE);
}

int
verb_status(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_STATUS, NULL, &answer);

	(void)argc;
	(void)argv;
	if (rc == CTL_EXIT_DONE && ctl->json) {
		json_object_del(answer.reply, "ok");
		json_out_print_object(
		    json_out_object(JSON_OUT_STATUS, answer.reply),
		    JSON_INDENT(2));
	} else if (rc == CTL_EXIT_DONE) {
		print_status(answer.reply);
	}
	answer_fini(&answer);
	return rc;
}
