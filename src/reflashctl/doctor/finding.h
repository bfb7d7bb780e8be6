/* SPDX-License-Identifier: ISC */
/*
 * finding -- what doctor has found: a list of sentences, each with a verdict
 * and, where something is wrong, with its cure.
 */
#ifndef REFLASHD_REFLASHCTL_FINDING_H
#define REFLASHD_REFLASHCTL_FINDING_H

#include <jansson.h>
#include <stddef.h>

enum verdict {
	VERDICT_OK,
	VERDICT_WARNING, /* nothing that keeps devices from being flashed */
	VERDICT_FAILURE,
};

struct finding {
	const char *check; /* borrowed for ever: "port", "clock" */
	enum verdict verdict;
	char *detail;  /* owned; what was found, in a sentence */
	char *cure;    /* owned; what to do, in words; NULL: nothing */
	char *command; /* owned; what to type; NULL: nothing can be typed */
};

/* Initialize with = {0}; findings_fini() frees what was added. */
struct findings {
	struct finding *items;
	size_t count;
};

/*
 * Add a sentence.  Returns the finding, borrowed until the next one is added,
 * for the cure.
 */
struct finding *findings_add(struct findings *, const char *check, enum verdict,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Say what to do, in words, and what to type.  Each replaces an earlier one. */
void finding_cure(struct finding *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void finding_command(struct finding *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void findings_fini(struct findings *);

size_t findings_number(const struct findings *, enum verdict);

/* Return an array, a new reference. */
json_t *findings_json(const struct findings *);

/* Print a line for each, with its cure, and the number of failures. */
void findings_print(const struct findings *);

#endif
