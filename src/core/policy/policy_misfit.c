/* SPDX-License-Identifier: ISC */
/*
 * Compares a policy with a device key by key, and notes what does not fit: for
 * a person who asks why.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/policy/policy_misfit.h"

/* Return the value of a key of [Match] as it could be written in the file. */
static char *
value_of(const struct policy *policy, enum policy_match key)
{
	const struct option_table *table = policy_table();
	const char *name = policy_match_name(key);
	char *line = NULL, *value;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);

	if (out == NULL)
		abort();
	for (size_t row = 0; row < table->count; row++) {
		const struct option *option = &table->items[row];

		if (strcmp(option->section, "Match") == 0 &&
		    strcmp(option->key, name) == 0)
			option->type->print(
			    out, (const char *)policy + option->offset, option);
	}
	fclose(out);
	/* The line is "Key=value\n". */
	value = xstrdup(text_trim(line + strcspn(line, "=") + 1));
	free(line);
	return value;
}

static void
write_fact(const struct policy_facts *facts, enum policy_match key, char *dst,
    size_t size)
{
	const char *fact = "";

	dst[0] = '\0';
	switch (key) {
	case POLICY_MATCH_DEVICE_ID:
		fact = facts->id;
		break;
	case POLICY_MATCH_TYPE:
		fact = facts->type;
		break;
	case POLICY_MATCH_FIRMWARE:
		fact = facts->firmware;
		break;
	default: /* POLICY_MATCH_ADDRESS */
		if (facts->has_address)
			inet_ntop(
			    AF_INET, &facts->address, dst, (socklen_t)size);
		return;
	}
	text_copy(dst, size, fact != NULL ? fact : "");
}

size_t
policy_misfits_find(const struct policy *policy,
    const struct policy_facts *facts,
    struct policy_misfit misfits[POLICY_MATCHES])
{
	size_t count = 0;

	for (enum policy_match key = 0; key < POLICY_MATCHES; key++) {
		enum policy_fit fit = policy_match_key(policy, facts, key);
		struct policy_misfit *misfit = &misfits[count];

		if (fit == POLICY_FITS)
			continue;
		*misfit = (struct policy_misfit){ .key = key,
			.may_fit = fit == POLICY_UNDECIDED,
			.wanted = value_of(policy, key) };
		write_fact(facts, key, misfit->says, sizeof(misfit->says));
		count++;
	}
	return count;
}

void
policy_misfits_fini(struct policy_misfit *misfits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(misfits[i].wanted);
}
