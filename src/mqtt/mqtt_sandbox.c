/* SPDX-License-Identifier: ISC */
/* Says what reflash-mqtt may still do, and enters the sandbox that holds it. */
#include "config.h"

#include <libgen.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strlist.h"
#include "mqtt/mqtt_sandbox.h"

/* For libc, which looks up names in more than one way, and for OpenSSL. */
static const char *const usual[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/etc/gai.conf",
	"/etc/group",
	"/etc/host.conf",
	"/etc/hosts",
	"/etc/ld.so.cache",
	"/etc/localtime",
	"/etc/nsswitch.conf",
	"/etc/passwd",
	"/etc/resolv.conf",
	"/etc/services",
	"/etc/ssl",
	"/run/NetworkManager",
	"/run/avahi-daemon",
	"/run/resolvconf",
	"/run/systemd/resolve",
	"/dev/null",
	"/dev/urandom",
};

/*
 * Add the folder of a file, and that of the file that it is a link to: a
 * renewed file is another one in the same folder.
 */
static void
add_folder(struct strlist *paths, const char *file)
{
	char *copy, *real;

	if (file == NULL || file[0] != '/')
		return;
	copy = xstrdup(file);
	strlist_add(paths, dirname(copy));
	free(copy);
	real = realpath(file, NULL);
	if (real != NULL)
		strlist_add(paths, dirname(real));
	free(real);
}

char *
mqtt_sandbox_enter(
    const struct mqtt_config *config, char said[SANDBOX_TEXT_SIZE])
{
	const char *credentials = getenv(MQTT_CONFIG_CREDENTIALS);
	struct strlist paths = { 0 };
	struct sandbox_rules rules = {
		.may_fork = true, /* the lookup of a name takes a process */
		.may_connect = true,
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		strlist_add(&paths, usual[i]);
	strlist_add(&paths, X509_get_default_cert_dir());
	add_folder(&paths, X509_get_default_cert_file());
	add_folder(&paths, config->ca_file);
	add_folder(&paths, config->cert_file);
	add_folder(&paths, config->key_file);
	add_folder(&paths, config->password_file);
	if (credentials != NULL)
		strlist_add(&paths, credentials);
	rules.readable = strlist_list(&paths);
	rules.readable_count = paths.count;
	sandbox_enter(&rules, said);
	strlist_fini(&paths);
	return said;
}
