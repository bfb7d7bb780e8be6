/* SPDX-License-Identifier: ISC */
/*
 * Reads the requests and writes the answers of the control socket, for the
 * daemon and for reflashctl.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/control/ctlproto.h"
#include "core/device/device_json.h"

static const struct ctl_command commands[CTL_COUNT] = {
#define X(id, word, args, admin, help)                                         \
	[CTL_##id] = { CTL_##id, word, args, admin, help },
	CTL_COMMANDS(X)
#undef X
};

static const struct {
	const char *name;
	json_type type;
} arguments[] = {
#define X(name, type) { name, type },
	CTL_ARGUMENTS(X)
#undef X
};

/* clang-format off */
static const struct {
	int code;
	const char *name;
} codes[] = {
#define X(code) { code, #code }
	X(EPERM), X(ENOENT), X(EINVAL), X(EALREADY), X(EAGAIN), X(EBUSY),
	X(EPROTO), X(EMSGSIZE), X(EPROTONOSUPPORT), X(EOPNOTSUPP),
	X(ESHUTDOWN), X(EACCES), X(EEXIST), X(ENOSPC), X(EROFS), X(EIO),
	X(ENOTUNIQ), X(ESTALE),
#undef X
};
/* clang-format on */

const struct ctl_command *
ctl_command_get(enum ctl_id id)
{
	assert(id < CTL_COUNT);
	return &commands[id];
}

const struct ctl_command *
ctl_command_find(const char *word)
{
	for (size_t i = 0; i < CTL_COUNT; i++)
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	return NULL;
}

const char *
ctl_code_name(int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "EIO";
}

int
ctl_code_find(const char *name)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].name, name) == 0)
			return codes[i].code;
	return EIO;
}

/*
 * Return true if the brackets are nested too deeply: jansson would go 2048
 * deep, with a stack frame for each.
 */
static bool
is_too_deep(const char *line, size_t len)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = line[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '[') &&
		    ++depth > CTL_MAX_DEPTH)
			return true;
		else if (!quoted && (c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return false;
}

static bool
is_type(const json_t *value, json_type type)
{
	return json_typeof(value) == type ||
	    (type == JSON_TRUE && json_is_false(value));
}

static const char *
type_name(json_type type)
{
	switch (type) {
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a whole number";
	default:
		return "a boolean";
	}
}

static bool
check_type(const char *name, const json_t *value, struct error *err)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		if (strcmp(arguments[i].name, name) != 0)
			continue;
		if (!is_type(value, arguments[i].type))
			return error_set(err, EINVAL, "argument %s is not %s",
			    name, type_name(arguments[i].type));
		if (json_string_length(value) > CTL_MAX_TEXT)
			return error_set(err, EMSGSIZE,
			    "argument %s is longer than %d bytes", name,
			    CTL_MAX_TEXT);
		return true;
	}
	assert(!"every argument of a command is in CTL_ARGUMENTS");
	return false;
}

/*
 * Check the arguments that the command knows: a word in [brackets] may be
 * missing.  Returns how many of the given arguments are known.
 */
static bool
check_known(const struct ctl_command *command, const json_t *args,
    size_t *known, struct error *err)
{
	char words[128], *rest = words, *word;
	bool fits = text_copy(words, sizeof(words), command->args);

	assert(fits);
	(void)fits;
	while ((word = text_word(&rest)) != NULL) {
		bool optional = word[0] == '[';
		const json_t *value;

		if (optional) {
			word++;
			word[strcspn(word, "]")] = '\0';
		}
		value = json_object_get(args, word);
		if (value == NULL && !optional)
			return error_set(err, EINVAL,
			    "%s needs the argument %s", command->word, word);
		if (value == NULL)
			continue;
		if (!check_type(word, value, err))
			return false;
		(*known)++;
	}
	return true;
}

static bool
check_arguments(
    const struct ctl_command *command, const json_t *args, struct error *err)
{
	size_t known = 0;

	if (!check_known(command, args, &known, err))
		return false;
	if (json_object_size(args) > known)
		return error_set(err, EINVAL,
		    "%s has an argument that it does not know; it takes: %s",
		    command->word,
		    command->args[0] == '\0' ? "none" : command->args);
	return true;
}

static bool
check_version(const json_t *root, struct error *err)
{
	const json_t *version = json_object_get(root, "v");

	if (!json_is_integer(version))
		return error_set(
		    err, EPROTO, "a request needs \"v\":%d", CTL_VERSION);
	if (json_integer_value(version) != CTL_VERSION)
		return error_set(err, EPROTONOSUPPORT,
		    "the daemon speaks version %d of the control protocol, "
		    "not %lld",
		    CTL_VERSION, (long long)json_integer_value(version));
	return true;
}

static const struct ctl_command *
read_command(const json_t *root, struct error *err)
{
	const char *word = json_string_value(json_object_get(root, "do"));
	const struct ctl_command *command;
	char shown[40];

	if (word == NULL) {
		error_set(err, EPROTO, "a request needs \"do\":\"COMMAND\"");
		return NULL;
	}
	command = ctl_command_find(word);
	if (command == NULL)
		error_set(err, EOPNOTSUPP, "%s: no such command",
		    text_escape(shown, sizeof(shown), word, strlen(word)));
	return command;
}

bool
ctl_request_parse(
    const char *line, size_t len, struct ctl_request *out, struct error *err)
{
	json_auto_t *root = NULL;
	json_error_t why;
	json_t *args;

	if (len > CTL_MAX_LINE)
		return error_set(err, EMSGSIZE,
		    "a request is at most %d bytes long", CTL_MAX_LINE);
	if (is_too_deep(line, len))
		return error_set(err, EPROTO, "the request is nested too deep");
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(root))
		return error_set(err, EPROTO,
		    "the request is not one JSON object on one line");
	if (!check_version(root, err))
		return false;
	out->command = read_command(root, err);
	if (out->command == NULL)
		return false;
	args = json_object_get(root, "args");
	if (args != NULL && !json_is_object(args))
		return error_set(err, EPROTO, "\"args\" is not an object");
	if (!check_arguments(out->command, args, err))
		return false;
	out->args = args != NULL ? json_incref(args) : json_object();
	return true;
}

void
ctl_request_fini(struct ctl_request *request)
{
	json_decref(request->args);
	*request = (struct ctl_request){ 0 };
}

json_t *
ctl_request_new(enum ctl_id id, json_t *args)
{
	return json_pack("{s:i, s:s, s:o}", "v", CTL_VERSION, "do",
	    ctl_command_get(id)->word, "args",
	    args != NULL ? args : json_object());
}

const char *
ctl_arg_text(const json_t *args, const char *name)
{
	return json_string_value(json_object_get(args, name));
}

json_int_t
ctl_arg_number(const json_t *args, const char *name)
{
	return json_integer_value(json_object_get(args, name));
}

bool
ctl_arg_flag(const json_t *args, const char *name)
{
	return json_is_true(json_object_get(args, name));
}

json_t *
ctl_item_new(json_t *item)
{
	return json_pack("{s:s, s:o}", "event", "item", "item", item);
}

/* Add the keys of extra after the fixed keys, which they cannot replace. */
static json_t *
with_extra(json_t *reply, json_t *extra)
{
	if (extra != NULL)
		json_object_update_missing(reply, extra);
	json_decref(extra);
	return reply;
}

json_t *
ctl_done_new(json_t *extra)
{
	return with_extra(json_pack("{s:b}", "ok", 1), extra);
}

json_t *
ctl_fail_new(const struct error *err, json_t *extra)
{
	json_t *reply = json_pack("{s:b, s:s, s:o}", "ok", 0, "code",
	    ctl_code_name(err->code), "error", device_json_string(err->text));

	return with_extra(reply, extra);
}

json_t *
ctl_change_new(json_t *device)
{
	return json_pack("{s:s, s:o}", "event", "change", "device", device);
}

json_t *
ctl_forgotten_new(const char *id)
{
	return json_pack("{s:s, s:s}", "event", "forgotten", "id", id);
}
