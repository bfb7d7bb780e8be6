/* SPDX-License-Identifier: ISC */
/*
 * fuzz_ctl -- a line on the control socket, from anybody on this machine.
 *
 * What is accepted keeps to the table of commands, and means the same when it
 * is written down and read again; what is not gets an answer in one line.
 */
#include "config.h"

#include <string.h>

#include "core/control/ctlproto.h"

#include "fuzz.h"

static void
check_answer(json_t *answer)
{
	char *line = json_dumps(answer, JSON_COMPACT);

	HOLDS(line != NULL && strchr(line, '\n') == NULL);
	free(line);
	json_decref(answer);
}

static void
check_request(const struct ctl_request *request)
{
	enum ctl_id id = request->command->id;
	json_t *again = ctl_request_new(id, json_deep_copy(request->args));
	char *line = json_dumps(again, JSON_COMPACT);
	const char *device = ctl_arg_text(request->args, "id");
	struct ctl_request second;
	struct error err;

	HOLDS(request->command == ctl_command_get(id));
	HOLDS(json_is_object(request->args));
	HOLDS(device == NULL || strlen(device) <= CTL_MAX_TEXT);
	if (strncmp(request->command->args, "id", 2) == 0)
		HOLDS(device != NULL);
	HOLDS(line != NULL);
	/* Escapes can make it longer than it was. */
	if (strlen(line) <= CTL_MAX_LINE) {
		HOLDS(ctl_request_parse(line, strlen(line), &second, &err));
		HOLDS(second.command == request->command);
		HOLDS(json_equal(second.args, request->args));
		ctl_request_fini(&second);
	}
	free(line);
	json_decref(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl_request request;
	struct error err = { 0 };

	if (ctl_request_parse((const char *)data, size, &request, &err)) {
		check_request(&request);
		ctl_request_fini(&request);
		return 0;
	}
	HOLDS(err.code != 0 && err.text[0] != '\0');
	check_answer(ctl_fail_new(&err, NULL));
	return 0;
}
