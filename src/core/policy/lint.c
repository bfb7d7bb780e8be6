/* SPDX-License-Identifier: ISC */
/*
 * Finds policies that can never decide, or never flash anything, and values
 * that are not what they look like: for `reflashd -t`, the log and a reload.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "core/config/glob.h"
#include "core/policy/finish.h"
#include "core/policy/lint.h"
#include "core/policy/overlap.h"
#include "core/sonoff/devapi.h"
#include "core/tasmota/tasmota_line.h"

#define FLASHABLE "diy_plug"
#define START	  "100" /* of an id */

static bool
flashes(const struct policy *policy)
{
	return policy->action == POLICY_FLASH || policy->action == POLICY_ASK;
}

/* Return true if the [Match] of the policy fits every device. */
static bool
fits_all(const struct policy *policy)
{
	static const struct strlist none;

	return overlap_words_cover(&policy->device_ids, &none) &&
	    overlap_words_cover(&policy->types, &none) &&
	    policy->firmware.count == 0 && policy->addresses.count == 0;
}

static bool
covers(const struct policy *outer, const struct policy *inner)
{
	return overlap_words_cover(&outer->device_ids, &inner->device_ids) &&
	    overlap_words_cover(&outer->types, &inner->types) &&
	    overlap_versions_cover(&outer->firmware, &inner->firmware) &&
	    (outer->addresses.count == 0 ||
		overlap_nets_cover(&outer->addresses, &inner->addresses));
}

static void
lint_order(const struct policy_list *list, size_t i, struct problems *doubts)
{
	const struct policy *policy = list->items[i];

	for (size_t n = 0; n < i; n++) {
		const struct policy *before = list->items[n];

		if (!covers(before, policy))
			continue;
		problems_add(doubts,
		    "%s: this policy is never used: %s comes before it and "
		    "fits every device%s",
		    policy->file, before->name,
		    fits_all(before) ? "" : " that it fits");
		return;
	}
}

static bool
is_id_possible(const char *word)
{
	return overlap_id_possible(word, START, DEVAPI_ID_MIN) ||
	    overlap_id_possible(word, "", DEVAPI_ID_LONG);
}

static void
lint_ids(const struct policy *policy, struct problems *doubts)
{
	size_t before = doubts->count;

	for (size_t i = 0; i < policy->device_ids.count; i++) {
		const char *word = policy->device_ids.items[i];

		if (*word == '#' || *word == ';')
			return; /* what follows was meant as a comment */
		word += *word == '!';
		if (!is_id_possible(word))
			problems_add(doubts,
			    "%s: DeviceId=%s fits no device: an id has ten "
			    "hexadecimal digits%s, as in 1000a05bf6",
			    policy->file, word,
			    text_is_hex(word, DEVAPI_ID_MIN)
				? " and begins with " START
				: "");
	}
	if (doubts->count == before &&
	    !overlap_words_possible(&policy->device_ids))
		problems_add(doubts,
		    "%s: DeviceId= fits no device: what it names it also takes "
		    "out, with a !",
		    policy->file);
}

static void
lint_match(const struct policy *policy, const struct lint_world *world,
    struct problems *doubts)
{
	if (!flashes(policy))
		return;
	if (!globs_fit(&policy->types, FLASHABLE))
		problems_add(doubts,
		    "%s: its Type= leaves " FLASHABLE " out, and no other "
		    "type can be flashed over the LAN",
		    policy->file);
	if (!overlap_versions_within(&policy->firmware, "3", "4"))
		problems_add(doubts,
		    "%s: its Firmware= leaves 3.x out, and no other firmware "
		    "can be flashed over the LAN",
		    policy->file);
	if (!overlap_nets_meet(&policy->addresses, world->allowed))
		problems_add(doubts,
		    "%s: its Address= is outside of AllowNetworks=, and "
		    "nothing there is ever contacted",
		    policy->file);
}

/*
 * Return what is wrong with a path that expects a shell to change it, which
 * nothing here does; or NULL.
 */
static const char *
find_slip(const char *path)
{
	size_t len = strlen(path);

	if (path[0] == '~' || strchr(path, '$') != NULL)
		return "~ and $ stand for themselves here: write the whole "
		       "path";
	if (len > 1 && strchr("\"'", path[0]) != NULL &&
	    path[len - 1] == path[0])
		return "the quotes count as a part of the name: leave them out";
	if (strstr(path, "://") != NULL)
		return "it is the name of a file, and no address: download it "
		       "first";
	if (strchr(path, '*') != NULL || strchr(path, '?') != NULL)
		return "* and ? stand for themselves here: write the whole "
		       "name";
	return NULL;
}

bool
lint_is_hidden(const char *path)
{
	static const char *const hidden[] = { "/home/", "/root/", "/run/user/",
		"/tmp/", "/var/tmp/" };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strncmp(path, hidden[i], strlen(hidden[i])) == 0)
			return true;
	return false;
}

/*
 * Return what is wrong with a $ that is neither $ID nor $MAC, the only two
 * variables in a file name; or NULL.
 */
static const char *
find_own_slip(const char *file)
{
	for (const char *at = strchr(file, '$'); at != NULL;
	    at = strchr(at + 1, '$'))
		if (strncmp(at, "$ID", 3) != 0 && strncmp(at, "$MAC", 4) != 0)
			return "only $ID and $MAC stand for those of the device"
			       " here";
	return NULL;
}

static void
lint_path(const struct policy *policy, const char *section, const char *key,
    const char *path, const struct lint_world *world, struct problems *doubts)
{
	bool is_own = path != NULL && path == policy->web_password_file &&
	    finish_has_own_file(path);
	const char *slip = is_own ? find_own_slip(path)
	    : path != NULL	  ? find_slip(path)
				  : NULL;

	if (path != NULL && slip == NULL && world->is_service &&
	    lint_is_hidden(path))
		slip = "the service sees nothing of /home, /root and /tmp: put "
		       "the file elsewhere, an image by reflashctl add";
	if (slip != NULL)
		problems_add(doubts, "%s: %s=%s: %s",
		    policy_origin(policy, section, key), key, path, slip);
}

static void
lint_commands(const struct policy *policy, struct problems *doubts)
{
	for (size_t i = 0; i < policy->commands.count; i++) {
		struct tasmota_line line;
		struct error why;

		if (tasmota_line_read(policy->commands.items[i], &line) &&
		    tasmota_line_doubt(&line, policy->upgrade != NULL, &why))
			problems_add(doubts, "%s: Command=%s: %s",
			    options_origin_at(
				&policy->options, "Finish", "Command", i),
			    line.word, why.text);
	}
}

/* Return true if the policy names each of its devices by its whole id. */
static bool
names_its_devices(const struct policy *policy)
{
	size_t names = 0;

	for (size_t i = 0; i < policy->device_ids.count; i++) {
		const char *word = policy->device_ids.items[i];

		if (*word == '!')
			continue;
		if (strpbrk(word, "*?[") != NULL)
			return false;
		names++;
	}
	return names > 0;
}

#define TELLS                                                                  \
	"anybody on the network can invent a device that this policy fits, "   \
	"and is told this password: name your devices in DeviceId=, approve "  \
	"each with Action=ask"

/*
 * Return true if the value of the command is a secret: the table of commands
 * says so, or else its name does.
 */
static bool
is_secret(const struct tasmota_line *line)
{
	static const char *const names[] = { "password", "token", "secret" };

	if (line->row != NULL)
		return line->row->form == TASMOTA_FORM_SECRET;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasestr(line->word, names[i]) != NULL)
			return true;
	return false;
}

/*
 * Return true if the line sends a secret.  A single character only clears or
 * resets the old one.
 */
static bool
tells_secret(const struct tasmota_line *line)
{
	return is_secret(line) && strlen(line->value) > 1;
}

/*
 * Warn about passwords that would be sent to a device that somebody invented.
 */
static void
lint_secrets(const struct policy *policy, struct problems *doubts)
{
	const char *file = policy->web_password_file;

	if (policy->action != POLICY_FLASH || names_its_devices(policy))
		return;
	if (file != NULL && !finish_has_own_file(file))
		problems_add(doubts,
		    "%s: WebPasswordFile=%s: " TELLS
		    ", or give each a file of its own, with $ID in the name",
		    policy_origin(policy, "Finish", "WebPasswordFile"), file);
	for (size_t i = 0; i < policy->commands.count; i++) {
		struct tasmota_line line;

		if (tasmota_line_read(policy->commands.items[i], &line) &&
		    tells_secret(&line))
			problems_add(doubts, "%s: Command=%s: " TELLS,
			    options_origin_at(
				&policy->options, "Finish", "Command", i),
			    line.word);
	}
}

void
lint_comments(const struct options *options, struct problems *doubts)
{
	for (size_t i = 0; i < options->doubts.count; i++)
		problems_add(doubts, "%s", options->doubts.text[i]);
}

void
lint_policies(const struct policy_list *list, const struct lint_world *world,
    struct problems *doubts)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct policy *policy = list->items[i];

		lint_order(list, i, doubts);
		lint_comments(&policy->options, doubts);
		lint_ids(policy, doubts);
		lint_match(policy, world, doubts);
		lint_commands(policy, doubts);
		lint_secrets(policy, doubts);
		lint_path(
		    policy, "Flash", "Image", policy->image, world, doubts);
		lint_path(policy, "Finish", "Upgrade", policy->upgrade, world,
		    doubts);
		lint_path(policy, "Finish", "WebPasswordFile",
		    policy->web_password_file, world, doubts);
	}
}
