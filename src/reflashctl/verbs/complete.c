/* SPDX-License-Identifier: ISC */
/* Prints the words that a shell can complete a command line with. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "beside/socket_path.h"
#include "core/state/reason.h"
#include "core/state/state.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/term.h"
#include "reflashctl/source/source_list.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/complete.h"

#define PATIENCE_SEC 3 /* a shell must not wait for a daemon that hangs */

/* What the words before the last one mean. */
struct line {
	struct ctl ctl;
	const struct verb *verb;	 /* NULL: not typed yet */
	const struct verb_option *wants; /* its value is being typed */
	int count;			 /* the verb and its arguments */
	char **words;			 /* the array is owned */
};

static void
print_word(const char *word, const char *what)
{
	char *clean_word = term_text(word), *clean_what = term_text(what);

	/* A blank would be two words to the shell. */
	if (clean_word[0] != '\0' && strpbrk(clean_word, " \t\\'\"$`") == NULL)
		printf("%s\t%s\n", clean_word, clean_what);
	free(clean_word);
	free(clean_what);
}

static const struct verb *
find_verb(const char *typed)
{
	const struct verb *verb, *found = NULL;

	for (size_t i = 0; (verb = verb_get(i)) != NULL; i++) {
		if (strncmp(verb->word, typed, strlen(typed)) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = verb;
	}
	return found;
}

/* Find the option of "--name" or "--name=..."; NULL: none, or several. */
static const struct verb_option *
find_option(const char *typed)
{
	const struct verb_option *option, *found = NULL;
	size_t len = strcspn(typed, "=");

	for (size_t i = 0; (option = verb_option_get(i)) != NULL; i++) {
		if (typed[0] == '-' && typed[1] == option->letter &&
		    typed[2] == '\0' && option->flag == 0)
			return option;
		if (len < 3 || strncmp(typed, "--", 2) != 0 ||
		    strncmp(option->name, typed + 2, len - 2) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = option;
	}
	return found;
}

static void
take_value(struct line *line, const char *value)
{
	if (strcmp(line->wants->name, "socket") == 0) {
		free(line->ctl.socket);
		line->ctl.socket = socket_path(value, &line->ctl.source);
	}
	line->wants = NULL;
}

/* Take a complete word. */
static void
take_word(struct line *line, char *word)
{
	const struct verb_option *option;
	const char *value = strchr(word, '=');

	if (line->wants != NULL) {
		take_value(line, word);
	} else if (word[0] != '-') {
		if (line->verb == NULL)
			line->verb = find_verb(word);
		line->words[line->count++] = word;
	} else if ((option = find_option(word)) != NULL &&
	    option->value != NULL) {
		line->wants = option;
		if (value != NULL)
			take_value(line, value + 1);
	}
}

static bool
is_typed(const struct line *line, const char *word)
{
	for (int i = 1; i < line->count; i++)
		if (strcmp(line->words[i], word) == 0)
			return true;
	return false;
}

/* Return true if the verb makes sense for a device in that state. */
static bool
is_for(const struct verb *verb, const json_t *device)
{
	const char *state = device_text(device, "state");
	const char *reason = device_text(device, "reason");
	enum state s = STATE_SEEN;
	enum hold hold = HOLD_NONE;

	if (state != NULL && state_find(state, &s) && s == STATE_HELD &&
	    reason != NULL)
		hold = hold_find(reason);
	if (strcmp(verb->word, "approve") == 0)
		return hold == HOLD_APPROVAL;
	if (strcmp(verb->word, "retry") == 0)
		return s == STATE_FAILED || hold == HOLD_BACKOFF ||
		    hold == HOLD_CANCELLED ||
		    (s == STATE_REFUSED && reason != NULL &&
			reason_find(reason) == REASON_TRIED_BEFORE);
	if (strcmp(verb->word, "flash") == 0)
		return !state_is_at_work(s);
	if (strcmp(verb->word, "propose") == 0)
		return json_is_true(json_object_get(device, "flashable"));
	if (strcmp(verb->word, "cancel") == 0)
		return state_is_at_work(s) ||
		    (s == STATE_HELD && hold != HOLD_CANCELLED);
	return true;
}

/* Offer a device by its id and by its label, unless it is typed already. */
static void
offer_device(const struct line *line, const json_t *device)
{
	const char *id = device_text(device, "id");
	const char *label = device_text(device, "label");
	char state[96], *what;

	if (id == NULL || is_typed(line, id) ||
	    (label != NULL && is_typed(line, label)) ||
	    !is_for(line->verb, device))
		return;
	device_state(device, state, sizeof(state));
	what =
	    label != NULL ? xasprintf("%s, %s", label, state) : xstrdup(state);
	print_word(id, what);
	free(what);
	if (label != NULL) {
		what = xasprintf("%s, %s", id, state);
		print_word(label, what);
		free(what);
	}
}

static void
offer_devices(struct line *line)
{
	struct answer answer;
	struct error err;
	const json_t *device;
	size_t i;

	if (request_send(&line->ctl, CTL_DEVICES, NULL, &answer, &err))
		json_array_foreach (answer.items, i, device)
			offer_device(line, device);
	answer_fini(&answer);
}

/* Offer paused policies to resume, the others to pause, else all. */
static void
offer_policies(struct line *line)
{
	bool resume = strcmp(line->verb->word, "resume") == 0;
	bool all = !resume && strcmp(line->verb->word, "pause") != 0;
	struct answer answer;
	struct error err;
	const json_t *policy;
	size_t i;

	if (request_send(&line->ctl, CTL_STATUS, NULL, &answer, &err))
		json_array_foreach (
		    json_object_get(answer.reply, "policies"), i, policy)
			if (all ||
			    json_is_true(json_object_get(policy, "paused")) ==
				resume)
				print_word(device_text(policy, "name"),
				    device_text(policy, "action"));
	answer_fini(&answer);
}

static void
offer_verbs(void)
{
	const struct verb *verb;

	for (size_t i = 0; (verb = verb_get(i)) != NULL; i++)
		print_word(verb->word, verb->help);
}

static void
offer_options(const struct line *line)
{
	const struct verb_option *option;
	unsigned flags = line->verb != NULL ? line->verb->options : 0;
	char name[40];

	for (size_t i = 0; (option = verb_option_get(i)) != NULL; i++) {
		if (option->flag != 0 && (option->flag & flags) == 0)
			continue;
		snprintf(name, sizeof(name), "--%s", option->name);
		print_word(name, option->help);
	}
}

/* Offer the images of ImageDirectory that can be the first on a device. */
static void
offer_images(struct line *line)
{
	struct answer answer;
	struct error err;
	const json_t *image;
	size_t i;

	if (request_send(&line->ctl, CTL_IMAGES, NULL, &answer, &err))
		json_array_foreach (answer.items, i, image) {
			const char *use = device_text(image, "use");

			if (use != NULL && strcmp(use, "first") == 0)
				print_word(device_text(image, "name"),
				    device_text(image, "label"));
		}
	answer_fini(&answer);
}

/* Offer the states, behind those that a list has already: "held,failed". */
static void
offer_states(const char *typed)
{
	const char *value = typed[0] == '-' ? strchr(typed, '=') : NULL;
	const char *last = strrchr(typed, ',');
	char word[200];

	value = value != NULL ? value + 1 : typed;
	for (enum state s = 0; s < STATE_COUNT; s++) {
		snprintf(word, sizeof(word), "%.*s%s",
		    last != NULL ? (int)(last + 1 - value) : 0, value,
		    state_name(s));
		print_word(word, state_meaning(s));
	}
}

/* Offer the entries of the catalogue, or files: a manifest may be one. */
static void
offer_sources(const char *typed)
{
	char label[IMAGE_SOURCE_LABEL];
	struct source_list list;

	if (strchr(typed, '/') != NULL) {
		puts(":files");
		return;
	}
	source_list_load(&list);
	for (size_t i = 0; i < list.count; i++)
		print_word(list.items[i]->name,
		    image_source_label(list.items[i], label));
	source_list_fini(&list);
}

static void
offer_values(struct line *line, const char *typed)
{
	const struct verb_option *option = line->wants;
	static const char *const times[] = { "30s", "10m", "1h" };

	if (strcmp(option->value, "STATE") == 0)
		offer_states(typed);
	else if (strcmp(option->value, "POLICY") == 0)
		offer_policies(line);
	else if (strcmp(option->value, "TIME") == 0)
		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			print_word(times[i], "at most");
	else if (strcmp(option->name, "image") == 0 &&
	    strchr(typed, '/') == NULL)
		offer_images(line);
	else if (strcmp(option->value, "FILE") == 0 ||
	    strcmp(option->value, "PATH") == 0)
		puts(":files");
}

static void
offer_arguments(struct line *line, const char *typed)
{
	const char *usage = line->verb->usage;

	usage += usage[0] == '[';
	if (line->count > line->verb->max ||
	    (line->count > 1 && strcmp(line->verb->word, "label") == 0))
		return;
	if (strncmp(usage, "ID", 2) == 0)
		offer_devices(line);
	else if (strncmp(usage, "POLICY", 6) == 0)
		offer_policies(line);
	else if (strncmp(usage, "VERB", 4) == 0)
		offer_verbs();
	else if (strncmp(usage, "NAME", 4) == 0)
		offer_sources(typed);
	else if (strncmp(usage, "FILE", 4) == 0)
		puts(":files");
}

static void
offer_words(struct line *line, const char *typed)
{
	const struct verb_option *option = NULL;

	if (line->wants == NULL && strchr(typed, '=') != NULL)
		option = find_option(typed);
	if (option != NULL && option->value != NULL)
		line->wants = option;
	if (line->wants != NULL)
		offer_values(line, typed);
	else if (typed[0] == '-')
		offer_options(line);
	else if (line->count == 0)
		offer_verbs();
	else if (line->verb != NULL)
		offer_arguments(line, typed);
}

int
complete(int count, char **words)
{
	struct line line = { .words = xcalloc(
				 (size_t)count + 1, sizeof(*line.words)) };

	alarm(PATIENCE_SEC);
	line.ctl.socket = socket_path(NULL, &line.ctl.source);
	for (int i = 0; i + 1 < count; i++)
		take_word(&line, words[i]);
	offer_words(&line, count > 0 ? words[count - 1] : "");
	conn_close(line.ctl.conn);
	free(line.ctl.socket);
	free(line.words);
	return CTL_EXIT_DONE;
}
