/* SPDX-License-Identifier: ISC */
/* Keeps the settings of a Tasmota that differ from the default, by name. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/tasmota/tasmota_store.h"

static struct tasmota_store_pair *
find_pair(const struct tasmota_store *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcasecmp(s->pair[i].name, name) == 0)
			return &s->pair[i];
	return NULL;
}

const char *
tasmota_store_get(const struct tasmota_store *s, const char *name)
{
	const struct tasmota_store_pair *p = find_pair(s, name);

	return p != NULL ? p->value : NULL;
}

static void
add_pair(struct tasmota_store *s, const char *name, char *value)
{
	s->pair = xrealloc(s->pair, s->count + 1, sizeof(s->pair[0]));
	s->pair[s->count].name = xstrdup(name);
	s->pair[s->count++].value = value;
}

static void
remove_pair(struct tasmota_store *s, struct tasmota_store_pair *p)
{
	free(p->name);
	free(p->value);
	*p = s->pair[--s->count];
}

void
tasmota_store_set(struct tasmota_store *s, const char *name, const char *value)
{
	struct tasmota_store_pair *p = find_pair(s, name);
	char *copy = value != NULL ? xstrdup(value) : NULL;

	if (p != NULL && copy == NULL) {
		remove_pair(s, p);
	} else if (p != NULL) {
		free(p->value);
		p->value = copy;
	} else if (copy != NULL) {
		add_pair(s, name, copy);
	}
}

void
tasmota_store_clear(struct tasmota_store *s)
{
	while (s->count > 0)
		remove_pair(s, s->pair);
	free(s->pair);
	s->pair = NULL;
}

void
tasmota_store_copy(struct tasmota_store *to, const struct tasmota_store *from)
{
	tasmota_store_clear(to);
	for (size_t i = 0; i < from->count; i++)
		add_pair(to, from->pair[i].name, xstrdup(from->pair[i].value));
}

json_t *
tasmota_store_json_text(const char *text)
{
	json_t *string = json_string(text);
	char escaped[512];

	if (string != NULL)
		return string;
	text_escape(escaped, sizeof(escaped), text, strlen(text));
	return json_string(escaped);
}

json_t *
tasmota_store_json(const struct tasmota_store *s)
{
	json_t *all = json_object();

	for (size_t i = 0; i < s->count; i++)
		json_object_set_new(all, s->pair[i].name,
		    tasmota_store_json_text(s->pair[i].value));
	return all;
}
