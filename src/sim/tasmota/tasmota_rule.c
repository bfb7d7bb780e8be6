/* SPDX-License-Identifier: ISC */
/* Keeps the rules, variables and rule timers of Tasmota (xdrv_10_rules.ino). */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

#define RULE_SIZE  512 /* MAX_RULE_SIZE */
#define RULE_MAX   1300
#define SHOWN	   512 /* bytes of a long rule in an answer, from 8.3 to 9.5 */
#define COMPRESSED 760 /* about what fits when compressed, since 8.3 */
#define VAR_SIZE   33
#define RULES	   3

static struct tasmota_key
rule_key(unsigned index, const char *part)
{
	struct tasmota_key key;

	snprintf(key.text, sizeof(key.text), "Rule%u%s", index, part);
	return key;
}

/* 0 to 2, 4 to 6, 8 to 10 turn one of three switches off, on, or over. */
static void
switch_rule(struct tasmota_cmnd *c)
{
	static const char *const switches[] = { ".State", ".Once", ".Stop" };
	unsigned how = (unsigned)c->payload % 4;
	struct tasmota_key key = rule_key(c->index, switches[c->payload / 4]);

	if (how <= 2)
		tasmota_set_number(c->tasmota, key.text,
		    how == 2 ? tasmota_number(c->tasmota, key.text) == 0 : how);
}

/* Write a rule, or append with "+"; a rule that is too long changes nothing. */
static void
write_rule(struct tasmota_cmnd *c)
{
	struct tasmota_key key = rule_key(c->index, "");
	char text[RULE_MAX] = "";
	size_t limit = c->version < 80300 ? RULE_SIZE : COMPRESSED;
	bool append = c->data[0] == '+';

	if (append) {
		tasmota_get(c->tasmota, key.text, text, sizeof(text));
		c->data[0] = ' ';
	}
	if (strlen(text) + c->len >= limit)
		return;
	if (c->data[0] != '"')
		strcat(text, c->data);
	tasmota_set(c->tasmota, key.text, text);
}

static const char *
get_switch(struct tasmota_cmnd *c, const char *part, char *dst, size_t size)
{
	bool on =
	    tasmota_number(c->tasmota, rule_key(c->index, part).text) != 0;

	return tasmota_state(c, on, dst, size);
}

/* Cut a long rule to its start and "...", as CmndRule did up to 9.5. */
static void
cut_rule(const struct tasmota_cmnd *c, char text[RULE_MAX])
{
	size_t len = strlen(text), longest = c->version < 80400 ? 511 : 509;

	if (c->version >= 80300 && c->version < 100000 && len > longest)
		snprintf(text + (len < SHOWN ? len : SHOWN), 4, "...");
}

/* Answer with a rule: flat up to 9.3.1, nested in an object since 9.4. */
static void
say_rule(struct tasmota_cmnd *c)
{
	struct tasmota_key key = rule_key(c->index, "");
	char text[RULE_MAX], state[64], once[64], stop[64];
	bool nests = c->version >= 90400;
	size_t len;

	len = strlen(tasmota_get(c->tasmota, key.text, text, sizeof(text)));
	tasmota_say_add(c->say,
	    "{\"%s\":%s\"%s\",\"Once\":\"%s\",\"StopOnError\":\"%s\",",
	    key.text, nests ? "{\"State\":" : "",
	    get_switch(c, ".State", state, sizeof(state)),
	    get_switch(c, ".Once", once, sizeof(once)),
	    get_switch(c, ".Stop", stop, sizeof(stop)));
	if (c->version >= 80300)
		tasmota_say_more(c->say, "\"Length\":%zu,", len);
	cut_rule(c, text);
	tasmota_say_more(c->say, "\"Free\":%zu,\"Rules\":",
	    len < RULE_SIZE ? RULE_SIZE - 1 - len : 0);
	tasmota_say_text(
	    c->say, c->version >= 80300 ? 80400 : c->version, text);
	tasmota_say_more(c->say, nests ? "}}" : "}");
}

bool
tasmota_do_rule(struct tasmota_cmnd *c)
{
	unsigned named = c->index, first = named, last = named;
	bool is_switch = c->payload >= 0 && c->payload <= 10;

	if (c->index == 0) {
		first = 1;
		last = RULES;
	}
	for (c->index = first; c->index <= last; c->index++) {
		if (c->len > 0 && is_switch)
			switch_rule(c);
		/* All rules at once can be cleared, but not written. */
		else if (c->len > 0 && (first == last || c->data[0] == '"'))
			write_rule(c);
		say_rule(c);
	}
	c->index = named; /* the index, for tasmota_fault_spoil() */
	return true;
}

bool
tasmota_do_ruletimer(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;

	tasmota_say_add(c->say, "{");
	for (unsigned i = 1; i <= 8; i++) {
		struct tasmota_key key = tasmota_key("RuleTimer", i);

		if (c->len > 0 && (i == c->index || c->index == 0))
			tasmota_set_number(
			    t, key.text, c->payload > 0 ? c->payload : 0);
		tasmota_say_more(c->say, "%s\"T%u\":%ld", i > 1 ? "," : "", i,
		    tasmota_number(t, key.text));
	}
	tasmota_say_more(c->say, "}");
	return true;
}

/* Run Var and Mem; without an index list all, and ignore a value. */
bool
tasmota_do_variable(struct tasmota_cmnd *c)
{
	bool is_var = c->row->name[0] == 'V';
	size_t limit = is_var ? VAR_SIZE : TASMOTA_VALUE;
	struct tasmota_key key = tasmota_row_key(c->row, c->index);
	const char *value = c->data[0] == '"' ? "" : c->data;

	if (!c->has_index)
		return tasmota_cmnd_say_all(c, is_var ? 0 : c->version);
	if (c->len >= limit)
		c->data[limit - 1] = '\0';
	if (c->len > 0 && is_var)
		tasmota_set(c->tasmota, key.text, value);
	else if (c->len > 0)
		tasmota_cmnd_keep_text(c, key.text, value);
	return tasmota_cmnd_say_kept(c, key.text);
}

void
tasmota_rule_forget(struct tasmota *t)
{
	for (unsigned i = 1; i <= 16; i++) {
		tasmota_set(t, tasmota_key("Var", i).text, NULL);
		tasmota_set(t, tasmota_key("RuleTimer", i).text, NULL);
	}
}

bool
tasmota_do_event(struct tasmota_cmnd *c)
{
	return tasmota_cmnd_say_text(c, "Done");
}

/* Run Add and Sub, on a variable. */
bool
tasmota_do_calculate(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	struct tasmota_key key = tasmota_key("Var", c->index);
	char value[TASMOTA_VALUE];
	float now, by = tasmota_cmnd_float(c->data);

	if (c->len > 0) {
		now = tasmota_cmnd_float(
		    tasmota_get(t, key.text, value, sizeof(value)));
		snprintf(value, sizeof(value), "%.*f",
		    (int)tasmota_number(t, "CalcRes"),
		    (double)(c->row->name[0] == 'A' ? now + by : now - by));
		tasmota_set(t, key.text, value);
	}
	return tasmota_cmnd_say_kept(c, key.text);
}
