/* SPDX-License-Identifier: ISC */
/* Keeps the settings of a Tasmota that are not the default, by name. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/tasmota/tasmotastore.h"

static struct tasmotastore_pair *
find(const struct tasmotastore *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcasecmp(s->pair[i].name, name) == 0)
			return &s->pair[i];
	return NULL;
}

const char *
tasmotastore_get(const struct tasmotastore *s, const char *name)
{
	const struct tasmotastore_pair *p = find(s, name);

	return p != NULL ? p->value : NULL;
}

static void
add(struct tasmotastore *s, const char *name, char *value)
{
	s->pair = xrealloc(s->pair, s->count + 1, sizeof(s->pair[0]));
	s->pair[s->count].name = xstrdup(name);
	s->pair[s->count++].value = value;
}

static void
remove_pair(struct tasmotastore *s, struct tasmotastore_pair *p)
{
	free(p->name);
	free(p->value);
	*p = s->pair[--s->count];
}

void
tasmotastore_set(struct tasmotastore *s, const char *name, const char *value)
{
	struct tasmotastore_pair *p = find(s, name);
	char *copy = value != NULL ? xstrdup(value) : NULL;

	if (p != NULL && copy == NULL) {
		remove_pair(s, p);
	} else if (p != NULL) {
		free(p->value);
		p->value = copy;
	} else if (copy != NULL) {
		add(s, name, copy);
	}
}

void
tasmotastore_clear(struct tasmotastore *s)
{
	while (s->count > 0)
		remove_pair(s, s->pair);
	free(s->pair);
	s->pair = NULL;
}

void
tasmotastore_copy(struct tasmotastore *to, const struct tasmotastore *from)
{
	tasmotastore_clear(to);
	for (size_t i = 0; i < from->count; i++)
		add(to, from->pair[i].name, xstrdup(from->pair[i].value));
}

json_t *
tasmotastore_json(const struct tasmotastore *s)
{
	json_t *all = json_object();

	for (size_t i = 0; i < s->count; i++) {
		const char *value = s->pair[i].value;
		json_t *text = json_string(value);
		char escaped[512];

		if (text == NULL) {
			text_escape(
			    escaped, sizeof(escaped), value, strlen(value));
			text = json_string(escaped);
		}
		json_object_set_new(all, s->pair[i].name, text);
	}
	return all;
}
