/* SPDX-License-Identifier: ISC */
/*
 * fuzz_mqtt -- a message from the broker, to which anybody may be connected:
 * the topic is the first line, the payload the rest.
 *
 * A command that is accepted is one of the table, for what its topic says, and
 * names the image where it has to.  One that is not has a sentence.  What is a
 * ghost has the id of a device, which may become part of a topic again.
 */
#include "config.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "mqtt/message/command.h"
#include "mqtt/message/discovery.h"
#include "mqtt/message/topics.h"

#include "fuzz.h"

#define NOON 1769860800 /* 2026-01-31T12:00:00Z */

static void
check_id(const char *id)
{
	HOLDS(devapi_is_id(id));
	HOLDS(strpbrk(id, "/+#ABCDEF") == NULL);
}

static void
check_accepted(const struct command *command, const struct command_rules *rules)
{
	enum command_verb verb;
	bool names_image = strlen(command->sha256) == COMMAND_SHA256_SIZE - 1;

	HOLDS(command_verb_find(command_verb_name(command->verb), &verb));
	HOLDS(verb == command->verb);
	HOLDS(!rules->is_retained);
	HOLDS((rules->allowed & 1u << command->verb) != 0);
	HOLDS((command->verb < COMMAND_PAUSE) == rules->is_for_device);
	HOLDS(names_image || command->sha256[0] == '\0');
	HOLDS(names_image || command->verb >= COMMAND_CANCEL);
	HOLDS(strpbrk(command->sha256, "ABCDEF") == NULL);
}

static void
check_refused(const struct command *command, const struct error *err)
{
	json_t *transaction = json_string(command->transaction);

	HOLDS(err->code != 0 && err->text[0] != '\0');
	HOLDS(transaction != NULL); /* it can be part of the answer */
	json_decref(transaction);
}

static void
try_command(const char *payload, size_t len, const struct command_rules *rules)
{
	struct command command;
	struct error err = { 0 };

	if (command_parse(payload, len, rules, &command, &err))
		check_accepted(&command, rules);
	else
		check_refused(&command, &err);
}

static void
try_message(const struct topics *topics, const char *topic, const char *payload,
    size_t len)
{
	enum topics_of_device which;
	char id[TOPICS_ID_SIZE];
	struct command_rules rules = { .allowed = COMMAND_ALL, .now = NOON };

	if (topics_is_command(topics, topic, id)) {
		HOLDS(strcmp(id, "") == 0 || strcmp(id, "?") == 0 ||
		    devapi_is_id(id));
		rules.is_for_device = id[0] != '\0';
		try_command(payload, len, &rules);
		rules.max_age_sec = 600;
		rules.allowed = 1u << COMMAND_RETRY;
		try_command(payload, len, &rules);
		rules.is_retained = true;
		try_command(payload, len, &rules);
	} else if (topics_is_device(topics, topic, id, &which)) {
		char *again = topics_device(topics, id, which);

		check_id(id);
		HOLDS(strcmp(again, topic) == 0);
		free(again);
		discovery_is_ours(topics, payload, len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = memchr(data, '\n', size);
	size_t len = newline != NULL ? (size_t)(newline - data) : size;
	char *topic = xstrndup((const char *)data, len);
	struct topics topics;

	if (newline != NULL)
		len++;
	topics_init(&topics, "reflashd", "home", "homeassistant", NULL);
	try_message(&topics, topic, (const char *)data + len, size - len);
	topics_fini(&topics);
	free(topic);
	return 0;
}
