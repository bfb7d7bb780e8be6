/* SPDX-License-Identifier: ISC */
/*
 * Parses and prints the types of single values in a configuration file: texts,
 * paths, numbers, times, an address, one of several words.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/value.h"

bool
value_parse_text(void *field, const char *value, const struct option *option,
    struct error *err)
{
	char **text = field;

	if (option->max > 0 && strlen(value) > option->max)
		return error_set(
		    err, EINVAL, "longer than %" PRIu64 " bytes", option->max);
	free(*text);
	*text = xstrdup(value);
	return true;
}

void
value_clear_text(void *field)
{
	char **text = field;

	free(*text);
	*text = NULL;
}

void
value_print_text(FILE *out, const void *field, const struct option *option)
{
	char *const *text = field;

	option_write(out, option, *text);
}

static bool
parse_path(void *field, const char *value, const struct option *option,
    struct error *err)
{
	if (*value != '/')
		return error_set(err, EINVAL,
		    "not an absolute path; write one such as "
		    "/var/lib/reflashd");
	return value_parse_text(field, value, option, err);
}

static bool
parse_address(void *field, const char *value, const struct option *option,
    struct error *err)
{
	const char *word = option->choices == NULL ? NULL : option->choices[0];
	struct in_addr in;

	if ((word == NULL || strcmp(value, word) != 0) &&
	    inet_pton(AF_INET, value, &in) != 1)
		return error_set(err, EINVAL,
		    "not an IPv4 address; write %s%sone such as 192.168.1.2",
		    word ? word : "", word ? " or " : "");
	return value_parse_text(field, value, option, err);
}

static bool
parse_bool(void *field, const char *value, const struct option *option,
    struct error *err)
{
	static const char *const words[] = { "no", "yes", "false", "true",
		"off", "on", "0", "1", "n", "y", "f", "t" };

	(void)option;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value, words[i]) == 0) {
			*(bool *)field = i % 2 == 1;
			return true;
		}
	return error_set(err, EINVAL, "write yes or no");
}

static void
print_bool(FILE *out, const void *field, const struct option *option)
{
	option_write(out, option, *(const bool *)field ? "yes" : "no");
}

static bool
parse_number(void *field, const char *value, const struct option *option,
    struct error *err)
{
	uint64_t n;

	if (!text_number(value, option->min, option->max, &n))
		return error_set(err, ERANGE,
		    "write a whole number from %" PRIu64 " to %" PRIu64 " (%s)",
		    option->min, option->max, option->help);
	*(unsigned *)field = (unsigned)n;
	return true;
}

static void
clear_number(void *field)
{
	*(unsigned *)field = 0;
}

static void
print_number(FILE *out, const void *field, const struct option *option)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", *(const unsigned *)field);
	option_write(out, option, text);
}

static bool
parse_seconds(void *field, const char *value, const struct option *option,
    struct error *err)
{
	uint64_t seconds;

	if (!text_read_seconds(value, &seconds) || seconds < option->min ||
	    seconds > option->max)
		return error_set(err, ERANGE,
		    "write a time from %" PRIu64 " to %" PRIu64
		    " seconds, such as 90 or 1min 30s (%s)",
		    option->min, option->max, option->help);
	*(unsigned *)field = (unsigned)seconds;
	return true;
}

static bool
parse_choice(void *field, const char *value, const struct option *option,
    struct error *err)
{
	const char *meant;
	unsigned count;

	for (count = 0; option->choices[count] != NULL; count++)
		if (strcmp(value, option->choices[count]) == 0) {
			*(unsigned *)field = count;
			return true;
		}
	meant = suggest_word(value, option->choices, count);
	error_set(err, EINVAL, "write one of");
	for (unsigned i = 0; i < count; i++) {
		size_t used = strlen(err->text);

		snprintf(err->text + used, sizeof(err->text) - used, "%s %s",
		    i == 0 ? "" : ",", option->choices[i]);
	}
	if (meant != NULL) {
		size_t used = strlen(err->text);

		snprintf(err->text + used, sizeof(err->text) - used,
		    "; did you mean %s?", meant);
	}
	return false;
}

static void
print_choice(FILE *out, const void *field, const struct option *option)
{
	option_write(out, option, option->choices[*(const unsigned *)field]);
}

static bool
parse_sha256(void *field, const char *value, const struct option *option,
    struct error *err)
{
	char *hex = field;

	(void)option;
	if (strlen(value) != 64 || !text_is_hex(value, 64))
		return error_set(err, EINVAL,
		    "not a SHA-256 checksum; write the 64 hexadecimal digits "
		    "that sha256sum FILE prints");
	for (size_t i = 0; i <= 64; i++)
		hex[i] = (char)tolower((unsigned char)value[i]);
	return true;
}

static void
clear_sha256(void *field)
{
	*(char *)field = '\0';
}

static void
print_sha256(FILE *out, const void *field, const struct option *option)
{
	option_write(out, option, field);
}

/* clang-format off */
const struct option_type value_text = {
	.parse = value_parse_text,
	.clear = value_clear_text,
	.print = value_print_text,
};
const struct option_type value_path = {
	.parse = parse_path,
	.clear = value_clear_text,
	.print = value_print_text,
};
const struct option_type value_address = {
	.parse = parse_address,
	.clear = value_clear_text,
	.print = value_print_text,
};
const struct option_type value_bool = {
	.parse = parse_bool,
	.print = print_bool,
};
const struct option_type value_number = {
	.parse = parse_number,
	.clear = clear_number,
	.print = print_number,
};
const struct option_type value_seconds = {
	.parse = parse_seconds,
	.print = print_number,
};
const struct option_type value_choice = {
	.parse = parse_choice,
	.print = print_choice,
};
const struct option_type value_sha256 = {
	.parse = parse_sha256,
	.clear = clear_sha256,
	.print = print_sha256,
};
/* clang-format on */
