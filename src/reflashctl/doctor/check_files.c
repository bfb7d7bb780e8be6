/* SPDX-License-Identifier: ISC */
/*
 * Lets reflashd -t examine the configuration, the policies and the files that
 * they need, and sorts what it says.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "beside/conf_files.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/run_program.h"

#define GOOD "The configuration is good"

/* Before a command that corrects what was said. */
static const char *const markers[] = { "; correct it with: ",
	"; make it with: ", "; make it the daemon's with: ", " with: " };

/* Return the part of the line that is a command, and where the rest ends. */
static const char *
find_command(const char *line, size_t *rest)
{
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		const char *at = strstr(line, markers[i]);

		if (at != NULL) {
			*rest = (size_t)(at - line);
			return at + strlen(markers[i]);
		}
	}
	*rest = strlen(line);
	return NULL;
}

/* Return true if the line is about a file that a policy names. */
static bool
is_about_file(const char *line)
{
	return strstr(line, ": Image=") != NULL ||
	    strstr(line, ": Upgrade=") != NULL ||
	    strstr(line, ": WebPasswordFile=") != NULL;
}

/* Return what a line is about. */
static const char *
topic_of(const char *line)
{
	if (is_about_file(line))
		return "images";
	if (strstr(line, "policy") != NULL)
		return "policies";
	if (strstr(line, "Directory=") != NULL || strstr(line, "no /") != NULL)
		return "folders";
	return "configuration";
}

/*
 * Return the file and the number of the line to which a sentence belongs:
 * "/etc/reflashd/policy.d/50-x.policy:7: ..."; free() it.  NULL: to none.
 */
static char *
file_of(const char *line, char number[12])
{
	const char *colon = strchr(line, ':');
	size_t len, digits;

	if (line[0] != '/' || colon == NULL)
		return NULL;
	len = (size_t)(colon - line);
	digits = strspn(colon + 1, "0123456789");
	snprintf(number, 12, "%.*s", digits < 11 ? (int)digits : 11, colon + 1);
	return xstrndup(line, len);
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), size = strlen(end);

	return len >= size && strcmp(text + len - size, end) == 0;
}

/* Advise about a mistake in a file, which only a person can correct. */
static void
advise_edit(const struct installation *installation, const char *line,
    struct finding *finding)
{
	char number[12], *file = file_of(line, number), *quoted;
	char *nano;

	if (file == NULL)
		return;
	quoted = remedy_quote(file);
	nano = run_program_find("nano");
	if (ends_in(file, ".policy")) {
		finding_cure(finding,
		    "Correct it; no policy takes effect before. Or take this "
		    "one out of the way until then:");
		finding_command(finding, "%smv %s %s.off", installation->sudo,
		    quoted, quoted);
	} else if (number[0] != '\0') {
		finding_cure(finding, "Correct that line:");
		finding_command(finding, "%s%s +%s %s", installation->sudo,
		    nano != NULL ? "nano" : "vi", number, quoted);
	}
	free(nano);
	free(quoted);
	free(file);
}

/* Add a line of reflashd -t; its sentences may go on after the first. */
static void
add_line(const struct installation *installation, struct findings *findings,
    enum verdict verdict, const char *line)
{
	size_t rest;
	const char *command = find_command(line, &rest);
	struct finding *finding = findings_add(
	    findings, topic_of(line), verdict, "%.*s", (int)rest, line);

	if (command != NULL) {
		finding_cure(finding, "To correct that:");
		finding_command(finding, "%s", command);
	} else if (verdict == VERDICT_FAILURE && is_about_file(line)) {
		finding_cure(finding,
		    "\"reflashctl images\" lists what is there; \"reflashctl "
		    "add FILE\" and \"reflashctl download\" put an image "
		    "there");
	} else if (verdict == VERDICT_FAILURE) {
		advise_edit(installation, line, finding);
	}
}

/*
 * Add each line until the one that says that the configuration is good.  Return
 * true if there is one; *text is then what follows it, or NULL.
 */
static bool
add_lines(const struct installation *installation, struct findings *findings,
    enum verdict verdict, char **text)
{
	char *line;

	while ((line = strsep(text, "\n")) != NULL) {
		if (strncmp(line, GOOD, strlen(GOOD)) == 0)
			return true;
		if (strncmp(line, "reflashd: ", 10) == 0)
			line += 10;
		if (strstr(line, "you may not look at it") != NULL)
			continue;
		if (line[0] != '\0')
			add_line(installation, findings, verdict, line);
	}
	return false;
}

/* Add the policies that there are, and the folders that are not; NULL: no text.
 */
static void
add_good(const struct installation *installation, struct findings *findings,
    char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (strstr(line, " with: ") != NULL)
			add_line(installation, findings, VERDICT_WARNING, line);
		else if (strncmp(line, "policies: ", 10) == 0)
			findings_add(
			    findings, "policies", VERDICT_OK, "%s", line + 10);
}

/* Say that the folders are well, unless something was said of them. */
static void
add_folders(const struct installation *installation, struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].check, "folders") == 0)
			return;
	findings_add(findings, "folders", VERDICT_OK,
	    "%s and %s are as the daemon needs them",
	    installation->config->state_directory,
	    installation->config->image_directory);
}

static void
add_blind(const struct installation *installation, struct findings *findings)
{
	struct finding *finding = findings_add(findings, "configuration",
	    VERDICT_WARNING, "this user may not look at all of the files");

	finding_cure(finding, "To see everything:");
	finding_command(finding, "sudo %s doctor", installation->reflashctl);
}

/* Add what reflashd -t has found. */
static void
add_result(const struct installation *installation, struct findings *findings,
    const struct run_result *result)
{
	bool is_blind = strstr(result->out, "you may not look at it") != NULL;
	const char *conf = installation->conf_file;
	char *err = result->err, *out = result->out;
	bool is_good;

	add_lines(installation, findings, VERDICT_FAILURE, &err);
	is_good = add_lines(installation, findings, VERDICT_WARNING, &out);
	if (is_good) {
		findings_add(findings, "configuration", VERDICT_OK,
		    "%s is good", conf != NULL ? conf : CONF_FILES_STANDARD);
		add_good(installation, findings, out);
	}
	if (is_good && !is_blind)
		add_folders(installation, findings);
	if (is_blind)
		add_blind(installation, findings);
}

void
check_files(const struct installation *installation, struct findings *findings)
{
	const char *conf = installation->conf_file;
	const char *const argv[] = { installation->program, "-t",
		conf != NULL ? "-c" : NULL, conf, NULL };
	struct run_result result;
	struct finding *finding;

	if (installation->program == NULL) {
		finding = findings_add(findings, "configuration",
		    VERDICT_FAILURE, "the program reflashd is not installed");
		finding_cure(finding,
		    "Install the package reflashd, or build it; README.md says "
		    "how");
		return;
	}
	run_program(argv, &result);
	if (result.code == -1 || result.code == 127)
		findings_add(findings, "configuration", VERDICT_FAILURE,
		    "%s -t cannot be run", installation->program);
	else
		add_result(installation, findings, &result);
	run_result_fini(&result);
}
