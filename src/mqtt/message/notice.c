/* SPDX-License-Identifier: ISC */
/* Makes the messages that are no state of a device. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/control/ctlproto.h"
#include "mqtt/message/notice.h"

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
is_same(const json_t *before, const json_t *device, const char *key)
{
	return json_equal(
	    json_object_get(before, key), json_object_get(device, key));
}

/* Return the word for a change that an automation may wait for. */
static const char *
event_of(const json_t *device)
{
	const char *reason = text_of(device, "reason");
	enum state state = STATE_SEEN;

	if (text_of(device, "state") != NULL)
		state_find(text_of(device, "state"), &state);
	if (state_is_ended(state))
		return state_name(state);
	if (state == STATE_HELD && reason != NULL &&
	    hold_find(reason) == HOLD_APPROVAL)
		return "approval";
	return "change";
}

/* Copy a key of the device, null where it has none. */
static void
copy_key(json_t *to, const json_t *device, const char *key)
{
	json_t *value = json_object_get(device, key);

	json_object_set_new(
	    to, key, value != NULL ? json_incref(value) : json_null());
}

static json_t *
begin(const char *event, time_t now)
{
	char text[TEXT_TIME_SIZE];

	return json_pack(
	    "{s:s, s:s}", "event", event, "time", text_time(text, now));
}

json_t *
notice_change(const json_t *before, const json_t *device, time_t now)
{
	static const char *const keys[] = { "id", "label", "name", "address",
		"state", "reason", "detail", "advice", "policy" };
	json_t *image = json_object_get(device, "image");
	json_t *event;

	if (before != NULL && is_same(before, device, "state") &&
	    is_same(before, device, "reason"))
		return NULL;
	event = begin(event_of(device), now);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		copy_key(event, device, keys[i]);
	json_object_set_new(event, "previous",
	    before != NULL ? json_incref(json_object_get(before, "state"))
			   : json_null());
	json_object_set_new(
	    event, "image", image != NULL ? json_incref(image) : json_null());
	return event;
}

json_t *
notice_forgotten(const char *id, time_t now)
{
	json_t *event = begin("forgotten", now);

	json_object_set_new(event, "id", json_string(id));
	return event;
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? json_string(text)
					       : json_null();
}

static const char *
code_name(int code)
{
	if (code == ESTALE)
		return "ESTALE";
	return code == ETIME ? "ETIME" : ctl_code_name(code);
}

static json_t *
answer_of(const struct notice_command *command, bool is_done)
{
	return json_pack("{s:o, s:o, s:o, s:b}", "transaction",
	    text_or_null(command->transaction), "id", text_or_null(command->id),
	    "do", text_or_null(command->verb), "ok", (int)is_done);
}

json_t *
notice_refusal(const struct notice_command *command, const struct error *err)
{
	json_t *answer = answer_of(command, false);

	json_object_set_new(answer, "code", json_string(code_name(err->code)));
	json_object_set_new(answer, "error", json_string(err->text));
	json_object_set_new(answer, "advice", json_null());
	return answer;
}

json_t *
notice_answer(const struct notice_command *command, const json_t *reply)
{
	struct error err;
	json_t *answer;

	if (reply == NULL) {
		error_set(&err, EIO,
		    "the daemon was lost before it answered: look at the state "
		    "of the device");
		return notice_refusal(command, &err);
	}
	answer = answer_of(command, json_is_true(json_object_get(reply, "ok")));
	copy_key(answer, reply, "code");
	copy_key(answer, reply, "error");
	copy_key(answer, reply, "advice");
	/* The rest of the reply: the reason to wait, and the like. */
	json_object_update_missing(answer, (json_t *)(uintptr_t)reply);
	return answer;
}

void
notice_count(struct notice_counts *counts, const json_t *device)
{
	const char *name = text_of(device, "state");
	enum state state;

	if (name == NULL || !state_find(name, &state))
		return;
	counts->of_state[state]++;
	if (strcmp(event_of(device), "approval") == 0)
		counts->waiting++;
}

json_t *
notice_daemon(
    const struct notice_counts *counts, const char *site, const json_t *status)
{
	static const char *const keys[] = { "version", "paused", "problems",
		"discovery", "todo" };
	json_t *daemon = json_object(), *of_state = json_object();
	unsigned at_work = 0, all = 0;

	for (enum state s = 0; s < STATE_COUNT; s++) {
		json_object_set_new(
		    of_state, state_name(s), json_integer(counts->of_state[s]));
		all += counts->of_state[s];
		if (state_is_at_work(s))
			at_work += counts->of_state[s];
	}
	json_object_set_new(daemon, "site", json_string(site));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		copy_key(daemon, status, keys[i]);
	json_object_set_new(daemon, "devices", json_integer(all));
	json_object_set_new(
	    daemon, "approvals_waiting", json_integer(counts->waiting));
	json_object_set_new(daemon, "at_work", json_integer(at_work));
	json_object_set_new(daemon, "counts", of_state);
	return daemon;
}
