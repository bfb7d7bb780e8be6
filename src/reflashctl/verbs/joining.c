/* SPDX-License-Identifier: ISC */
/*
 * The verb joining: devices that wait in their own access point for somebody's
 * Wi-Fi.  It is read beside a phone, so its lines are short.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

/* Return what JSON tells of a device; a new object with exactly these keys. */
static json_t *
entry_of(const json_t *device)
{
	static const char *const keys[] = { "id", "label", "access_point",
		"page", "since" };
	json_t *entry = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set(
		    entry, keys[i], json_object_get(device, keys[i]));
	return entry;
}

static int
by_since(const json_t *one, const json_t *other)
{
	const char *a = device_text(one, "since");
	const char *b = device_text(other, "since");

	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

/* Return the devices that wait for Wi-Fi, the longest first; a new array. */
static json_t *
choose(const json_t *devices)
{
	json_auto_t *joining = json_array();
	const json_t *device;
	size_t i;

	json_array_foreach (devices, i, device)
		if (device_attention(device) == ATTENTION_JOIN)
			json_array_append_new(joining, entry_of(device));
	return device_sort(joining, by_since);
}

static void
print_line(const char *label, const char *text)
{
	char *clean = term_text(text);

	printf("  %-6s %s\n", label, clean);
	free(clean);
}

static void
print_since(const char *since)
{
	time_t when = device_time(since), now = time(NULL);
	char clock[TEXT_TIME_SIZE], ago[32], text[96];

	if (when == (time_t)-1 || when > now)
		return;
	snprintf(text, sizeof(text), "%s, %s ago", text_clock(clock, when),
	    text_seconds(ago, sizeof(ago), (uint64_t)(now - when)));
	print_line("since", text);
}

static void
print_entry(const json_t *entry)
{
	const char *label = device_text(entry, "label");
	const char *name = device_text(entry, "access_point");
	const char *page = device_text(entry, "page");
	char *id = term_text(device_text(entry, "id"));
	char *called = term_text(label);

	printf("\n%s%s%s%s%s%s\n", term_color(COLOR_BOLD),
	    label != NULL ? called : id, term_color(COLOR_NONE),
	    label != NULL ? " (" : "", label != NULL ? id : "",
	    label != NULL ? ")" : "");
	print_line("Wi-Fi", name != NULL ? name : "tasmota-...");
	if (page != NULL)
		print_line("page", page);
	print_since(device_text(entry, "since"));
	free(called);
	free(id);
}

static void
print_joining(const json_t *joining)
{
	size_t count = json_array_size(joining), i;
	const json_t *entry;

	if (count == 0) {
		puts("no device waits for your Wi-Fi");
		return;
	}
	printf("%zu device%s your Wi-Fi.\n"
	       "With your phone, for each of them:\n"
	       "join its Wi-Fi, open its page, and\n"
	       "enter your own Wi-Fi there.\n",
	    count, count == 1 ? " waits for" : "s wait for");
	json_array_foreach (joining, i, entry)
		print_entry(entry);
}

int
verb_joining(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_DEVICES, NULL, &answer);
	json_auto_t *joining = choose(answer.items);

	(void)argc;
	(void)argv;
	if (rc == CTL_EXIT_DONE && ctl->json)
		json_out_print(
		    "joining", json_out_list(JSON_OUT_JOINING, joining));
	else if (rc == CTL_EXIT_DONE)
		print_joining(joining);
	answer_fini(&answer);
	return rc;
}
