/* SPDX-License-Identifier: ISC */
/*
 * mkcatalog -- prints the journal catalog: what journalctl -x says behind a
 * line about a device.  "mkcatalog reasons" and "mkcatalog ids" print parts of
 * reflashd(8), so that the manual cannot lag behind the tables.
 *
 * make builds it for the machine on which make runs: it has the tables of the
 * daemon, and no library.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/state/advice_words.h"
#include "core/state/message.h"

#define WIDTH	     72
#define MANUAL_WIDTH 78
#define DEVICE	     "@REFLASHD_DEVICE@" /* journalctl puts the id in its place */
#define PORT	     "8266 (unless you changed it)"

/* journalctl puts the fields of the line in the place of these. */
static const struct advice_words fields = { .device = DEVICE,
	.id = DEVICE,
	.address = "@REFLASHD_ADDRESS@",
	.policy = "@REFLASHD_POLICY@",
	.port = PORT };

/* A paragraph of one sentence or more. */
static void
print_text(const char *text)
{
	char line[ADVICE_SIZE];
	const char *word = line;
	size_t column = 0;

	advice_fill(line, sizeof(line), text, &fields);
	line[0] = (char)toupper((unsigned char)line[0]);
	putchar('\n');
	while (*word != '\0') {
		size_t len = strcspn(word, " ");

		if (column > 0 && column + 1 + len > WIDTH)
			column = 0, putchar('\n');
		else if (column > 0)
			column++, putchar(' ');
		column += (size_t)printf("%.*s", (int)len, word);
		word += len + strspn(word + len, " ");
	}
	puts(strchr(".?!", word[-1]) != NULL ? "" : ".");
}

static void
print_entry(const char *id, const char *state, const char *why,
    const char *meaning, const char *advice)
{
	printf("\n-- %s\n"
	       "Subject: Device " DEVICE ": %s%s%s\n"
	       "Defined-By: reflashd\n"
	       "Support: " PACKAGE_BUGREPORT "\n"
	       "Documentation: man:reflashd(8)\n",
	    id, state, why[0] != '\0' ? ": " : "", why);
	print_text(meaning);
	print_text(advice);
}

static void
print_catalog(void)
{
	puts("# Made by mkcatalog of reflashd " PACKAGE_VERSION ".");
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		print_entry(message_of_reason(r), "@REFLASHD_STATE@",
		    reason_token(r), reason_sentence(r), reason_advice(r));
	for (enum state s = 0; s < STATE_COUNT; s++)
		print_entry(message_of_state(s), state_name(s), "",
		    state_meaning(s), message_state_advice(s));
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		print_entry(message_of_hold(h), "held", hold_name(h),
		    hold_meaning(h), message_hold_advice(h));
}

/* Return true if a sentence ends with the word, and another one follows. */
static bool
ends_sentence(const char *word, size_t len)
{
	return word[len] != '\0' && strchr(".?!", word[len - 1]) != NULL &&
	    isupper((unsigned char)word[len + 1]);
}

/* Print a paragraph for mdoc(7), which wants each sentence on a new line. */
static void
print_mdoc(const char *text)
{
	size_t column = 0;

	for (size_t len = 0; *text != '\0'; text += len, len = 0) {
		bool is_first = column == 0;

		text += strspn(text, " ");
		len = strcspn(text, " ");
		if (column > 0 && column + 1 + len > MANUAL_WIDTH)
			column = 0, putchar('\n');
		else if (column > 0)
			column++, putchar(' ');
		column += (size_t)printf("%c%.*s",
		    is_first ? toupper((unsigned char)*text) : *text,
		    (int)len - 1, text + 1);
		if (ends_sentence(text, len))
			column = 0, putchar('\n');
	}
	puts(strchr(".?!", text[-1]) != NULL ? "" : ".");
}

/* Print the list of reasons of reflashd(8). */
static void
print_reasons(void)
{
	static const struct advice_words words = { .port = PORT };
	char advice[ADVICE_SIZE];

	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		printf(".It Cm %s\n", reason_token(r));
		print_mdoc(reason_sentence(r));
		print_mdoc(advice_fill(
		    advice, sizeof(advice), reason_advice(r), &words));
	}
}

static void
print_id(const char *id, const char *name)
{
	printf(".It %s Ta Cm %s\n", id, name);
}

/* Print the table of ids of reflashd(8). */
static void
print_ids(void)
{
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		print_id(message_of_reason(r), reason_token(r));
	for (enum state s = 0; s < STATE_COUNT; s++)
		print_id(message_of_state(s), state_name(s));
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		print_id(message_of_hold(h), hold_name(h));
	print_id(MESSAGE_PROGRESS, "progress");
	print_id(MESSAGE_NOTE, "note");
}

int
main(int argc, char *argv[])
{
	const char *part = argc > 1 ? argv[1] : "";

	if (strcmp(part, "reasons") == 0)
		print_reasons();
	else if (strcmp(part, "ids") == 0)
		print_ids();
	else
		print_catalog();
	return 0;
}
