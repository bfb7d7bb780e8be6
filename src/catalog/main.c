/* SPDX-License-Identifier: ISC */
/*
 * mkcatalog -- prints the journal catalog: what journalctl -x says behind a
 * line about a device.
 *
 * make builds it for the machine on which make runs: it has the tables of the
 * daemon, and no library.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/state/message.h"

#define WIDTH  72
#define DEVICE "@REFLASHD_DEVICE@" /* journalctl puts the id in its place */

/* The device that a text means by ID. */
static void
name_device(char *dst, size_t size, const char *text)
{
	size_t used = 0;

	while (*text != '\0' && used + sizeof(DEVICE) < size) {
		if (strncmp(text, " ID", 3) == 0) {
			used += (size_t)sprintf(dst + used, " " DEVICE);
			text += 3;
		} else if (strncmp(text, "<id>", 4) == 0) {
			used += (size_t)sprintf(dst + used, DEVICE);
			text += 4;
		} else {
			dst[used++] = *text++;
		}
	}
	dst[used] = '\0';
}

/* A paragraph of one sentence or more. */
static void
print_text(const char *text)
{
	char line[1024];
	const char *word = line;
	size_t column = 0;

	name_device(line, sizeof(line), text);
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

int
main(void)
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
	return 0;
}
