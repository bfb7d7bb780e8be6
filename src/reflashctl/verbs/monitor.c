/* SPDX-License-Identifier: ISC */
/* The verb monitor, and watch without a terminal: a line for each change. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "reflashctl/link/request.h"
#include "reflashctl/link/subscription.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/monitor.h"

static void
print_now(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[16] = "";

	if (localtime_r(&now, &tm) != NULL)
		strftime(text, sizeof(text), "%H:%M:%S", &tm);
	printf("%s  ", text);
}

static void
print_device(const json_t *device)
{
	const char *label = device_text(device, "label");
	char line[200], *clean;
	bool needs_why = device_text(device, "advice") != NULL ||
	    device_state_of(device) == STATE_SEEN;
	const char *detail = device_text(device, "detail");

	clean = term_text(device_line(device, line, sizeof(line)));
	print_now();
	printf("%s%s%s", term_color(device_color(device)), clean,
	    term_color(COLOR_NONE));
	free(clean);
	if (label != NULL) {
		clean = term_text(label);
		printf(" [%s]", clean);
		free(clean);
	}
	if (needs_why && detail != NULL) {
		clean = term_text(detail);
		printf(" (%s)", clean);
		free(clean);
	}
	putchar('\n');
}

static void
print_other(const json_t *event)
{
	char *what = term_text(device_text(event, "event"));
	char *id = term_text(device_text(event, "id"));

	print_now();
	printf("%-10s  %s\n", id, what);
	free(id);
	free(what);
}

static void
print_json(json_t *event)
{
	json_t *device = json_object_get(event, "device");
	char now[TEXT_TIME_SIZE];

	json_object_set_new(
	    event, "time", json_string(text_time(now, time(NULL))));
	if (device != NULL) {
		json_object_set(event, "id", json_object_get(device, "id"));
		json_object_set_new(
		    event, "device", json_out_object(JSON_OUT_DEVICE, device));
	}
	json_out_print_object(
	    json_out_object(JSON_OUT_EVENT, event), JSON_COMPACT);
}

/* Print an event, which is taken. */
static void
print_event(json_t *event, bool json)
{
	json_t *device = json_object_get(event, "device");

	if (json)
		print_json(event);
	else if (device != NULL)
		print_device(device);
	else
		print_other(event);
	json_decref(event);
	fflush(stdout);
}

int
monitor_run(struct ctl *ctl, bool list_first)
{
	struct subscription *feed = subscription_new(ctl->socket,
	    list_first ? SUBSCRIPTION_ALL : SUBSCRIPTION_CHANGES, NULL);
	bool was_there = false;
	enum subscription_end end;
	struct error err;
	json_t *event;

	while ((end = subscription_next(feed, -1, &event, &err)) !=
		SUBSCRIPTION_DOWN &&
	    !ferror(stdout)) {
		was_there |= end == SUBSCRIPTION_LISTED;
		if (end == SUBSCRIPTION_EVENT)
			print_event(event, ctl->json);
	}
	subscription_free(feed);
	if (end != SUBSCRIPTION_DOWN)
		return CTL_EXIT_ERROR;
	if (!was_there)
		return request_fail(ctl, &err, NULL);
	complain("%s", err.text);
	return CTL_EXIT_NO_DAEMON;
}

int
verb_monitor(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return monitor_run(ctl, false);
}
