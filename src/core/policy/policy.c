/* SPDX-License-Identifier: ISC */
/* Reads and checks policy files, and finds the policy of a device. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/config/glob.h"
#include "core/config/ini.h"
#include "core/config/value.h"
#include "core/policy/policy.h"
#include "core/tasmota/tasmota_line.h"
#include "core/tasmota/template.h"

#define MAX_PATH    1024		/* bytes */
#define MAX_COMMAND 512			/* bytes: a command goes into one URL */
#define MAX_WAIT    (24 * 60 * 60)	/* a day: longer is a slip of the pen */
#define MAX_SOAK    (30 * 24 * 60 * 60) /* a month */

static bool
parse_template(void *, const char *, const struct option *, struct error *);

static bool
parse_secret(void *, const char *, const struct option *, struct error *);

static const struct option_type template_type = {
	.is_free = true,
	.parse = parse_template,
	.clear = value_clear_text,
	.print = value_print_text,
};

static const struct option_type secret_type = {
	.parse = parse_secret,
	.clear = value_clear_text,
	.print = value_print_text,
};

static const char *const actions[] = { "flash", "ask", "observe", "ignore",
	NULL };
static const char *const expects[] = { "auto", "tasmota", "esphome", "leave",
	NULL };

/* clang-format off */
#define ANY            .min = 0
#define UP_TO(b)       .max = (b)
#define RANGE(a, b)    .min = (a), .max = (b)
#define CHOICES(words) .choices = words

#define POLICY_OPTIONS(X) \
	X("Match", "Type", types, value_globs, ANY, "", \
	    "patterns for the type= that a device announces, such as diy_plug") \
	X("Match", "DeviceId", device_ids, value_globs, ANY, "", \
	    "patterns for the ten hexadecimal digits of a device's id") \
	X("Match", "Firmware", firmware, value_versions, ANY, "", \
	    "bounds for the version of the device's own firmware, which must all hold") \
	X("Match", "Address", addresses, value_nets, ANY, "", \
	    "addresses and networks that the device may be in") \
	\
	X("Flash", "Action", action, value_choice, CHOICES(actions), "observe", \
	    "flash, or ask a person first, or only observe, or ignore the device") \
	X("Flash", "Image", image, value_text, UP_TO(MAX_PATH), "", \
	    "the file to flash, below ImageDirectory or absolute") \
	X("Flash", "Sha256", sha256, value_sha256, ANY, "", \
	    "flash only a file with this checksum (SHA-256)") \
	X("Flash", "Attempts", attempts, value_number, RANGE(1, 100), "3", \
	    "how often a device is tried before it counts as failed") \
	X("Flash", "Window", windows, value_windows, ANY, "", \
	    "the hours of the local day in which a device may begin") \
	\
	X("Rollout", "Canary", canary, value_number, RANGE(0, 65536), "0", \
	    "this many devices go first, alone, and must succeed") \
	X("Rollout", "MaxParallel", max_parallel, value_number, RANGE(0, 65536), "0", \
	    "how many devices of this policy go at a time; 0 leaves it to [Limits]") \
	X("Rollout", "StopAfterFailures", stop_after_failures, value_number, RANGE(0, 65536), "0", \
	    "after this many failures the policy pauses until reflashctl resume with its name; 0 is never") \
	X("Rollout", "SoakSec", soak_sec, value_seconds, RANGE(0, MAX_SOAK), "0", \
	    "how long to watch the canaries before the others go") \
	\
	X("Verify", "Expect", expect, value_choice, CHOICES(expects), "auto", \
	    "what the device must come back as; auto: what the image is, leave: nothing, it only has to leave") \
	X("Verify", "TimeoutSec", verify_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), "180", \
	    "how long it may take to come back") \
	\
	X("Finish", "Template", template_json, template_type, ANY, "", \
	    "the Tasmota template of the device") \
	X("Finish", "Module", module, value_number, RANGE(0, 255), "", \
	    "the Tasmota module; 0 is the template") \
	X("Finish", "Command", commands, value_lines, UP_TO(MAX_COMMAND), "", \
	    "a Tasmota command; may be repeated") \
	X("Finish", "Upgrade", upgrade, value_text, UP_TO(MAX_PATH), "", \
	    "the image of a second step, below ImageDirectory or absolute") \
	X("Finish", "WebPasswordFile", web_password_file, secret_type, UP_TO(MAX_PATH), "", \
	    "a file with the password that the device's web pages are to have, or the name of a systemd credential")

static const struct option items[] = {
#define X(sect, name, member, kind, limits, def, text) \
	{ .section = sect, .key = name, .type = &kind, \
	  .offset = offsetof(struct policy, member), limits, \
	  .standard = def, .help = text },
	POLICY_OPTIONS(X)
#undef X
};
/* clang-format on */

static const struct option_table table = { items,
	sizeof(items) / sizeof(items[0]) };

const struct option_table *
policy_table(void)
{
	return &table;
}

const char *
policy_action_name(enum policy_action action)
{
	return actions[action];
}

static bool
parse_template(void *field, const char *value, const struct option *option,
    struct error *err)
{
	if (!template_check(value, err))
		return false;
	return value_parse_text(field, value, option, err);
}

/*
 * Parse the name of a secret: a path if it has a slash, else the name of a
 * credential of the service.
 */
static bool
parse_secret(void *field, const char *value, const struct option *option,
    struct error *err)
{
	const struct option_type *type =
	    strchr(value, '/') == NULL ? &value_text : &value_path;

	return type->parse(field, value, option, err);
}

const char *
policy_origin(const struct policy *policy, const char *section, const char *key)
{
	return options_origin(&policy->options, section, key);
}

static void
check_flash(const struct policy *policy, struct problems *problems)
{
	bool acts =
	    policy->action == POLICY_FLASH || policy->action == POLICY_ASK;

	if (acts && policy->image == NULL &&
	    !options_is_bad(&policy->options, "Flash", "Image"))
		problems_add(problems,
		    "%s: Action=%s needs an Image= in"
		    " [Flash]",
		    policy_origin(policy, "Flash", "Action"),
		    policy_action_name(policy->action));
	if (policy->image != NULL &&
	    options_origin(&policy->options, "Flash", "Action") == NULL &&
	    !options_is_bad(&policy->options, "Flash", "Action"))
		problems_add(problems,
		    "%s: Image= without an Action=; say"
		    " Action=flash, ask, observe or ignore",
		    policy_origin(policy, "Flash", "Image"));
	if (!versions_possible(&policy->firmware) &&
	    !options_is_bad(&policy->options, "Match", "Firmware"))
		problems_add(problems,
		    "%s: Firmware= fits no version: all of its bounds must "
		    "hold at once, as in >=3.5 <3.9",
		    policy_origin(policy, "Match", "Firmware"));
}

bool
policy_has_finish(const struct policy *policy)
{
	return policy->template_json != NULL || policy->has_module ||
	    policy->commands.count > 0 || policy->upgrade != NULL ||
	    policy->web_password_file != NULL;
}

static void
add_command_problem(const struct policy *policy, size_t i, const char *word,
    const char *why, struct problems *problems)
{
	problems_add(problems, "%s: Command=%s: %s",
	    options_origin_at(&policy->options, "Finish", "Command", i), word,
	    why);
}

/* Return true if an earlier line sets the same setting. */
static bool
is_set_before(const struct policy *policy, size_t i)
{
	struct tasmota_line line, other;

	if (!tasmota_line_read(policy->commands.items[i], &line) ||
	    (line.row != NULL && line.row->flags & TASMOTA_MANY))
		return false;
	for (size_t k = 0; k < i; k++)
		if (tasmota_line_read(policy->commands.items[k], &other) &&
		    strcasecmp(line.command, other.command) == 0)
			return true;
	return false;
}

static void
check_command(const struct policy *policy, size_t i, struct problems *problems)
{
	const char *text = policy->commands.items[i];
	struct tasmota_line line;
	struct error err;

	if (!tasmota_line_read(text, &line))
		add_command_problem(policy, i, text,
		    "write a command of Tasmota, a blank and the value, as in "
		    "DeviceName Hall",
		    problems);
	else if (!tasmota_line_check(&line, &err))
		add_command_problem(policy, i, line.word, err.text, problems);
	else if (is_set_before(policy, i))
		add_command_problem(policy, i, line.word,
		    "it is set twice; leave one of them out", problems);
}

static void
check_finish(const struct policy *policy, struct problems *problems)
{
	if (policy_has_finish(policy) &&
	    (policy->expect == POLICY_EXPECT_ESPHOME ||
		policy->expect == POLICY_EXPECT_LEAVE))
		problems_add(problems,
		    "%s: Expect=%s and a [Finish] do not go together: only "
		    "Tasmota can be set up",
		    policy_origin(policy, "Verify", "Expect"),
		    expects[policy->expect]);
	if (policy->template_json != NULL && policy->module != 0)
		problems_add(problems,
		    "%s: Module=%u hides the Template=; a"
		    " template is module 0",
		    policy_origin(policy, "Finish", "Module"), policy->module);
	for (size_t i = 0; i < policy->commands.count; i++)
		check_command(policy, i, problems);
}

/* Check the name: it goes into records, commands and logs as it is. */
static void
check_name(const struct policy *policy, struct problems *problems)
{
	size_t len = strlen(policy->name);
	bool printable = true;

	for (size_t i = 0; i < len; i++)
		if (policy->name[i] < 0x20 || policy->name[i] > 0x7e)
			printable = false;
	if (len >= POLICY_NAME_SIZE || !printable)
		problems_add(problems,
		    "%s: the name of a policy has at most %d characters, all of"
		    " them printable ASCII",
		    policy->file, POLICY_NAME_SIZE - 1);
}

struct policy *
policy_parse(const char *name, const char *text, size_t len, const char *file,
    struct problems *problems)
{
	struct policy *policy = xcalloc(1, sizeof(*policy));
	size_t before = problems->count;

	policy->name = xstrdup(name);
	policy->file = xstrdup(file);
	check_name(policy, problems);
	options_init(&policy->options, &table, policy);
	options_parse(&policy->options, text, len, file, problems);
	policy->has_module =
	    options_origin(&policy->options, "Finish", "Module") != NULL;
	check_flash(policy, problems);
	check_finish(policy, problems);
	if (problems->count == before)
		return policy;
	policy_free(policy);
	return NULL;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL || policy->refs-- > 0)
		return;
	options_fini(&policy->options);
	free(policy->name);
	free(policy->file);
	free(policy);
}

struct policy *
policy_ref(struct policy *policy)
{
	if (policy != NULL)
		policy->refs++;
	return policy;
}

struct policy_list *
policy_list_new(void)
{
	return xcalloc(1, sizeof(struct policy_list));
}

void
policy_list_add(struct policy_list *list, struct policy *policy)
{
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = policy;
}

void
policy_list_free(struct policy_list *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		policy_free(list->items[i]);
	free(list->items);
	free(list);
}

/* Compare one key with one fact. */
static enum policy_fit
fit(const struct policy_facts *facts, bool asked, bool known, bool fits)
{
	if (!asked)
		return POLICY_FITS;
	if (!known)
		return facts->is_all ? POLICY_NO : POLICY_UNDECIDED;
	return fits ? POLICY_FITS : POLICY_NO;
}

enum policy_fit
policy_match_key(const struct policy *policy, const struct policy_facts *facts,
    enum policy_match key)
{
	switch (key) {
	case POLICY_MATCH_DEVICE_ID:
		return fit(facts, policy->device_ids.count > 0,
		    facts->id != NULL,
		    facts->id != NULL &&
			globs_fit(&policy->device_ids, facts->id));
	case POLICY_MATCH_TYPE:
		return fit(facts, policy->types.count > 0, facts->type != NULL,
		    facts->type != NULL &&
			globs_fit(&policy->types, facts->type));
	case POLICY_MATCH_FIRMWARE:
		return fit(facts, policy->firmware.count > 0,
		    facts->firmware != NULL,
		    facts->firmware != NULL &&
			versions_fit(&policy->firmware, facts->firmware));
	default: /* POLICY_MATCH_ADDRESS */
		return fit(facts, policy->addresses.count > 0,
		    facts->has_address,
		    networks_has(&policy->addresses, facts->address));
	}
}

const char *
policy_match_name(enum policy_match key)
{
	static const char *const names[POLICY_MATCHES] = {
		[POLICY_MATCH_DEVICE_ID] = "DeviceId",
		[POLICY_MATCH_TYPE] = "Type",
		[POLICY_MATCH_FIRMWARE] = "Firmware",
		[POLICY_MATCH_ADDRESS] = "Address",
	};

	return names[key];
}

enum policy_fit
policy_match(const struct policy *policy, const struct policy_facts *facts)
{
	enum policy_fit all = POLICY_FITS;

	for (enum policy_match key = 0; key < POLICY_MATCHES; key++) {
		enum policy_fit one = policy_match_key(policy, facts, key);

		if (one == POLICY_NO)
			return POLICY_NO;
		if (one == POLICY_UNDECIDED)
			all = POLICY_UNDECIDED;
	}
	return all;
}

struct policy *
policy_list_find(const struct policy_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->name, name) == 0)
			return list->items[i];
	return NULL;
}

bool
policy_list_names(const struct policy_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct strlist *ids = &list->items[i]->device_ids;

		for (size_t j = 0; j < ids->count; j++)
			if (strcasecmp(ids->items[j], id) == 0)
				return true;
	}
	return false;
}

struct policy *
policy_find(const struct policy_list *list, const struct policy_facts *facts,
    bool *undecided)
{
	*undecided = false;
	for (size_t i = 0; i < list->count; i++) {
		enum policy_fit fits = policy_match(list->items[i], facts);

		if (fits == POLICY_FITS)
			return list->items[i];
		if (fits == POLICY_UNDECIDED) {
			*undecided = true;
			return NULL;
		}
	}
	return NULL;
}

bool
policy_window_open(const struct policy *policy, const struct tm *local)
{
	return windows_open(&policy->windows, local);
}

time_t
policy_window_next(const struct policy *policy, time_t now)
{
	return windows_next(&policy->windows, now);
}

bool
policy_text_is_empty(const char *text, size_t len)
{
	return ini_is_empty(text, len);
}
