/* SPDX-License-Identifier: ISC */
/*
 * mqtt_config -- the values of mqtt.conf, all of them with a default.
 */
#ifndef REFLASHD_MQTT_CONFIG_H
#define REFLASHD_MQTT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problems.h"
#include "base/strlist.h"
#include "core/config/option.h"

/* CAFile= with this word takes the authorities that this system trusts. */
#define MQTT_CONFIG_SYSTEM_CAS "system"

/* Where the service manager has its credentials; one of them is the password.
 */
#define MQTT_CONFIG_FILE	SYSCONFDIR "/reflashd/mqtt.conf"
#define MQTT_CONFIG_CREDENTIALS "CREDENTIALS_DIRECTORY"
#define MQTT_CONFIG_CREDENTIAL	"reflash-mqtt.password"

enum mqtt_protocol { MQTT_PROTOCOL_IS_311, MQTT_PROTOCOL_IS_5 };

struct mqtt_config {
	char *host;
	unsigned port;		    /* never 0 after the check */
	char *user, *password_file; /* NULL: none */
	char *ca_file, *cert_file, *key_file, *server_name; /* NULL: none */
	bool has_tls; /* found by the check */
	enum mqtt_protocol protocol;
	unsigned keep_alive; /* s */
	char *client_id;

	char *prefix, *site;
	char *discovery_prefix; /* NULL: no discovery */
	char *birth_topic;	/* NULL: none is listened to */

	struct strlist allow_words;
	unsigned allowed;     /* bits of enum command_verb, by the check */
	unsigned max_age_sec; /* 0: a command needs no not_after */

	struct options options; /* private */
};

/* Return a configuration with all values at their defaults. */
struct mqtt_config *mqtt_config_new(void);
void mqtt_config_free(struct mqtt_config *); /* NULL is fine */

/* Read a text on top of what is there; one call for each drop-in. */
void mqtt_config_parse(struct mqtt_config *, const char *text, size_t len,
    const char *file, struct problems *);

/*
 * Call this once all files are read: it fills in what follows from other
 * values, from the name of this machine, and from whether there is the
 * credential, and reports values that contradict each other or cannot be part
 * of a topic.
 */
void mqtt_config_check(struct mqtt_config *, const char *host_name,
    bool has_credential, struct problems *);

#endif
