/* SPDX-License-Identifier: ISC */
/* Makes the topics of what is published, and reads those of what comes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "mqtt/message/topics.h"

#define NODE "reflashd_" /* what the names of our devices begin with */

void
topics_init(struct topics *topics, const char *prefix, const char *site,
    const char *discovery, const char *birth)
{
	*topics = (struct topics){
		.base = xasprintf("%s/%s", prefix, site),
		.site = xstrdup(site),
		.discovery = discovery != NULL
		    ? xasprintf("%s/device", discovery)
		    : NULL,
		.birth = birth != NULL ? xstrdup(birth) : NULL,
	};
}

void
topics_fini(struct topics *topics)
{
	free(topics->base);
	free(topics->site);
	free(topics->discovery);
	free(topics->birth);
	*topics = (struct topics){ 0 };
}

char *
topics_own(const struct topics *topics, const char *rest)
{
	return xasprintf("%s/%s", topics->base, rest);
}

static char *
config_topic(const struct topics *topics, const char *name)
{
	if (topics->discovery == NULL)
		return NULL;
	return xasprintf("%s/" NODE "%s/config", topics->discovery, name);
}

char *
topics_device(
    const struct topics *topics, const char *id, enum topics_of_device which)
{
	if (which == TOPICS_CONFIG)
		return config_topic(topics, id);
	return xasprintf("%s/device/%s/%s", topics->base, id,
	    which == TOPICS_STATE ? "state" : "update");
}

char *
topics_hub(const struct topics *topics)
{
	return config_topic(topics, topics->site);
}

/* Return what follows these words in the topic; NULL if it begins otherwise. */
static const char *
skip(const char *topic, const char *words)
{
	size_t len = strlen(words);

	return topic != NULL && strncmp(topic, words, len) == 0 ? topic + len
								: NULL;
}

/* Copy the id at the start of the text, up to a / or the end. */
static const char *
take_id(const char *text, char id[TOPICS_ID_SIZE])
{
	size_t len = strcspn(text, "/");

	id[0] = '\0';
	if (len >= TOPICS_ID_SIZE)
		return NULL;
	memcpy(id, text, len);
	id[len] = '\0';
	/* Our own topics have lower-case digits. */
	if (!devapi_is_id(id) || strpbrk(id, "ABCDEF") != NULL)
		return NULL;
	return text + len;
}

bool
topics_is_command(
    const struct topics *topics, const char *topic, char id[TOPICS_ID_SIZE])
{
	const char *rest = skip(skip(topic, topics->base), "/command");

	id[0] = '\0';
	if (rest == NULL || (rest[0] != '\0' && rest[0] != '/'))
		return false;
	if (rest[0] == '\0')
		return true;
	rest = take_id(rest + 1, id);
	if (rest == NULL || rest[0] != '\0')
		text_copy(id, TOPICS_ID_SIZE, "?");
	return true;
}

static bool
is_config(
    const struct topics *topics, const char *topic, char id[TOPICS_ID_SIZE])
{
	const char *rest = NULL;

	if (topics->discovery != NULL)
		rest = skip(skip(topic, topics->discovery), "/" NODE);
	if (rest != NULL)
		rest = take_id(rest, id);
	return rest != NULL && strcmp(rest, "/config") == 0;
}

bool
topics_is_device(const struct topics *topics, const char *topic,
    char id[TOPICS_ID_SIZE], enum topics_of_device *which)
{
	const char *rest = skip(skip(topic, topics->base), "/device/");

	if (rest != NULL)
		rest = take_id(rest, id);
	if (rest == NULL) {
		*which = TOPICS_CONFIG;
		return is_config(topics, topic, id);
	}
	*which = strcmp(rest, "/state") == 0 ? TOPICS_STATE : TOPICS_UPDATE;
	return *which == TOPICS_STATE || strcmp(rest, "/update") == 0;
}

bool
topics_is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || name[0] == '/' || name[len - 1] == '/' ||
	    strstr(name, "//") != NULL)
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || strchr("+#$", *c) != NULL)
			return false;
	return true;
}

bool
topics_is_site(const char *site)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t len = strlen(site);

	return len > 0 && len <= TOPICS_MAX_SITE &&
	    strspn(site, allowed) == len;
}
