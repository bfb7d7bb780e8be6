/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/request.h"
#include "reflashctl/link/socket.h"
#include "reflashctl/out/term.h"
#include "reflashctl/word_match.h"

#define ID_DIGITS 10 /* of the ids that there are so far */

void
answer_fini(struct answer *answer)
{
	json_decref(answer->items);
	json_decref(answer->reply);
	*answer = (struct answer){ 0 };
}

int
request_exit(const struct error *err)
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

/* "2 mistakes: the first of them": the list has the first one, too. */
static void
tell_text(const char *text, const json_t *problems)
{
	const char *first = json_string_value(json_array_get(problems, 0));
	const char *end = text;

	while (first != NULL && (end = strstr(end, ": ")) != NULL) {
		end += 2;
		if (strncmp(end, first, strlen(end)) == 0) {
			complain("%.*s", (int)(end - 1 - text), text);
			return;
		}
	}
	complain("%s", text);
}

static void
tell_more(const char *text)
{
	char *clean = term_text(text);

	if (text != NULL)
		complain("  %s", clean);
	free(clean);
}

int
request_fail(
    const struct ctl *ctl, const struct error *err, const struct answer *answer)
{
	const json_t *reply = answer != NULL ? answer->reply : NULL;
	const json_t *problems = json_object_get(reply, "problems"), *one;
	size_t i;

	tell_text(err->text, problems);
	json_array_foreach (problems, i, one)
		tell_more(json_string_value(one));
	tell_more(json_string_value(json_object_get(reply, "advice")));
	if (err->code == ENOTCONN)
		socket_advise_start(ctl->socket, ctl->source);
	else if (err->code == EPERM)
		socket_advise_rights(ctl->socket);
	return request_exit(err);
}

static bool
take_refusal(const json_t *reply, struct error *err)
{
	const char *code = json_string_value(json_object_get(reply, "code"));
	char *text =
	    term_text(json_string_value(json_object_get(reply, "error")));

	error_set(err, code != NULL ? ctl_code_find(code) : EIO, "%s", text);
	free(text);
	return false;
}

/* Up to and including the {"ok":...}; events that come between are dropped. */
static bool
receive(struct ctl *ctl, struct answer *answer, struct error *err)
{
	json_t *message, *item, *ok;

	while ((message = conn_receive(ctl->conn, REQUEST_TIMEOUT_MS, err)) !=
	    NULL) {
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
request_send(struct ctl *ctl, enum ctl_id id, json_t *args,
    struct answer *answer, struct error *err)
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

const char **
request_words(const json_t *objects, const char *key)
{
	const char **words =
	    xcalloc(json_array_size(objects) + 1, sizeof(*words));
	const json_t *object;
	size_t i;

	json_array_foreach (objects, i, object) {
		words[i] = json_string_value(json_object_get(object, key));
		if (words[i] == NULL)
			words[i] = "";
	}
	return words;
}

/* Find name among the known devices. */
static int
look_up(struct ctl *ctl, const char *name, char id[REQUEST_ID_SIZE])
{
	static const struct word_match kind = { "device", "devices",
		"reflashctl devices" };
	struct answer known;
	struct error err;
	const char **ids;
	size_t found, count;
	int rc = CTL_EXIT_NOT_FOUND;

	if (!request_send(ctl, CTL_DEVICES, NULL, &known, &err)) {
		rc = request_fail(ctl, &err, &known);
		answer_fini(&known);
		return rc;
	}
	count = json_array_size(known.items);
	ids = request_words(known.items, "id");
	if (count == 0)
		complain("%s: no such device; none has been seen yet", name);
	else if (word_match_find(&kind, name, ids, count, &found) &&
	    text_copy(id, REQUEST_ID_SIZE, ids[found]))
		rc = CTL_EXIT_DONE;
	free(ids);
	answer_fini(&known);
	return rc;
}

int
request_id(struct ctl *ctl, const char *name, char id[REQUEST_ID_SIZE])
{
	if (!text_is_hex(name, ID_DIGITS))
		return look_up(ctl, name, id);
	for (size_t i = 0; i <= ID_DIGITS; i++)
		id[i] = (char)tolower((unsigned char)name[i]);
	return CTL_EXIT_DONE;
}

static bool
ask_about(struct ctl *ctl, enum ctl_id what, const char *id, json_t *args,
    struct answer *answer, struct error *err)
{
	json_object_set_new(args, "id", json_string(id));
	return request_send(ctl, what, json_deep_copy(args), answer, err);
}

/* Ten digits are not looked up first, but may be the start of a longer id. */
static int
ask_full_id(struct ctl *ctl, enum ctl_id what, const char *name, json_t *args,
    struct answer *answer)
{
	char id[REQUEST_ID_SIZE], asked[REQUEST_ID_SIZE];
	struct error err;
	int rc = request_id(ctl, name, id);
	bool is_done;

	if (rc != CTL_EXIT_DONE)
		return rc;
	is_done = ask_about(ctl, what, id, args, answer, &err);
	if (!is_done && err.code == ENOENT) {
		memcpy(asked, id, sizeof(asked));
		if (look_up(ctl, name, id) != CTL_EXIT_DONE)
			return CTL_EXIT_NOT_FOUND;
		if (strcmp(asked, id) != 0) {
			answer_fini(answer);
			is_done = ask_about(ctl, what, id, args, answer, &err);
		}
	}
	if (!is_done)
		return request_fail(ctl, &err, answer);
	text_copy(answer->id, sizeof(answer->id), id);
	return CTL_EXIT_DONE;
}

int
request_device(struct ctl *ctl, enum ctl_id what, const char *name,
    json_t *args, struct answer *answer)
{
	int rc;

	*answer = (struct answer){ 0 };
	if (args == NULL)
		args = json_object();
	rc = ask_full_id(ctl, what, name, args, answer);
	json_decref(args);
	return rc;
}
