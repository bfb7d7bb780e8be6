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
 * "names NAME" (of the policy and the image of each device), "unmatched" (no
 * policy fits any), "twin ID OTHER" (one more device, which is as ID is), "slow
 * N" (each request takes N ms), "unsaved WHY" (nothing can be saved), "label ID
 * NAME", "replace SHA256" (of the image of each device), "images N" (so many
 * are there).  An image that is added has to be sealed memory, and is there
 * from then on. The end of input ends it.  "ready" on its output means that it
 * listens; each command is answered by "ok" once it was carried out, whether
 * anybody listens to changes (0 or 1), and how many requests there have been.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sealed.h"
#include "base/text.h"
#include "core/control/attention.h"
#include "core/control/counters.h"
#include "core/control/ctlproto.h"
#include "core/control/report_image.h"
#include "core/device/device_find.h"
#include "core/image/image_file.h"
#include "core/state/advice_words.h"
#include "core/state/reason.h"
#include "core/state/state.h"
#include "io/control/control.h"
#include "io/images.h"

#define IMAGE_SIZE 504848

struct fake {
	struct event_base *base;
	struct control *control;
	json_t *devices; /* by id, in order */
	json_t *images;	 /* by name, in order */
	struct digest *digest;
	bool paused;
	size_t padding;
	unsigned requests;
	unsigned slow_ms;
	char unsaved[100]; /* why nothing can be saved; "": it can */
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
	char advice[ADVICE_SIZE];

	if (state == STATE_FAILED)
		return json_string(advice_fill(advice, sizeof(advice),
		    reason_advice(REASON_NEVER_FETCHED),
		    &(struct advice_words){ .port = "8266" }));
	if (state == STATE_REFUSED)
		return json_string(reason_advice(REASON_NOT_DIY_MODE));
	return json_null();
}

static json_t *
attention_json(enum state state)
{
	enum attention attention = state == STATE_FAILED ? ATTENTION_FAILED
	    : state == STATE_REFUSED			 ? ATTENTION_REFUSED
	    : state == STATE_HELD			 ? ATTENTION_APPROVE
	    : state == STATE_FLASHED			 ? ATTENTION_JOIN
							 : ATTENTION_NONE;

	return attention != ATTENTION_NONE
	    ? json_string(attention_token(attention))
	    : json_null();
}

static void
set_state(json_t *device, enum state state, json_int_t bytes)
{
	json_object_set_new(device, "state", json_string(state_name(state)));
	json_object_set_new(device, "reason", reason_of(state));
	json_object_set_new(device, "advice", advice_of(state));
	json_object_set_new(device, "progress", progress_of(state, bytes));
	json_object_set_new(device, "attention", attention_json(state));
	json_object_set_new(device, "note",
	    json_string(
		state == STATE_REFUSED ? "eWeLink mode" : "can be flashed"));
	json_object_set_new(
	    device, "flashable", json_boolean(state != STATE_REFUSED));
	json_object_set_new(device, "access_point",
	    state == STATE_FLASHED ? json_string("tasmota-112233-0563")
				   : json_null());
	json_object_set_new(device, "page",
	    state == STATE_FLASHED ? json_string("http://192.168.4.1")
				   : json_null());
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
	device = json_pack("{s:s, s:n, s:s, s:s, s:i, s:s, s:s, s:n, s:b, s:b,"
			   " s:n, s:n, s:n, s:n, s:s, s:{s:s, s:s, s:i, s:s},"
			   " s:n, s:i, s:i, s:s}",
	    "id", id, "label", "name", name, "address", address, "port", 8081,
	    "mac", mac, "type", "diy_plug", "firmware", "encrypted", 0,
	    "present", 1, "state", "reason", "detail", "advice", "policy",
	    "50-sonoff-mini", "image", "name", "tasmota-lite.bin", "sha256",
	    "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc",
	    "size", IMAGE_SIZE, "kind", "tasmota", "progress", "attempt", 1,
	    "attempts", 3, "since", "2026-01-31T13:05:09Z");
	json_object_update_new(json_object_get(device, "image"),
	    json_pack("{s:s, s:s}", "version", "9.5.0", "label",
		"Tasmota 9.5.0 lite"));
	json_object_update_new(device,
	    json_pack("{s:i, s:b}", "rssi", -60 - (int)number % 30, "weak",
		number % 30 > 15));
	if (number % 3 != 0)
		json_object_set_new(device, "firmware", json_string("3.6.0"));
	set_state(device, (enum state)(number % STATE_COUNT),
	    (json_int_t)number * 40960 % IMAGE_SIZE);
	return device;
}

/* Add what is known of the image to an object that has its name. */
static json_t *
name_image(json_t *object, const json_t *device)
{
	const json_t *image = json_object_get(device, "image");

	json_object_update_new(object,
	    json_pack("{s:O, s:O, s:O}", "sha256",
		json_object_get(image, "sha256"), "image_version",
		json_object_get(image, "version"), "image_label",
		json_object_get(image, "label")));
	return object;
}

static json_t *
plan_of(const json_t *device)
{
	json_t *plan = json_pack(
	    "{s:O, s:O, s:O, s:s, s:O, s:O, s:O, s:n, s:O}", "id",
	    json_object_get(device, "id"), "label",
	    json_object_get(device, "label"), "attention",
	    json_object_get(device, "attention"), "action", "flash", "image",
	    json_object_get(json_object_get(device, "image"), "name"), "policy",
	    json_object_get(device, "policy"), "reason",
	    json_object_get(device, "reason"), "detail", "advice",
	    json_object_get(device, "advice"));

	return name_image(plan, device);
}

/* The plan of a device that was asked for: with what the policies make of it.
 */
static json_t *
full_plan_of(const json_t *device)
{
	json_t *plan = plan_of(device);

	json_object_set_new(plan, "policies",
	    json_pack("[{s:s, s:s, s:b, s:b, s:[{s:s, s:s, s:n}], s:s}]",
		"policy", "50-sonoff-mini", "action", "ask", "fits", 0,
		"decides", 0, "misfits", "key", "Firmware", "wanted", "<3.5",
		"device", "detail",
		"Firmware=<3.5 does not fit: the device does not say it"));
	return plan;
}

#define LEFT "504848 of 504848 bytes downloaded, it reported success and left"
#define REJOIN                                                                 \
	LEFT                                                                   \
	    "; its access point is tasmota-112233-0563: give it your Wi-Fi "   \
	    "at http://192.168.4.1. If there is none in 10 min: 30 s without " \
	    "power, six times on and off, then on"
#define NOT_FETCHED                                                            \
	"it accepted the order, and did not ask for the image within 60 s; "   \
	"port 8266 of this machine is open, so the access point is suspected"

/* As the daemon: what happened, and then how to go on. */
static json_t *
history_of(const json_t *device)
{
	const char *state = json_string_value(json_object_get(device, "state"));
	const char *detail = strcmp(state, "flashed") == 0 ? REJOIN
	    : strcmp(state, "failed") == 0		   ? NOT_FETCHED
							   : NULL;
	json_t *entry = json_pack(
	    "{s:O, s:O, s:O, s:O, s:O, s:s?, s:O, s:s, s:s, s:i, s:i}", "time",
	    json_object_get(device, "since"), "device",
	    json_object_get(device, "id"), "label",
	    json_object_get(device, "label"), "state",
	    json_object_get(device, "state"), "reason",
	    json_object_get(device, "reason"), "detail", detail, "policy",
	    json_object_get(device, "policy"), "image", "tasmota-lite.bin",
	    "who", "root", "bytes", IMAGE_SIZE, "seconds", 31);

	return name_image(entry, device);
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

/* Add what is to be done for the devices that need this. */
static void
add_todo(const struct fake *fake, json_t *todos, enum attention attention)
{
	json_t *ids = json_array(), *device;
	const char *id, *token = attention_token(attention);

	json_object_foreach (fake->devices, id, device) {
		const char *needs =
		    json_string_value(json_object_get(device, "attention"));

		if (needs != NULL && strcmp(needs, token) == 0)
			json_array_append_new(ids, json_string(id));
	}
	if (json_array_size(ids) > 0)
		json_array_append_new(todos,
		    json_pack("{s:s, s:i, s:O, s:n, s:n, s:s, s:s}", "what",
			token, "count", (int)json_array_size(ids), "ids", ids,
			"policy", "reason", "sentence", token, "command",
			"reflashctl x"));
	json_decref(ids);
}

static json_t *
todos_of(const struct fake *fake)
{
	json_t *todos = json_array();

	json_array_append_new(todos,
	    json_pack("{s:s, s:i, s:[], s:n, s:n, s:s, s:n}", "what", "problem",
		"count", 0, "ids", "policy", "reason", "sentence",
		"state directory: no space left on device", "command"));
	for (enum attention a = ATTENTION_NONE + 1; a < ATTENTION_COUNT; a++)
		add_todo(fake, todos, a);
	return todos;
}

/* Count the devices with each of the words that they have under a key. */
static void
count_by(const struct fake *fake, const char *key, json_t *counts)
{
	const char *id;
	json_t *device;

	json_object_foreach (fake->devices, id, device) {
		const char *word =
		    json_string_value(json_object_get(device, key));

		if (word != NULL)
			json_object_set_new(counts, word,
			    json_integer(json_integer_value(
					     json_object_get(counts, word)) +
				1));
	}
}

static json_t *
states_of(const struct fake *fake)
{
	json_t *counts = json_object();

	for (enum state s = 0; s < STATE_COUNT; s++)
		json_object_set_new(counts, state_name(s), json_integer(0));
	count_by(fake, "state", counts);
	return counts;
}

static void
send_counters(struct fake *fake, struct control_client *client)
{
	const struct counters none = { 0 };
	json_t *attention = json_object(), *all = counters_json(&none);

	for (enum attention a = ATTENTION_NONE + 1; a < ATTENTION_COUNT; a++)
		json_object_set_new(
		    attention, attention_token(a), json_integer(0));
	count_by(fake, "attention", attention);
	json_object_update_new(all,
	    json_pack("{s:s, s:i, s:o, s:i, s:O, s:O, s:n, s:b, s:[{s:s, "
		      "s:b}], s:i, s:b, s:i, s:{s:i, s:i}, s:i}",
		"version", PACKAGE_VERSION, "started", 1700000000, "devices",
		states_of(fake), "present",
		(int)json_object_size(fake->devices), "attention", attention,
		"approvals", json_object_get(attention, "approve"),
		"downloading_since", "paused", (int)fake->paused, "policies",
		"name", "50-sonoff-mini", "paused", (int)fake->paused,
		"problems", 1, "discovery", 1, "image_bytes", 0, "requests",
		"200", 0, "404", 0, "hook_failures", 0));
	json_decref(attention);
	control_done(client, all);
}

static void
send_status(struct fake *fake, struct control_client *client)
{
	control_done(client,
	    json_pack("{s:s, s:i, s:i, s:s, s:b, s:o, s:[{s:s, s:s, s:b, s:n, "
		      "s:i, s:n}],"
		      " s:[s], s:o}",
		"version", PACKAGE_VERSION, "uptime", 4711, "port", 8266,
		"discovery", "avahi: ready", "paused", (int)fake->paused,
		"counts", states_of(fake), "policies", "name", "50-sonoff-mini",
		"action", "ask", "paused", (int)fake->paused, "reason",
		"devices", (int)json_object_size(fake->devices), "note",
		"problems", "state directory: no space left on device", "todo",
		todos_of(fake)));
}

/* List holds or reasons: 5 devices with this one, or nothing. */
static json_t *
counts_of(const char *key, const char *word, const char *meaning, bool any)
{
	json_t *list = json_array();

	if (any)
		json_array_append_new(list,
		    json_pack("{s:s, s:i, s:s}", key, word, "devices", 5,
			"meaning", meaning));
	return list;
}

/* The one policy, to which all devices belong; 5 in each of some groups. */
static json_t *
policy_item(const struct fake *fake)
{
	int count = (int)json_object_size(fake->devices);
	bool many = count >= 20;
	int five = many ? 5 : 0;

	return json_pack(
	    "{s:s, s:s, s:s, s:{s:s, s:s, s:i, s:s, s:s, s:s}, s:b, s:n, s:n,"
	    " s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:o,"
	    " s:[], s:n, s:o}",
	    "name", "50-sonoff-mini", "file",
	    "/etc/reflashd/policy.d/50-sonoff-mini.policy", "action", "ask",
	    "image", "name", "tasmota-lite.bin", "sha256",
	    "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc",
	    "size", IMAGE_SIZE, "kind", "tasmota", "version", "9.5.0", "label",
	    "Tasmota 9.5.0 lite", "paused", (int)fake->paused, "reason",
	    "stopped", "devices", count, "done", five, "joining", many,
	    "at_work", five, "waiting", five, "failed", five, "refused", five,
	    "idle", count - 5 * five, "behind", 0, "undecided", 0,
	    "waiting_for",
	    counts_of("hold", "approval", hold_meaning(HOLD_APPROVAL), many),
	    "failed_for",
	    counts_of(
		"reason", "stalled", reason_sentence(REASON_STALLED), many),
	    "refused_for",
	    counts_of("reason", "not-diy-mode",
		reason_sentence(REASON_NOT_DIY_MODE), many),
	    "faults", "note", "estimate",
	    many ? json_pack("{s:i, s:i, s:i, s:i, s:b, s:i, s:n}", "devices",
		       10, "left_out", 0, "at_once", 4, "seconds_each", 80,
		       "measured", 1, "seconds", 240, "not_before")
		 : json_null());
}

static void
send_policies(
    struct fake *fake, struct control_client *client, const char *only)
{
	struct error err;

	if (only != NULL && strcmp(only, "50-sonoff-mini") != 0) {
		error_set(&err, ENOENT, "%s: no such policy", only);
		control_fail(client, &err);
		return;
	}
	control_send_item(client, policy_item(fake));
	control_done(client, NULL);
}

static void
tell(struct fake *fake, json_t *device)
{
	if (control_has_subscribers(fake->control))
		control_broadcast(
		    fake->control, ctl_change_new(json_deep_copy(device)));
}

/* Which device an answer is about, and the image that it would get. */
static json_t *
subject_of(const json_t *device)
{
	return json_pack("{s:O, s:O, s:O, s:O, s:n, s:n}", "id",
	    json_object_get(device, "id"), "label",
	    json_object_get(device, "label"), "address",
	    json_object_get(device, "address"), "image",
	    json_object_get(device, "image"), "held", "waits");
}

/* Why an order for a device is not carried out; false: it can be. */
static bool
is_refused(enum ctl_id what, const json_t *args, const json_t *device,
    struct error *err)
{
	const char *id = json_string_value(json_object_get(device, "id"));
	const char *state = json_string_value(json_object_get(device, "state"));
	const char *sha256 = json_string_value(
	    json_object_get(json_object_get(device, "image"), "sha256"));
	const char *wanted = ctl_arg_text(args, "sha256");

	if (wanted != NULL && strcmp(wanted, sha256) != 0)
		error_set(
		    err, ESTALE, "%s: it is %s, not %s", id, sha256, wanted);
	else if (what == CTL_APPROVE && strcmp(state, "held") != 0)
		error_set(err, EALREADY, "%s: there is nothing to do", id);
	else
		return false;
	return true;
}

/* Carry an order out for a device, which may be gone afterwards. */
static void
carry_out(struct fake *fake, enum ctl_id what, json_t *device)
{
	const char *id = json_string_value(json_object_get(device, "id"));

	set_state(device, what == CTL_CANCEL ? STATE_HELD : STATE_PROBING, 0);
	if (what == CTL_CANCEL)
		json_object_set_new(
		    device, "reason", json_string(hold_name(HOLD_CANCELLED)));
	tell(fake, device);
	if (what == CTL_FORGET)
		json_object_del(fake->devices, id);
}

static void
change_one(struct fake *fake, struct control_client *client, enum ctl_id what,
    const json_t *args, json_t *device)
{
	json_t *subject = subject_of(device);
	struct error err;

	if (is_refused(what, args, device, &err)) {
		control_fail_with(client, &err, subject);
		return;
	}
	if (fake->unsaved[0] != '\0')
		json_object_set_new(
		    subject, "unsaved", json_string(fake->unsaved));
	if (!ctl_arg_flag(args, "preview"))
		carry_out(fake, what, device);
	control_done(client, subject);
}

/* An item for each device; for approve, of those that are held. */
static void
change_all(struct fake *fake, struct control_client *client, enum ctl_id what,
    const json_t *args)
{
	json_int_t count = 0, refused = 0;
	struct error err;
	const char *id;
	json_t *device, *counts;
	void *next;

	json_object_foreach_safe (fake->devices, next, id, device) {
		json_t *subject = subject_of(device);

		if (what == CTL_APPROVE &&
		    is_refused(what, json_null(), device, &err)) {
			json_decref(subject);
		} else if (is_refused(what, args, device, &err)) {
			refused++;
			control_send_item(client, ctl_fail_new(&err, subject));
		} else {
			count++;
			control_send_item(client, ctl_done_new(subject));
			if (!ctl_arg_flag(args, "preview"))
				carry_out(fake, what, device);
		}
	}
	counts = json_pack("{s:I, s:I}", "count", count, "refused", refused);
	error_set(&err, refused > 0 ? EACCES : EALREADY,
	    "%s: there is nothing to do", ctl_command_get(what)->word);
	if (count == 0)
		control_fail_with(client, &err, counts);
	else
		control_done(client, counts);
}

/* The answer to a command that is not about devices. */
static void
send_changed(
    const struct fake *fake, struct control_client *client, bool is_changed)
{
	json_t *extra = json_object();
	struct error err;

	error_set(&err, EALREADY, "there is nothing to do");
	if (fake->unsaved[0] != '\0')
		json_object_set_new(
		    extra, "unsaved", json_string(fake->unsaved));
	if (is_changed)
		control_done(client, extra);
	else
		control_fail_with(client, &err, extra);
}

static void
set_label(struct fake *fake, struct control_client *client, json_t *device,
    const char *label)
{
	json_object_set_new(device, "label", json_pack("s?", label));
	tell(fake, device);
	control_done(client, subject_of(device));
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
	send_changed(fake, client, fake->paused != pause);
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

static time_t
no_wall_clock(void *ctx)
{
	(void)ctx;
	return 0;
}

static int64_t
no_steady_s(void *ctx)
{
	(void)ctx;
	return 0;
}

/* Return the device with that name, as the daemon finds it; NULL: none. */
static json_t *
find(struct fake *fake, const char *name, struct error *err)
{
	static const struct device_ops ops = { .wall_clock = no_wall_clock,
		.steady_s = no_steady_s };
	struct registry *registry = registry_new(SIZE_MAX, &ops, NULL);
	struct strlist fits = { 0 };
	json_t *device, *found = NULL;
	struct device *one;
	const char *id, *label;

	json_object_foreach (fake->devices, id, device) {
		one = registry_get(registry, id, DEVICE_STRANGER);
		label = json_string_value(json_object_get(device, "label"));
		xreplace(&one->label, label);
		one->place.has_address =
		    inet_pton(AF_INET,
			json_string_value(json_object_get(device, "address")),
			&one->place.address) == 1;
	}
	one = device_find(registry, name, &fits, err);
	if (one != NULL)
		found = json_object_get(fake->devices, one->id);
	strlist_fini(&fits);
	registry_free(registry);
	return found;
}

static json_t *
make_image(unsigned number)
{
	char name[32];
	struct image_report report = { .verdict = IMAGE_ACCEPT,
		.kind = IMAGE_TASMOTA,
		.version = "9.5.0",
		.variant = "lite" };
	const struct report_image image = {
		.name = name,
		.size = IMAGE_SIZE,
		.sha256 = "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5f"
			  "d2677a6250cc",
		.first = &report,
		.upgrade = &report,
	};

	snprintf(name, sizeof(name), "image-%03u.bin", number);
	return report_image(&image, json_pack("[s]", "50-sonoff-mini"));
}

static void
set_images(struct fake *fake, unsigned count)
{
	json_object_clear(fake->images);
	for (unsigned i = 0; i < count; i++) {
		json_t *image = make_image(i);

		json_object_set_new(fake->images,
		    json_string_value(json_object_get(image, "name")), image);
	}
}

static void
send_images(struct fake *fake, struct control_client *client, const char *only)
{
	const char *name;
	json_t *image;

	json_object_foreach (fake->images, name, image)
		if (only == NULL || strcmp(only, name) == 0)
			control_send_item(client, json_incref(image));
	control_done(client, json_pack("{s:s}", "folder", "/var/lib/images"));
}

static void
add_image(struct fake *fake, struct control_client *client, json_t *args)
{
	const char *name = ctl_arg_text(args, "name");
	struct image *image = NULL;
	struct error err;
	int fd = control_client_take_fd(client, &err);
	json_t *item;

	if (fd != -1 && image_file_check(name, &err) &&
	    sealed_check(fd, IMAGE_MAX_FILE, &err))
		image = image_load_fd(fd, name, fake->digest, &err);
	if (fd != -1)
		close(fd);
	if (image == NULL) {
		control_fail(client, &err);
		return;
	}
	item = report_image(
	    &(struct report_image){
		.name = name,
		.size = image_size(image),
		.sha256 = image_sha256(image),
		.first = image_report(image),
		.upgrade = image_upgrade_report(image),
	    },
	    json_array());
	json_object_set(fake->images, name, item);
	control_done(
	    client, json_pack("{s:b, s:o}", "changed", 1, "image", item));
	image_unref(image);
}

static void
on_request(struct control_client *client, const struct ctl_command *command,
    json_t *args, void *ctx)
{
	struct fake *fake = ctx;
	const char *id = ctl_arg_text(args, "id");
	struct error err;
	json_t *device = id != NULL ? find(fake, id, &err) : NULL;

	fake->requests++;
	usleep(fake->slow_ms * 1000);
	if (id != NULL && device == NULL) {
		control_fail(client, &err);
		return;
	}
	if (device != NULL)
		id = json_string_value(json_object_get(device, "id"));
	switch (command->id) {
	case CTL_STATUS:
		send_status(fake, client);
		return;
	case CTL_COUNTERS:
		send_counters(fake, client);
		return;
	case CTL_DEVICES:
		send_list(fake, client, NULL, copy_of);
		return;
	case CTL_SHOW:
		control_done(client, json_pack("{s:O}", "device", device));
		return;
	case CTL_PLAN:
		send_list(
		    fake, client, id, id != NULL ? full_plan_of : plan_of);
		return;
	case CTL_POLICIES:
		send_policies(fake, client, ctl_arg_text(args, "policy"));
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
	case CTL_LABEL:
		set_label(fake, client, device, ctl_arg_text(args, "label"));
		return;
	case CTL_IMAGES:
		send_images(fake, client, ctl_arg_text(args, "name"));
		return;
	case CTL_IMAGE_ADD:
		add_image(fake, client, args);
		return;
	default:
		if (device != NULL)
			change_one(fake, client, command->id, args, device);
		else
			change_all(fake, client, command->id, args);
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
drop_policies(struct fake *fake)
{
	const char *id;
	json_t *device;

	json_object_foreach (fake->devices, id, device)
		json_object_set_new(device, "policy", json_null());
}

static void
replace_image(struct fake *fake, const char *sha256)
{
	const char *id;
	json_t *device;

	json_object_foreach (fake->devices, id, device)
		json_object_set_new(json_object_get(device, "image"), "sha256",
		    json_string(sha256));
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
	int at = 0;

	if (sscanf(line, "set %31s %99s %lld", id, name, &number) >= 2 &&
	    state_find(name, &state) &&
	    (device = json_object_get(fake->devices, id)) != NULL) {
		set_state(device, state, number);
		tell(fake, device);
	} else if (sscanf(line, "drop %31s", id) == 1) {
		json_object_del(fake->devices, id);
		control_broadcast(fake->control, ctl_forgotten_new(id));
	} else if (sscanf(line, "label %31s %n", id, &at) == 1 && at > 0) {
		device = json_object_get(fake->devices, id);
		json_object_set_new(device, "label", json_string(line + at));
		tell(fake, device);
	} else if (sscanf(line, "replace %99s", name) == 1) {
		replace_image(fake, name);
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
	} else if (sscanf(line, "unsaved %99[^\n]", fake->unsaved) == 1) {
		; /* from now on */
	} else if (sscanf(line, "images %lld", &number) == 1) {
		set_images(fake, (unsigned)number);
	} else if (sscanf(line, "names %99s", name) == 1) {
		set_names(fake, name);
	} else if (strcmp(line, "unmatched") == 0) {
		drop_policies(fake);
	}
	printf("ok %d %u\n", control_has_subscribers(fake->control),
	    fake->requests);
	fflush(stdout);
}

static void
on_input(evutil_socket_t fd, short what, void *arg)
{
	struct fake *fake = arg;
	static char buffer[32768];
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
	struct fake fake = { .devices = json_object(),
		.images = json_object() };
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
	set_images(&fake, (unsigned)atoi(argv[2]));
	fake.digest = digest_new(&err);
	fake.base = event_base_new();
	fake.control = control_new(fake.base, &config, &ops, &fake, &err);
	if (fake.control == NULL || fake.digest == NULL) {
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
	json_decref(fake.images);
	digest_free(fake.digest);
	return 0;
}
