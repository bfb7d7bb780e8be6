/* SPDX-License-Identifier: ISC */
/* Keeps Tasmota's rules, variables and rule timers (xdrv_10_rules.ino). */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"

#define RULE_SIZE  512 /* MAX_RULE_SIZE */
#define RULE_MAX   1300
#define SHOWN	   512 /* bytes of a long rule, from 8.3 to 9.5 */
#define COMPRESSED 760 /* about what fits once it is compressed, since 8.3 */
#define VAR_SIZE   33
#define RULES	   3

static char *
rule_key(unsigned index, const char *what, char dst[TASMOTA_KEY])
{
	snprintf(dst, TASMOTA_KEY, "Rule%u%s", index, what);
	return dst;
}

/* 0 to 2, 4 to 6 and 8 to 10: off, on, toggle for each of three switches. */
static void
switch_rule(struct tasmotacmnd *c)
{
	static const char *const switches[] = { ".State", ".Once", ".Stop" };
	unsigned which = (unsigned)c->payload / 4;
	unsigned how = (unsigned)c->payload % 4;
	char key[TASMOTA_KEY];
	bool now;

	if (how > 2)
		return;
	rule_key(c->index, switches[which], key);
	now = tasmota_number(c->tasmota, key) != 0;
	tasmota_set_number(c->tasmota, key, how == 2 ? !now : how);
}

/* What is too long changes nothing; "+" appends. */
static void
write_rule(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], text[RULE_MAX] = "";
	size_t limit = c->version < 80300 ? RULE_SIZE : COMPRESSED;
	bool append = c->data[0] == '+';

	rule_key(c->index, "", key);
	if (append) {
		tasmota_get(c->tasmota, key, text, sizeof(text));
		c->data[0] = ' ';
	}
	if (strlen(text) + c->len >= limit)
		return;
	if (c->data[0] != '"')
		strcat(text, c->data);
	tasmota_set(c->tasmota, key, text);
}

static const char *
state_of(struct tasmotacmnd *c, const char *what, char *dst, size_t size)
{
	char key[TASMOTA_KEY];

	rule_key(c->index, what, key);
	return tasmota_state(
	    c, tasmota_number(c->tasmota, key) != 0, dst, size);
}

/* CmndRule: of a long rule the begin was told, and "...", up to 9.5. */
static void
cut_rule(const struct tasmotacmnd *c, char text[RULE_MAX])
{
	size_t len = strlen(text), longest = c->version < 80400 ? 511 : 509;

	if (c->version >= 80300 && c->version < 100000 && len > longest)
		snprintf(text + (len < SHOWN ? len : SHOWN), 4, "...");
}

/* All in one level up to 9.3.1, and "State" within an object since 9.4. */
static void
say_rule(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], text[RULE_MAX], length[40] = "";
	char state[64], once[64], stop[64];
	const char *open = c->version < 90400 ? "" : "{\"State\":";
	size_t len;
	char *escaped;

	rule_key(c->index, "", key);
	tasmota_get(c->tasmota, key, text, sizeof(text));
	len = strlen(text);
	if (c->version >= 80300)
		snprintf(length, sizeof(length), "\"Length\":%zu,", len);
	cut_rule(c, text);
	escaped =
	    tasmotasay_escape(c->version >= 80300 ? 80400 : c->version, text);
	tasmotasay_add(c->say,
	    "{\"%s\":%s\"%s\",\"Once\":\"%s\",\"StopOnError\":\"%s\","
	    "%s\"Free\":%zu,\"Rules\":\"%s\"}%s",
	    key, open, state_of(c, ".State", state, sizeof(state)),
	    state_of(c, ".Once", once, sizeof(once)),
	    state_of(c, ".Stop", stop, sizeof(stop)), length,
	    len < RULE_SIZE ? RULE_SIZE - 1 - len : 0, escaped,
	    open[0] != '\0' ? "}" : "");
	free(escaped);
}

bool
tasmotado_rule(struct tasmotacmnd *c)
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
		/* All at once are cleared, but not written. */
		else if (c->len > 0 && (first == last || c->data[0] == '"'))
			write_rule(c);
		say_rule(c);
	}
	c->index = named; /* what a fault is about */
	return true;
}

bool
tasmotado_ruletimer(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char key[TASMOTA_KEY], all[256] = "";

	for (unsigned i = 1; i <= 8; i++) {
		size_t len = strlen(all);

		snprintf(key, sizeof(key), "RuleTimer%u", i);
		if (c->len > 0 && (i == c->index || c->index == 0))
			tasmota_set_number(
			    t, key, c->payload > 0 ? c->payload : 0);
		snprintf(all + len, sizeof(all) - len, "%s\"T%u\":%ld",
		    i > 1 ? "," : "", i, tasmota_number(t, key));
	}
	tasmotasay_add(c->say, "{%s}", all);
	return true;
}

static bool
say_variables(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	char *all = xstrdup("{"), *longer, *escaped;

	for (unsigned i = 1; i <= c->row->top; i++) {
		snprintf(key, sizeof(key), "%s%u", c->row->name, i);
		tasmota_get(c->tasmota, key, value, sizeof(value));
		escaped = tasmotasay_escape(
		    c->row->name[0] == 'V' ? 0 : c->version, value);
		longer = xasprintf(
		    "%s%s\"%s\":\"%s\"", all, i > 1 ? "," : "", key, escaped);
		free(escaped);
		free(all);
		all = longer;
	}
	tasmotasay_add(c->say, "%s}", all);
	free(all);
	return true;
}

/* Without an index all are told, and a value is not looked at. */
static bool
run_variable(struct tasmotacmnd *c, size_t limit)
{
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];

	if (!c->has_index)
		return say_variables(c);
	snprintf(key, sizeof(key), "%s%u", c->row->name, c->index);
	if (c->len > 0) {
		if (c->len >= limit)
			c->data[limit - 1] = '\0';
		if (limit == VAR_SIZE)
			tasmota_set(
			    c->tasmota, key, c->data[0] == '"' ? "" : c->data);
		else
			tasmotaset_text(
			    c, key, c->data[0] == '"' ? "" : c->data);
	}
	return tasmotacmnd_say_text(
	    c, tasmota_get(c->tasmota, key, value, sizeof(value)));
}

bool
tasmotado_var(struct tasmotacmnd *c)
{
	return run_variable(c, VAR_SIZE);
}

bool
tasmotado_mem(struct tasmotacmnd *c)
{
	return run_variable(c, TASMOTA_VALUE);
}

void
tasmotarule_forget(struct tasmota *t)
{
	char key[TASMOTA_KEY];

	for (unsigned i = 1; i <= 16; i++) {
		snprintf(key, sizeof(key), "Var%u", i);
		tasmota_set(t, key, NULL);
		snprintf(key, sizeof(key), "RuleTimer%u", i);
		tasmota_set(t, key, NULL);
	}
}

bool
tasmotado_event(struct tasmotacmnd *c)
{
	return tasmotacmnd_say_text(c, "Done");
}

/* Add and Sub: of a variable. */
bool
tasmotado_calculate(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	float now, by = tasmotacmnd_float(c->data);

	snprintf(key, sizeof(key), "Var%u", c->index);
	if (c->len > 0) {
		now = tasmotacmnd_float(
		    tasmota_get(t, key, value, sizeof(value)));
		snprintf(value, sizeof(value), "%.*f",
		    (int)tasmota_number(t, "CalcRes"),
		    (double)(c->row->name[0] == 'A' ? now + by : now - by));
		tasmota_set(t, key, value);
	}
	return tasmotacmnd_say_text(
	    c, tasmota_get(t, key, value, sizeof(value)));
}
