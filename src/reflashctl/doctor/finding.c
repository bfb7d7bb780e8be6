/* SPDX-License-Identifier: ISC */
/* Collects what doctor finds, and prints it for people and for programs. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashctl/doctor/finding.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/term.h"

#define LABEL 24 /* columns before the sentence */

static const struct {
	const char *word;
	enum term_color color;
} verdicts[] = {
	[VERDICT_OK] = { "ok", COLOR_GREEN },
	[VERDICT_WARNING] = { "warning", COLOR_YELLOW },
	[VERDICT_FAILURE] = { "failure", COLOR_RED },
};

static char *
format(const char *, va_list) __attribute__((format(printf, 1, 0)));

static char *
format(const char *fmt, va_list ap)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	vfprintf(out, fmt, ap);
	fclose(out);
	return text;
}

struct finding *
findings_add(struct findings *findings, const char *check, enum verdict verdict,
    const char *fmt, ...)
{
	struct finding *finding;
	va_list ap;

	findings->items = xrealloc(
	    findings->items, findings->count + 1, sizeof(*findings->items));
	finding = &findings->items[findings->count++];
	*finding = (struct finding){ .check = check, .verdict = verdict };
	va_start(ap, fmt);
	finding->detail = format(fmt, ap);
	va_end(ap);
	return finding;
}

void
finding_cure(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	free(finding->cure);
	va_start(ap, fmt);
	finding->cure = format(fmt, ap);
	va_end(ap);
}

void
finding_command(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	free(finding->command);
	va_start(ap, fmt);
	finding->command = format(fmt, ap);
	va_end(ap);
}

void
findings_fini(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].detail);
		free(findings->items[i].cure);
		free(findings->items[i].command);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}

size_t
findings_number(const struct findings *findings, enum verdict verdict)
{
	size_t number = 0;

	for (size_t i = 0; i < findings->count; i++)
		number += findings->items[i].verdict == verdict;
	return number;
}

json_t *
findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		char *detail = term_text(finding->detail);
		char *cure = term_text(finding->cure);
		char *command = term_text(finding->command);

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "check",
			finding->check, "verdict",
			verdicts[finding->verdict].word, "detail", detail,
			"cure", finding->cure != NULL ? cure : NULL, "command",
			finding->command != NULL ? command : NULL));
		free(detail);
		free(cure);
		free(command);
	}
	return list;
}

/* Print a text below the sentence; a command is never broken into lines. */
static void
print_cure(const struct finding *finding)
{
	char *clean = term_text(finding->cure);

	if (clean[0] != '\0')
		term_wrap(stdout, clean, LABEL, field_columns());
	free(clean);
	if (finding->command == NULL)
		return;
	clean = term_text(finding->command);
	printf("%*s%s%s%s\n", LABEL, "", term_color(COLOR_BOLD), clean,
	    term_color(COLOR_NONE));
	free(clean);
}

static void
print_finding(const struct finding *finding)
{
	char *clean = term_text(finding->detail), *wrapped = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&wrapped, &size);

	if (out == NULL)
		abort();
	term_wrap(out, clean, LABEL, field_columns());
	fclose(out);
	printf("%s%-7s%s  %-*s%s", term_color(verdicts[finding->verdict].color),
	    verdicts[finding->verdict].word, term_color(COLOR_NONE), LABEL - 9,
	    finding->check, size > LABEL ? wrapped + LABEL : "\n");
	free(wrapped);
	free(clean);
	print_cure(finding);
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void
findings_print(const struct findings *findings)
{
	size_t failures = findings_number(findings, VERDICT_FAILURE);
	size_t warnings = findings_number(findings, VERDICT_WARNING);

	for (size_t i = 0; i < findings->count; i++)
		print_finding(&findings->items[i]);
	putchar('\n');
	if (failures > 0)
		printf("%zu failure%s, %zu warning%s. Begin with the first "
		       "failure: others may follow from it.\n",
		    failures, plural(failures), warnings, plural(warnings));
	else if (warnings > 0)
		printf("Nothing is in the way; %zu warning%s.\n", warnings,
		    plural(warnings));
	else
		puts("Nothing is in the way.");
}
