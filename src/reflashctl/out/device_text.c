/* SPDX-License-Identifier: ISC */
/* Puts a device that the daemon describes into words, for people. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/reason.h"
#include "reflashctl/out/device_text.h"

const char *
device_text(const json_t *device, const char *key)
{
	return json_string_value(json_object_get(device, key));
}

json_int_t
device_number(const json_t *device, const char *key)
{
	return json_integer_value(json_object_get(device, key));
}

enum state
device_state_of(const json_t *device)
{
	const char *name = device_text(device, "state");
	enum state state;

	return name != NULL && state_find(name, &state) ? state : STATE_SEEN;
}

/* Return true if the device is away, and not because a job needs it to be. */
static bool
is_missed(const json_t *device)
{
	const char *reason = device_text(device, "reason");
	enum state state = device_state_of(device);

	return json_is_false(json_object_get(device, "present")) &&
	    state_is_idle(state) &&
	    (reason == NULL || strcmp(reason, hold_name(HOLD_ABSENT)) != 0);
}

char *
device_state(const json_t *device, char *dst, size_t size)
{
	const json_t *progress = json_object_get(device, "progress");
	const char *state = device_text(device, "state");
	const char *reason = device_text(device, "reason");

	if (state == NULL)
		state = "-";
	if (json_is_object(progress) &&
	    device_state_of(device) == STATE_DOWNLOADING)
		snprintf(dst, size, "%s %d %%", state,
		    (int)device_number(progress, "percent"));
	else
		snprintf(dst, size, "%s%s%s%s", state,
		    reason != NULL ? ": " : "", reason != NULL ? reason : "",
		    is_missed(device) ? ", absent" : "");
	return dst;
}

enum term_color
device_color(const json_t *device)
{
	enum state state = device_state_of(device);
	const char *attention = device_text(device, "attention");

	if (attention != NULL && strcmp(attention, "keep-on") == 0)
		return COLOR_RED;
	if (state_is_at_work(state))
		return COLOR_CYAN;
	if (state == STATE_FAILED || state == STATE_REFUSED)
		return COLOR_RED;
	if (state_is_success(state))
		return COLOR_GREEN;
	if (state == STATE_HELD)
		return COLOR_YELLOW;
	return is_missed(device) || state == STATE_IGNORED ? COLOR_DIM
							   : COLOR_NONE;
}

const char *
device_reason_meaning(const char *name)
{
	if (name == NULL)
		return "";
	if (hold_find(name) != HOLD_NONE)
		return hold_meaning(hold_find(name));
	return reason_sentence(reason_find(name));
}

const char *
device_meaning(const json_t *device)
{
	const char *why = device_reason_meaning(device_text(device, "reason"));

	return why[0] != '\0' ? why : state_meaning(device_state_of(device));
}

char *
device_line(const json_t *device, char *dst, size_t size)
{
	const char *id = device_text(device, "id");
	const char *address = device_text(device, "address");
	char state[96];

	snprintf(dst, size, "%-10s  %-15s  %s", id != NULL ? id : "-",
	    address != NULL ? address : "-",
	    device_state(device, state, sizeof(state)));
	return dst;
}

char *
device_weak_signal(const json_t *device, char *dst, size_t size)
{
	dst[0] = '\0';
	if (json_is_true(json_object_get(device, "weak")))
		snprintf(dst, size, "%lld dBm",
		    (long long)device_number(device, "rssi"));
	return dst;
}

char *
device_rate(json_int_t rate, char *dst, size_t size)
{
	if (rate <= 0)
		dst[0] = '\0';
	else if (rate < 1024 * 1000)
		snprintf(dst, size, "%.*f KiB/s", rate < 1024 * 100,
		    (double)rate / 1024);
	else
		snprintf(dst, size, "%.1f MiB/s", (double)rate / 1048576);
	return dst;
}

static json_int_t
bytes_of(const json_t *device)
{
	return device_number(json_object_get(device, "progress"), "bytes");
}

bool
device_has_moved(const json_t *before, const json_t *now)
{
	return before == NULL ||
	    device_state_of(before) != device_state_of(now) ||
	    device_number(before, "attempt") != device_number(now, "attempt") ||
	    bytes_of(before) != bytes_of(now);
}

long
device_left(const json_t *device)
{
	const json_t *progress = json_object_get(device, "progress");
	json_int_t total = device_number(progress, "total");
	json_int_t bytes = device_number(progress, "bytes");
	json_int_t rate = device_number(progress, "rate");

	if (rate <= 0 || bytes > total || bytes < 0)
		return -1;
	return (long)((total - bytes + rate - 1) / rate);
}

time_t
device_time(const char *text)
{
	struct tm tm = { 0 };
	const char *end;

	end = text != NULL ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
	return end != NULL && *end == '\0' ? timegm(&tm) : (time_t)-1;
}

char *
device_local_time(const char *text, char *dst, size_t size)
{
	time_t when = device_time(text);
	struct tm tm;

	if (when == (time_t)-1 || localtime_r(&when, &tm) == NULL ||
	    strftime(dst, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(dst, size, "%s", text != NULL ? text : "-");
	return dst;
}
