/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reflashctl/ask.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/suggest.h"
#include "reflashctl/clean.h"
#include "reflashctl/conn.h"

#define ID_DIGITS 10 /* of the ids that there are so far */

void
answer_fini(struct answer *answer)
{
	json_decref(answer->items);
	json_decref(answer->reply);
	*answer = (struct answer){ 0 };
}

int
ask_exit(const struct error *err)
{
	switch (err->code) {
	case ENOTCONN:
	case ETIMEDOUT:
		return CTL_EXIT_NO_DAEMON;
	case ENOENT:
		return CTL_EXIT_NOT_FOUND;
	case EALREADY:
		return CTL_EXIT_NOTHING;
	default:
		return CTL_EXIT_ERROR;
	}
}

int
ask_fail(const struct error *err, const struct answer *answer)
{
	const json_t *problems, *one;
	size_t i;

	complain("%s", err->text);
	problems = json_object_get(answer->reply, "problems");
	json_array_foreach (problems, i, one) {
		char *line = clean_text(json_string_value(one));

		complain("  %s", line);
		free(line);
	}
	return ask_exit(err);
}

static bool
take_refusal(const json_t *reply, struct error *err)
{
	const char *code = json_string_value(json_object_get(reply, "code"));
	char *text =
	    clean_text(json_string_value(json_object_get(reply, "error")));

	error_set(err, code != NULL ? ctl_code_find(code) : EIO, "%s", text);
	free(text);
	return false;
}

/* Up to and including the {"ok":...}; events that come between are dropped. */
static bool
receive(struct ctl *ctl, struct answer *answer, struct error *err)
{
	json_t *message, *item, *ok;

	while (
	    (message = conn_receive(ctl->conn, ASK_TIMEOUT_MS, err)) != NULL) {
		item = json_object_get(message, "item");
		ok = json_object_get(message, "ok");
		if (ok != NULL) {
			answer->reply = message;
			return json_is_true(ok) || take_refusal(message, err);
		}
		if (item != NULL)
			json_array_append(answer->items, item);
		json_decref(message);
	}
	return false;
}

bool
ask(struct ctl *ctl, enum ctl_id id, json_t *args, struct answer *answer,
    struct error *err)
{
	*answer = (struct answer){ .items = json_array() };
	if (ctl->conn == NULL)
		ctl->conn = conn_open(ctl->socket, err);
	if (ctl->conn == NULL) {
		json_decref(args);
		return false;
	}
	return conn_send(ctl->conn, ctl_request_new(id, args), err) &&
	    receive(ctl, answer, err);
}

/* The ids in a list of devices: the array is yours, the strings are not. */
static const char **
ids_of(const json_t *devices)
{
	const char **ids = xcalloc(json_array_size(devices) + 1, sizeof(*ids));
	const json_t *device;
	size_t i;

	json_array_foreach (devices, i, device) {
		ids[i] = json_string_value(json_object_get(device, "id"));
		if (ids[i] == NULL)
			ids[i] = "";
	}
	return ids;
}

static int
tell_unknown(const char *name, const char *const ids[], size_t count)
{
	const char *meant = suggest_word(name, ids, count);

	if (meant != NULL)
		complain("%s: no such device; did you mean %s?", name, meant);
	else if (count == 0)
		complain("%s: no such device; none has been seen yet", name);
	else
		complain("%s: no such device; see: reflashctl devices", name);
	return CTL_EXIT_NOT_FOUND;
}

static int
tell_ambiguous(const char *name, const char *const ids[], size_t count)
{
	char list[120] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && used + ASK_ID_SIZE < sizeof(list); i++)
		if (strncasecmp(ids[i], name, strlen(name)) == 0)
			used +=
			    (size_t)snprintf(list + used, sizeof(list) - used,
				"%s%.20s", used > 0 ? ", " : "", ids[i]);
	complain("%s: more than one device starts so (%s...)", name, list);
	return CTL_EXIT_NOT_FOUND;
}

/* Find name among the known devices. */
static int
look_up(struct ctl *ctl, const char *name, char id[ASK_ID_SIZE])
{
	struct answer known;
	struct error err;
	const char **ids;
	size_t fits, found = 0, count;
	int rc = CTL_EXIT_DONE;

	if (!ask(ctl, CTL_DEVICES, NULL, &known, &err)) {
		rc = ask_fail(&err, &known);
		answer_fini(&known);
		return rc;
	}
	count = json_array_size(known.items);
	ids = ids_of(known.items);
	fits = suggest_complete(name, ids, count, &found);
	if (fits == 0)
		rc = tell_unknown(name, ids, count);
	else if (fits > 1)
		rc = tell_ambiguous(name, ids, count);
	else if (!text_copy(id, ASK_ID_SIZE, ids[found]))
		rc = tell_unknown(name, ids, 0);
	free(ids);
	answer_fini(&known);
	return rc;
}

int
ask_id(struct ctl *ctl, const char *name, char id[ASK_ID_SIZE])
{
	if (!text_is_hex(name, ID_DIGITS))
		return look_up(ctl, name, id);
	for (size_t i = 0; i <= ID_DIGITS; i++)
		id[i] = (char)tolower((unsigned char)name[i]);
	return CTL_EXIT_DONE;
}

int
ask_device(struct ctl *ctl, enum ctl_id what, const char *name, json_t *args,
    struct answer *answer)
{
	char id[ASK_ID_SIZE];
	struct error err;
	int rc = ask_id(ctl, name, id);

	*answer = (struct answer){ 0 };
	if (rc != CTL_EXIT_DONE) {
		json_decref(args);
		return rc;
	}
	if (args == NULL)
		args = json_object();
	json_object_set_new(args, "id", json_string(id));
	if (ask(ctl, what, args, answer, &err)) {
		text_copy(answer->id, sizeof(answer->id), id);
		return CTL_EXIT_DONE;
	}
	/* A full id was not looked up: now is the time to see what was meant.
	 */
	if (err.code == ENOENT && look_up(ctl, name, id) != CTL_EXIT_DONE)
		return CTL_EXIT_NOT_FOUND;
	return ask_fail(&err, answer);
}
