/* SPDX-License-Identifier: ISC */
/* Asks the daemon a question for a verb, and explains what went wrong. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/sonoff/devapi.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/request.h"
#include "reflashctl/link/socket.h"
#include "reflashctl/out/term.h"

void
answer_fini(struct answer *answer)
{
	json_decref(answer->items);
	json_decref(answer->reply);
	*answer = (struct answer){ 0 };
}

int
request_exit(int code)
{
	switch (code) {
	case ENOTCONN:
	case ETIMEDOUT:
		return CTL_EXIT_NO_DAEMON;
	case ENOENT:
	case ENOTUNIQ:
		return CTL_EXIT_NOT_FOUND;
	case EALREADY:
		return CTL_EXIT_NOTHING;
	default:
		return CTL_EXIT_ERROR;
	}
}

/* Print "2 mistakes:" without the first one, which the list has as well. */
static void
complain_once(const char *text, const json_t *problems)
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
complain_more(const char *text)
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

	complain_once(err->text, problems);
	json_array_foreach (problems, i, one)
		complain_more(json_string_value(one));
	complain_more(json_string_value(json_object_get(reply, "advice")));
	if (err->code == ENOTCONN)
		socket_advise_start(ctl->socket, ctl->source);
	else if (err->code == EPERM)
		socket_advise_rights(ctl->socket);
	return request_exit(err->code);
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

/* Receive all up to the {"ok":...}, and drop events. */
static bool
receive_answer(struct ctl *ctl, struct answer *answer, struct error *err)
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
request_send_with(struct ctl *ctl, enum ctl_id id, json_t *args, int fd,
    struct answer *answer, struct error *err)
{
	*answer = (struct answer){ .items = json_array() };
	if (ctl->conn == NULL)
		ctl->conn = conn_open(ctl->socket, err);
	if (ctl->conn == NULL) {
		json_decref(args);
		return false;
	}
	return conn_send_with(ctl->conn, ctl_request_new(id, args), fd, err) &&
	    receive_answer(ctl, answer, err);
}

bool
request_send(struct ctl *ctl, enum ctl_id id, json_t *args,
    struct answer *answer, struct error *err)
{
	return request_send_with(ctl, id, args, -1, answer, err);
}

int
request_ask(
    struct ctl *ctl, enum ctl_id id, json_t *args, struct answer *answer)
{
	struct error err;

	return request_send(ctl, id, args, answer, &err)
	    ? CTL_EXIT_DONE
	    : request_fail(ctl, &err, answer);
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

/* Return the id of the device that an answer is about; NULL: it does not say.
 */
static const char *
id_in(const struct answer *answer)
{
	const json_t *item = json_array_get(answer->items, 0);
	const json_t *places[] = { answer->reply,
		json_object_get(answer->reply, "device"), item };
	const char *id = NULL;

	for (size_t i = 0; id == NULL && i < 3; i++)
		id = json_string_value(json_object_get(places[i], "id"));
	return id;
}

bool
request_about(struct ctl *ctl, enum ctl_id what, const char *name, json_t *args,
    struct answer *answer, struct error *err)
{
	const char *id;
	bool is_done;

	if (args == NULL)
		args = json_object();
	json_object_set_new(args, "id", json_string(name));
	is_done = request_send(ctl, what, args, answer, err);
	id = id_in(answer);
	if (!text_copy(answer->id, sizeof(answer->id), id != NULL ? id : name))
		text_copy(answer->id, sizeof(answer->id), "?");
	return is_done;
}

int
request_device(struct ctl *ctl, enum ctl_id what, const char *name,
    json_t *args, struct answer *answer)
{
	struct error err;

	return request_about(ctl, what, name, args, answer, &err)
	    ? CTL_EXIT_DONE
	    : request_fail(ctl, &err, answer);
}

int
request_id(struct ctl *ctl, const char *name, char id[REQUEST_ID_SIZE])
{
	struct answer answer;
	struct error err;
	int rc = CTL_EXIT_DONE;

	if (request_about(ctl, CTL_SHOW, name, NULL, &answer, &err))
		text_copy(id, REQUEST_ID_SIZE, answer.id);
	else if (err.code != ENOENT || !devapi_copy_id(id, name))
		rc = request_fail(ctl, &err, &answer);
	answer_fini(&answer);
	return rc;
}
