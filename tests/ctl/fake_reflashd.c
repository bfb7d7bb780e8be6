/* SPDX-License-Identifier: ISC */
/*
 * fake_reflashd -- a daemon that is nothing but the control socket.
 *
 *   fake_reflashd SOCKET COUNT [GROUP]
 *
 * SOCKET is a path, or fd:N for a descriptor that listens already.
 * It knows COUNT invented devices and does what its standard input says, one
 * command a line: "set ID STATE [BYTES]", "drop ID", "flood N" (N changes of
 * the first device), "big N" (items in the next lists are N bytes larger),
 * "names NAME" (of the policy and the image of each device), "twin ID OTHER"
 * (one more device, which is as ID is), "slow N" (each request takes N ms).
 * The end of input ends it.  "ready" on its output means that it listens; each
 * command is answered by "ok" once it was carried out, whether anybody listens
 * to changes (0 or 1), and how many requests there have been.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "core/state/reason.h"
#include "core/state/state.h"
#include "io/control/control.h"

#define IMAGE_SIZE 504848

struct fake {
	struct event_base *base;
	struct control *control;
	json_t *devices; /* by id, in order */
	bool paused;
	size_t padding;
	unsigned requests;
	unsigned slow_ms;
};

static json_t *
progress_of(enum state state, json_int_t bytes)
{
	if (state != STATE_DOWNLOADING && state != STATE_REBOOTING)
		return json_null();
	return json_pack("{s:I, s:i, s:i, s:i}", "bytes", bytes, "total",
	    IMAGE_SIZE, "percent", (int)(bytes * 100 / IMAGE_SIZE), "rate",
	    21800);
}

static json_t *
reason_of(enum state state)
{
	if (state == STATE_FAILED)
		return json_string(reason_token(REASON_NEVER_FETCHED));
	if (state == STATE_REFUSED)
		return json_string(reason_token(REASON_NOT_DIY_MODE));
	return state == STATE_HELD ? json_string(hold_name(HOLD_APPROVAL))
				   : json_null();
}

static json_t *
advice_of(enum state state)
{
	if (state == STATE_FAILED)
		return json_string(reason_advice(REASON_NEVER_FETCHED));
	if (state == STATE_REFUSED)
		return json_string(reason_advice(REASON_NOT_DIY_MODE));
	return json_null();
}

static void
set_state(json_t *device, enum state state, json_int_t bytes)
{
	json_object_set_new(device, "state", json_string(state_name(state)));
	json_object_set_new(device, "reason", reason_of(state));
	json_object_set_new(device, "advice", advice_of(state));
	json_object_set_new(device, "progress", progress_of(state, bytes));
	/* It was to be flashed again, was away, and came back. */
	json_object_set_new(
	    device, "attempt", json_integer(state == STATE_VERIFIED ? 0 : 1));
}

static json_t *
make_device(unsigned number)
{
	char id[16], name[32], address[20], mac[20];
	json_t *device;

	snprintf(id, sizeof(id), "1000%06x", number);
	snprintf(name, sizeof(name), "eWeLink_%s", id);
	snprintf(address, sizeof(address), "10.9.%u.%u", number / 250 % 250,
	    number % 250 + 1);
	snprintf(mac, sizeof(mac), "84:0d:8e:%02x:%02x:%02x",
	    number >> 16 & 255, number >> 8 & 255, number & 255);
	device = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:n, s:b, s:b, s:n,"
			   " s:n, s:n, s:n, s:s, s:{s:s, s:s, s:i, s:s}, s:n,"
			   " s:i, s:i, s:s}",
	    "id", id, "name", name, "address", address, "port", 8081, "mac",
	    mac, "type", "diy_plug", "firmware", "encrypted", 0, "present", 1,
	    "state", "reason", "detail", "advice", "policy", "50-sonoff-mini",
	    "image", "name", "tasmota-lite.bin", "sha256",
	    "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc",
	    "size", IMAGE_SIZE, "kind", "tasmota", "progress", "attempt", 1,
	    "attempts", 3, "since", "2026-01-31T13:05:09Z");
	if (number % 3 != 0)
		json_object_set_new(device, "firmware", json_string("3.6.0"));
	set_state(device, (enum state)(number % STATE_COUNT),
	    (json_int_t)number * 40960 % IMAGE_SIZE);
	return device;
}

static json_t *
plan_of(const json_t *device)
{
	return json_pack("{s:O, s:s, s:O, s:O, s:O, s:n, s:O}", "id",
	    json_object_get(device, "id"), "action", "flash", "image",
	    json_object_get(json_object_get(device, "image"), "name"), "policy",
	    json_object_get(device, "policy"), "reason",
	    json_object_get(device, "reason"), "detail", "advice",
	    json_object_get(device, "advice"));
}

static json_t *
history_of(const json_t *device)
{
	return json_pack("{s:O, s:O, s:O, s:O, s:n, s:O, s:s, s:n, s:i, s:i}",
	    "time", json_object_get(device, "since"), "device",
	    json_object_get(device, "id"), "state",
	    json_object_get(device, "state"), "reason",
	    json_object_get(device, "reason"), "detail", "policy",
	    json_object_get(device, "policy"), "image", "tasmota-lite.bin",
	    "sha256", "bytes", IMAGE_SIZE, "seconds", 31);
}

static json_t *
copy_of(const json_t *device)
{
	return json_copy((json_t *)(uintptr_t)device);
}

static void
send_list(struct fake *fake, struct control_client *client, const char *only,
    json_t *(*make)(const json_t *))
{
	char *padding = xcalloc(fake->padding + 1, 1);
	const char *id;
	json_t *device;

	memset(padding, 'x', fake->padding);
	json_object_foreach (fake->devices, id, device) {
		json_t *item;

		if (only != NULL && strcmp(only, id) != 0)
			continue;
		item = make(device);
		if (fake->padding > 0)
			json_object_set_new(
			    item, "padding", json_string(padding));
		control_send_item(client, item);
	}
	free(padding);
	control_done(client, NULL);
}

static void
send_status(struct fake *fake, struct control_client *client)
{
	json_t *counts = json_object();
	const char *id;
	json_t *device;

	for (enum state s = 0; s < STATE_COUNT; s++)
		json_object_set_new(counts, state_name(s), json_integer(0));
	json_object_foreach (fake->devices, id, device) {
		const char *state =
		    json_string_value(json_object_get(device, "state"));
		json_int_t n =
		    json_integer_value(json_object_get(counts, state));

		json_object_set_new(counts, state, json_integer(n + 1));
	}
	control_done(client,
	    json_pack("{s:s, s:i, s:i, s:s, s:b, s:o, s:[{s:s, s:s, s:b, s:n, "
		      "s:i, s:n}],"
		      " s:[s]}",
		"version", PACKAGE_VERSION, "uptime", 4711, "port", 8266,
		"discovery", "avahi: ready", "paused", (int)fake->paused,
		"counts", counts, "policies", "name", "50-sonoff-mini",
		"action", "ask", "paused", (int)fake->paused, "reason",
		"devices", (int)json_object_size(fake->devices), "note",
		"problems", "state directory: no space left on device"));
}

/* As the daemon: a count for approve, and an error for nothing to do. */
static void
send_changed(struct control_client *client, enum ctl_id what, json_int_t count)
{
	struct error err;

	error_set(&err, EALREADY, "%s: there is nothing to do",
	    ctl_command_get(what)->word);
	if (count == 0)
		control_fail(client, &err);
	else if (what == CTL_APPROVE)
		control_done(client, json_pack("{s:I}", "count", count));
	else
		control_done(client, NULL);
}

static void
tell(struct fake *fake, json_t *device)
{
	if (control_has_subscribers(fake->control))
		control_broadcast(
		    fake->control, ctl_change_new(json_deep_copy(device)));
}

/* A change of one device, or of all that are held. */
static void
change(struct fake *fake, struct control_client *client, enum ctl_id what,
    const char *only)
{
	json_int_t changed = 0;
	const char *id;
	json_t *device;
	void *next;

	json_object_foreach_safe (fake->devices, next, id, device) {
		const char *state =
		    json_string_value(json_object_get(device, "state"));

		if ((only != NULL && strcmp(only, id) != 0) ||
		    (what == CTL_APPROVE && strcmp(state, "held") != 0))
			continue;
		changed++;
		set_state(
		    device, what == CTL_CANCEL ? STATE_HELD : STATE_PROBING, 0);
		if (what == CTL_CANCEL)
			json_object_set_new(device, "reason",
			    json_string(hold_name(HOLD_CANCELLED)));
		tell(fake, device);
		if (what == CTL_FORGET)
			json_object_del(fake->devices, only);
	}
	send_changed(client, what, changed);
}

static void
set_pause(struct fake *fake, struct control_client *client, bool pause,
    const char *policy)
{
	struct error err;

	if (policy != NULL && strcmp(policy, "50-sonoff-mini") != 0) {
		error_set(&err, ENOENT, "%s: no such policy", policy);
		control_fail(client, &err);
		return;
	}
	send_changed(
	    client, pause ? CTL_PAUSE : CTL_RESUME, fake->paused != pause);
	fake->paused = pause;
}

static void
send_reload(struct control_client *client)
{
	struct error err;

	error_set(&err, EINVAL,
	    "2 mistakes in the configuration: "
	    "/etc/reflashd/reflashd.conf:3: no such key: Prot");
	control_fail_with(client, &err,
	    json_pack("{s:[s, s]}", "problems",
		"/etc/reflashd/reflashd.conf:3: no such key: Prot",
		"50-x.policy:7: Sha256 is not 64 hex digits"));
}

static void
on_request(struct control_client *client, const struct ctl_command *command,
    json_t *args, void *ctx)
{
	struct fake *fake = ctx;
	const char *id = ctl_arg_text(args, "id");
	json_t *device = id != NULL ? json_object_get(fake->devices, id) : NULL;
	struct error err;

	fake->requests++;
	usleep(fake->slow_ms * 1000);
	if (id != NULL && device == NULL) {
		error_set(&err, ENOENT, "%s: no such device", id);
		control_fail(client, &err);
		return;
	}
	switch (command->id) {
	case CTL_STATUS:
		send_status(fake, client);
		return;
	case CTL_DEVICES:
		send_list(fake, client, NULL, copy_of);
		return;
	case CTL_SHOW:
		control_done(client, json_pack("{s:O}", "device", device));
		return;
	case CTL_PLAN:
		send_list(fake, client, id, plan_of);
		return;
	case CTL_HISTORY:
		send_list(fake, client, id, history_of);
		return;
	case CTL_MONITOR:
		control_subscribe(client);
		control_done(client, NULL);
		return;
	case CTL_PAUSE:
	case CTL_RESUME:
		set_pause(fake, client, command->id == CTL_PAUSE,
		    ctl_arg_text(args, "policy"));
		return;
	case CTL_RELOAD:
		send_reload(client);
		return;
	default:
		change(fake, client, command->id, id);
	}
}

static void
set_names(struct fake *fake, const char *name)
{
	const char *id;
	json_t *device;

	json_object_foreach (fake->devices, id, device) {
		json_object_set_new(device, "policy", json_string(name));
		json_object_set_new(json_object_get(device, "image"), "name",
		    json_string(name));
	}
}

static void
add_twin(struct fake *fake, const char *id, const char *other)
{
	json_t *device = json_deep_copy(json_object_get(fake->devices, id));

	if (device == NULL)
		return;
	json_object_set_new(device, "id", json_string(other));
	json_object_set_new(fake->devices, other, device);
	tell(fake, device);
}

static void
obey(struct fake *fake, const char *line)
{
	json_t *device;
	char id[32], name[100];
	enum state state;
	long long number = 0;

	if (sscanf(line, "set %31s %99s %lld", id, name, &number) >= 2 &&
	    state_find(name, &state) &&
	    (device = json_object_get(fake->devices, id)) != NULL) {
		set_state(device, state, number);
		tell(fake, device);
	} else if (sscanf(line, "drop %31s", id) == 1) {
		json_object_del(fake->devices, id);
		control_broadcast(fake->control, ctl_forgotten_new(id));
	} else if (sscanf(line, "twin %31s %99s", id, name) == 2) {
		add_twin(fake, id, name);
	} else if (sscanf(line, "flood %lld", &number) == 1) {
		device = json_object_get(fake->devices, "1000000000");
		while (device != NULL && number-- > 0)
			tell(fake, device);
	} else if (sscanf(line, "big %lld", &number) == 1) {
		fake->padding = (size_t)number;
	} else if (sscanf(line, "slow %lld", &number) == 1) {
		fake->slow_ms = (unsigned)number;
	} else if (sscanf(line, "names %99s", name) == 1) {
		set_names(fake, name);
	}
	printf("ok %d %u\n", control_has_subscribers(fake->control),
	    fake->requests);
	fflush(stdout);
}

static void
on_input(evutil_socket_t fd, short what, void *arg)
{
	struct fake *fake = arg;
	static char buffer[4096];
	static size_t have;
	ssize_t n = read(fd, buffer + have, sizeof(buffer) - 1 - have);
	char *newline;

	(void)what;
	if (n <= 0) {
		event_base_loopbreak(fake->base);
		return;
	}
	have += (size_t)n;
	buffer[have] = '\0';
	while ((newline = strchr(buffer, '\n')) != NULL) {
		*newline = '\0';
		obey(fake, buffer);
		have -= (size_t)(newline + 1 - buffer);
		memmove(buffer, newline + 1, have + 1);
	}
}

int
main(int argc, char **argv)
{
	const struct control_ops ops = { .request = on_request };
	struct control_config config = { .fd = -1 };
	struct fake fake = { .devices = json_object() };
	struct event *input;
	struct error err;

	if (argc < 3)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	config.path = argv[1];
	if (sscanf(argv[1], "fd:%d", &config.fd) != 1)
		config.fd = -1;
	config.group = argc > 3 ? argv[3] : NULL;
	for (int i = 0; i < atoi(argv[2]); i++) {
		json_t *device = make_device((unsigned)i);
		const char *id =
		    json_string_value(json_object_get(device, "id"));

		json_object_set_new(fake.devices, id, device);
	}
	fake.base = event_base_new();
	fake.control = control_new(fake.base, &config, &ops, &fake, &err);
	if (fake.control == NULL) {
		fprintf(stderr, "fake_reflashd: %s\n", err.text);
		return 1;
	}
	input = event_new(
	    fake.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, &fake);
	event_add(input, NULL);
	puts("ready");
	fflush(stdout);
	event_base_dispatch(fake.base);
	event_free(input);
	control_free(fake.control);
	event_base_free(fake.base);
	json_decref(fake.devices);
	return 0;
}
