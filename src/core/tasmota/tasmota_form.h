/* SPDX-License-Identifier: ISC */
/*
 * tasmota_form -- the forms in which Tasmota answers, one comparison for each.
 *
 *  tasmota_form_value.c   the answer is one value
 *  tasmota_form_object.c  the answer has parts
 *
 * A comparison only says whether the value in the answer is the wanted one;
 * finding that value is up to core/tasmota/tasmota_compare.
 */
#ifndef REFLASHD_TASMOTA_FORM_H
#define REFLASHD_TASMOTA_FORM_H

#include <jansson.h>
#include <stdbool.h>

#include "core/tasmota/tasmota_compare.h"

/* A value that was wanted, and the answer to compare it with; borrowed. */
struct tasmota_question {
	const struct tasmota_line *line;
	const struct tasmota_dialect *dialect;
	const char *wanted;
	bool has_number; /* the wanted value is a number, or a word for one */
	long number;
	json_t *root;
	json_t *value; /* of the command's key */
};

typedef enum tasmota_taken tasmota_comparison(const struct tasmota_question *);

/* Return the comparison for that form; NULL: the other file has it. */
tasmota_comparison *tasmota_form_of_value(enum tasmota_form);
tasmota_comparison *tasmota_form_of_object(enum tasmota_form);

/* Shared by both files. */
tasmota_comparison tasmota_form_number;
tasmota_comparison tasmota_form_switch;
enum tasmota_taken tasmota_form_verdict(bool is_taken);
bool tasmota_form_is_text(json_t *, const char *wanted);
bool tasmota_form_is_number(json_t *, long wanted);

#endif
