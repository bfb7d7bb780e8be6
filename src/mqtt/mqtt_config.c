/* SPDX-License-Identifier: ISC */
/* Reads and checks mqtt.conf: its keys, their limits and defaults. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/config/value.h"
#include "core/sonoff/devapi.h"
#include "mqtt/message/command.h"
#include "mqtt/message/topics.h"
#include "mqtt/mqtt_config.h"

#define MAX_NAME      253 /* bytes of a host name */
#define MAX_PATH      1024
#define MAX_TOPIC     100
#define MAX_CLIENT_ID 128
#define MAX_AGE	      (24 * 60 * 60)
#define PLAIN_PORT    1883
#define TLS_PORT      8883
#define NO_WORD	      "none" /* of a prefix or topic that is not wanted */

static const char *const protocols[] = { "3.1.1", "5", NULL };

/* clang-format off */
#define ANY            .min = 0
#define UP_TO(b)       .max = (b)
#define RANGE(a, b)    .min = (a), .max = (b)
#define CHOICES(words) .choices = words

#define MQTT_OPTIONS(X) \
	X("Broker", "Host", host, value_text, UP_TO(MAX_NAME), \
	    "localhost", \
	    "name or address of the MQTT broker") \
	X("Broker", "Port", port, value_number, RANGE(1, 65535), \
	    "", \
	    "its TCP port; by default 1883, and 8883 with TLS") \
	X("Broker", "User", user, value_text, UP_TO(256), \
	    "", \
	    "the user to log in as; empty means without a login") \
	X("Broker", "PasswordFile", password_file, value_text, UP_TO(MAX_PATH), \
	    "", \
	    "a file whose first line is the password, or the name of a systemd credential") \
	X("Broker", "CAFile", ca_file, value_text, UP_TO(MAX_PATH), \
	    "", \
	    "the certificate authority that the broker's certificate must be from, or the word system; switches TLS on") \
	X("Broker", "CertFile", cert_file, value_path, UP_TO(MAX_PATH), \
	    "", \
	    "a client certificate to show to the broker") \
	X("Broker", "KeyFile", key_file, value_path, UP_TO(MAX_PATH), \
	    "", \
	    "the private key of CertFile=") \
	X("Broker", "ServerName", server_name, value_text, UP_TO(MAX_NAME), \
	    "", \
	    "the name that the broker's certificate must be for; by default Host=") \
	X("Broker", "Protocol", protocol, value_choice, CHOICES(protocols), \
	    "3.1.1", \
	    "the version of MQTT") \
	X("Broker", "KeepAlive", keep_alive, value_seconds, RANGE(5, 3600), \
	    "60", \
	    "how long the connection may be silent before it counts as lost") \
	X("Broker", "ClientId", client_id, value_text, UP_TO(MAX_CLIENT_ID), \
	    "", \
	    "the name of the connection, which no other may have; by default reflashd-SITE") \
	\
	X("Topics", "Prefix", prefix, value_text, UP_TO(MAX_TOPIC), \
	    "reflashd", \
	    "what all topics begin with") \
	X("Topics", "Site", site, value_text, UP_TO(TOPICS_MAX_SITE), \
	    "", \
	    "the name of this house; by default that of this machine") \
	X("Topics", "DiscoveryPrefix", discovery_prefix, value_text, UP_TO(MAX_TOPIC), \
	    "homeassistant", \
	    "where Home Assistant looks for new devices; none means that it is told nothing") \
	X("Topics", "BirthTopic", birth_topic, value_text, UP_TO(MAX_TOPIC), \
	    "", \
	    "where Home Assistant says that it has started; by default status below DiscoveryPrefix, none means nowhere") \
	\
	X("Commands", "Allow", allow_words, value_words, UP_TO(16), \
	    "auto", \
	    "which commands are carried out: yes, no, some of approve flash retry cancel pause resume, or auto: all with a login or certificate, else none") \
	X("Commands", "MaxAgeSec", max_age_sec, value_seconds, RANGE(0, MAX_AGE), \
	    "0", \
	    "refuse a command without a not_after, or with one that is further away; 0 means that it needs none")

static const struct option items[] = {
#define X(sect, name, member, kind, limits, def, text) \
	{ .section = sect, .key = name, .type = &kind, \
	  .offset = offsetof(struct mqtt_config, member), limits, \
	  .standard = def, .help = text },
	MQTT_OPTIONS(X)
#undef X
};
/* clang-format on */

static const struct option_table table = { items,
	sizeof(items) / sizeof(items[0]) };

struct mqtt_config *
mqtt_config_new(void)
{
	struct mqtt_config *config = xcalloc(1, sizeof(*config));

	options_init(&config->options, &table, config);
	return config;
}

void
mqtt_config_free(struct mqtt_config *config)
{
	if (config == NULL)
		return;
	options_fini(&config->options);
	free(config);
}

void
mqtt_config_parse(struct mqtt_config *config, const char *text, size_t len,
    const char *file, struct problems *problems)
{
	options_parse(&config->options, text, len, file, problems);
}

/* Add "file:line: Key=value: sentence"; without a place for a default. */
static void
complain(struct mqtt_config *config, const char *section, const char *key,
    const char *value, const char *sentence, struct problems *problems)
{
	const char *at = options_origin(&config->options, section, key);

	problems_add(problems, "%s%s%s=%s: %s", at != NULL ? at : "",
	    at != NULL ? ": " : "", key, value, sentence);
}

static void
replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

static void
check_tls(struct mqtt_config *config, struct problems *problems)
{
	config->has_tls = config->ca_file != NULL ||
	    config->cert_file != NULL || config->server_name != NULL ||
	    config->port == TLS_PORT;
	if (config->port == 0)
		config->port = config->has_tls ? TLS_PORT : PLAIN_PORT;
	if (config->ca_file != NULL && config->ca_file[0] != '/' &&
	    strcmp(config->ca_file, MQTT_CONFIG_SYSTEM_CAS) != 0)
		complain(config, "Broker", "CAFile", config->ca_file,
		    "write an absolute path, or the word system", problems);
	if (config->cert_file != NULL && config->key_file == NULL)
		complain(config, "Broker", "CertFile", config->cert_file,
		    "KeyFile= is missing: a certificate is of no use without "
		    "its key",
		    problems);
	if (config->key_file != NULL && config->cert_file == NULL)
		complain(config, "Broker", "KeyFile", config->key_file,
		    "CertFile= is missing: a key is of no use without its "
		    "certificate",
		    problems);
}

static void
check_login(struct mqtt_config *config, struct problems *problems)
{
	const char *file = config->password_file;

	if (file == NULL)
		return;
	if (config->user == NULL)
		complain(config, "Broker", "PasswordFile", file,
		    "User= is missing: whose password is it?", problems);
	if (file[0] != '/' && strchr(file, '/') != NULL)
		complain(config, "Broker", "PasswordFile", file,
		    "write an absolute path, or the name of a credential",
		    problems);
}

static void
check_topic(struct mqtt_config *config, const char *key, const char *value,
    struct problems *problems)
{
	if (value != NULL && !topics_is_name(value))
		complain(config, "Topics", key, value,
		    "a topic has words with / between them, and none of + # "
		    "and $",
		    problems);
}

/* Make a name of a site out of the name of this machine. */
static char *
site_of_host(const char *host_name)
{
	char *site = xstrndup(host_name, strcspn(host_name, "."));

	for (char *c = site; *c != '\0'; c++) {
		*c = (char)tolower((unsigned char)*c);
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			*c = '-';
	}
	if (strlen(site) > TOPICS_MAX_SITE)
		site[TOPICS_MAX_SITE] = '\0';
	if (site[0] == '\0' || strcmp(site, "localhost") == 0)
		replace(&site, xstrdup("home"));
	return site;
}

static void
check_site(struct mqtt_config *config, const char *host_name,
    struct problems *problems)
{
	if (config->site == NULL)
		config->site = site_of_host(host_name);
	if (!topics_is_site(config->site))
		complain(config, "Topics", "Site", config->site,
		    "write lower-case letters, digits, - and _ only", problems);
	else if (devapi_is_id(config->site))
		complain(config, "Topics", "Site", config->site,
		    "that looks like the id of a device; choose another name",
		    problems);
}

static void
check_topics(struct mqtt_config *config, const char *host_name,
    struct problems *problems)
{
	check_site(config, host_name, problems);
	check_topic(config, "Prefix", config->prefix, problems);
	if (config->discovery_prefix != NULL &&
	    strcmp(config->discovery_prefix, NO_WORD) == 0)
		replace(&config->discovery_prefix, NULL);
	check_topic(
	    config, "DiscoveryPrefix", config->discovery_prefix, problems);
	if (config->birth_topic == NULL && config->discovery_prefix != NULL)
		config->birth_topic =
		    xasprintf("%s/status", config->discovery_prefix);
	else if (config->birth_topic != NULL &&
	    strcmp(config->birth_topic, NO_WORD) == 0)
		replace(&config->birth_topic, NULL);
	check_topic(config, "BirthTopic", config->birth_topic, problems);
	if (config->client_id == NULL)
		config->client_id = xasprintf("reflashd-%s", config->site);
}

/* Return true if only those who have a secret get to the broker as we do. */
static bool
has_secret(const struct mqtt_config *config)
{
	return (config->user != NULL && config->password_file != NULL) ||
	    config->cert_file != NULL;
}

/* Return the bits of a word of Allow=; 0 and a problem if it is none. */
static unsigned
read_allowed(
    struct mqtt_config *config, const char *word, struct problems *problems)
{
	enum command_verb verb;

	if (strcmp(word, "yes") == 0)
		return COMMAND_ALL;
	if (strcmp(word, "no") == 0)
		return 0;
	if (strcmp(word, "auto") == 0)
		return has_secret(config) ? COMMAND_ALL : 0;
	if (command_verb_find(word, &verb))
		return 1u << verb;
	complain(config, "Commands", "Allow", word,
	    "write yes, no or auto, or some of approve, flash, retry, cancel, "
	    "pause, resume",
	    problems);
	return 0;
}

void
mqtt_config_check(struct mqtt_config *config, const char *host_name,
    bool has_credential, struct problems *problems)
{
	if (has_credential && config->user != NULL &&
	    config->password_file == NULL)
		config->password_file = xstrdup(MQTT_CONFIG_CREDENTIAL);
	check_tls(config, problems);
	check_login(config, problems);
	check_topics(config, host_name, problems);
	config->allowed = 0;
	for (size_t i = 0; i < config->allow_words.count; i++)
		config->allowed |= read_allowed(
		    config, config->allow_words.items[i], problems);
}
