/* SPDX-License-Identifier: ISC */
/* Reads and checks reflashd.conf: its keys, their limits and defaults. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/config/value.h"

#define MAX_PATH   1024 /* bytes */
#define MAX_SOCKET (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)
#define MAX_WAIT   (24 * 60 * 60) /* a day: longer is a slip of the pen */

static bool
parse_device(void *, const char *, const struct option *, struct error *);
static void clear_devices(void *);
static void print_devices(FILE *, const void *, const struct option *);

static const struct option_type devices_type = {
	.adds = true,
	.parse = parse_device,
	.clear = clear_devices,
	.print = print_devices,
};

static const char *const backends[] = { "auto", "avahi", "embedded", "none",
	NULL };
static const char *const advertise_choices[] = { "auto", NULL };

/* clang-format off */
#define ANY            .min = 0
#define UP_TO(b)       .max = (b)
#define RANGE(a, b)    .min = (a), .max = (b)
#define CHOICES(words) .choices = words

#define CONFIG_OPTIONS(X) \
	X("Paths", "PolicyDirectories", policy_directories, value_paths, ANY, \
	    PREFIX "/lib/reflashd/policy.d " SYSCONFDIR "/reflashd/policy.d", \
	    "where the *.policy files are; a later directory wins") \
	X("Paths", "ImageDirectory", image_directory, value_path, UP_TO(MAX_PATH), \
	    LOCALSTATEDIR "/lib/reflashd/images", \
	    "where a policy's Image= is looked for if it has no / in front") \
	X("Paths", "StateDirectory", state_directory, value_path, UP_TO(MAX_PATH), \
	    LOCALSTATEDIR "/lib/reflashd", \
	    "what is remembered of each device, and the history") \
	X("Paths", "HookDirectory", hook_directory, value_path, UP_TO(MAX_PATH), \
	    SYSCONFDIR "/reflashd/hooks.d", \
	    "programs that are run when a device changes its state") \
	X("Paths", "ControlSocket", control_socket, value_path, UP_TO(MAX_SOCKET), \
	    RUNSTATEDIR "/reflashd/control.sock", \
	    "the Unix socket that reflashctl talks to") \
	X("Paths", "ControlGroup", control_group, value_text, UP_TO(32), \
	    "reflashd", \
	    "members of this group may approve, flash, cancel and the like") \
	\
	X("Discovery", "Backend", backend, value_choice, CHOICES(backends), \
	    "auto", \
	    "avahi asks avahi-daemon, embedded does mDNS itself, auto tries both in this order, none listens for nothing") \
	X("Discovery", "Interfaces", interfaces, value_words, UP_TO(15), \
	    "", \
	    "names of the network interfaces to listen on; empty means all") \
	X("Discovery", "Device", devices, devices_type, ANY, \
	    "", \
	    "ADDRESS[:PORT] [ID] of a device that multicast does not reach; may be repeated") \
	X("Discovery", "RequerySec", requery_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "60", \
	    "how often the LAN is asked again") \
	X("Discovery", "MaxDevices", max_devices, value_number, RANGE(1, 65536), \
	    "4096", \
	    "how many devices are remembered; further ones are ignored") \
	X("Discovery", "AllowNetworks", allow_networks, value_nets, ANY, \
	    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16", \
	    "nothing outside these networks is ever contacted; a ! in front takes a part out") \
	\
	X("Server", "Listen", listen, value_address, ANY, \
	    "0.0.0.0", \
	    "the local IPv4 address that devices download their image from") \
	X("Server", "Port", port, value_number, RANGE(1, 65535), \
	    "8266", \
	    "the TCP port that devices download their image from") \
	X("Server", "AdvertiseAddress", advertise_address, value_address, CHOICES(advertise_choices), \
	    "auto", \
	    "the IPv4 address that devices are told to download from; auto is the local one on the route to each") \
	X("Server", "CheckSource", check_source, value_bool, ANY, \
	    "yes", \
	    "only the device that a job is for may download its image") \
	X("Server", "MaxConnections", max_connections, value_number, RANGE(1, 65536), \
	    "1024", \
	    "how many connections are open at a time") \
	X("Server", "MaxConnectionsPerAddress", max_connections_per_address, value_number, RANGE(1, 65536), \
	    "16", \
	    "how many of them may come from one address") \
	\
	X("Limits", "MaxParallel", max_parallel, value_number, RANGE(1, 65536), \
	    "4", \
	    "how many devices are worked on at a time") \
	X("Limits", "ProbeTimeoutSec", probe_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "15", \
	    "how long a device may take to answer what it is") \
	X("Limits", "UnlockTimeoutSec", unlock_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "180", \
	    "how long a device may take to unlock; it asks the Sonoff cloud meanwhile") \
	X("Limits", "ConfirmTimeoutSec", confirm_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "30", \
	    "how long it may take until the device says that it is unlocked") \
	X("Limits", "OfferTimeoutSec", offer_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "30", \
	    "how long a device may take to answer when told to download") \
	X("Limits", "FirstFetchSec", first_fetch_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "60", \
	    "how long until a device that was told to download asks for the first byte") \
	X("Limits", "StallSec", stall_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "60", \
	    "how long a download may stand still") \
	X("Limits", "FlashTimeoutSec", flash_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "600", \
	    "how long a download may take in all") \
	X("Limits", "VerdictSec", verdict_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "30", \
	    "how long after the last byte the device may take to report how it went") \
	X("Limits", "LeaveTimeoutSec", leave_timeout_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "90", \
	    "how long after that it may take to leave the LAN for its new firmware") \
	X("Limits", "GoneSec", gone_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "30", \
	    "how long it must stay away to count as gone") \
	X("Limits", "BackoffSec", backoff_sec, value_seconds, RANGE(1, MAX_WAIT), \
	    "30", \
	    "how long to wait before a second attempt; it grows with each")

static const struct option items[] = {
#define X(sect, name, member, kind, limits, def, text) \
	{ .section = sect, .key = name, .type = &kind, \
	  .offset = offsetof(struct config, member), limits, \
	  .standard = def, .help = text },
	CONFIG_OPTIONS(X)
#undef X
};
/* clang-format on */

static const struct option_table table = { items,
	sizeof(items) / sizeof(items[0]) };

const struct option_table *
config_table(void)
{
	return &table;
}

struct config *
config_new(void)
{
	struct config *config = xcalloc(1, sizeof(*config));

	options_init(&config->options, &table, config);
	return config;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	options_fini(&config->options);
	free(config);
}

void
config_parse(struct config *config, const char *text, size_t len,
    const char *file, struct problems *problems)
{
	options_parse(&config->options, text, len, file, problems);
}

uint64_t
config_silence_ms(const struct config *config)
{
	return UINT64_C(3000) * config->requery_sec;
}

void
config_print(const struct config *config, FILE *out)
{
	fputs("# A key with its place above it was given there;"
	      " the others are at their default.\n\n",
	    out);
	options_print(&config->options, out);
}

const char *
config_origin(const struct config *config, const char *section, const char *key)
{
	return options_origin(&config->options, section, key);
}

static bool
has_positive(const struct networks *nets)
{
	for (size_t i = 0; i < nets->count; i++)
		if (!nets->items[i].excluded)
			return true;
	return false;
}

/* Return true for an address from which no device could ever fetch. */
static bool
is_unreachable(const char *text)
{
	struct in_addr in;
	in_addr_t address;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	address = ntohl(in.s_addr);
	return address == INADDR_ANY || address == INADDR_BROADCAST ||
	    IN_MULTICAST(address);
}

/*
 * Check the limits on connections.  If only the total limit was lowered, lower
 * the limit per address with it: the operator need not know of that.
 */
static void
check_connections(struct config *config, struct problems *problems)
{
	const char *origin = options_origin(
	    &config->options, "Server", "MaxConnectionsPerAddress");

	if (config->max_connections_per_address <= config->max_connections)
		return;
	if (origin != NULL) {
		problems_add(problems,
		    "%s: MaxConnectionsPerAddress=%u is more than "
		    "MaxConnections=%u; write at most %u",
		    origin, config->max_connections_per_address,
		    config->max_connections, config->max_connections);
		return;
	}
	config->max_connections_per_address = config->max_connections;
	options_follow(&config->options, "Server", "MaxConnectionsPerAddress",
	    "MaxConnections");
}

void
config_check(struct config *config, struct problems *problems)
{
	const struct options *options = &config->options;

	if (!has_positive(&config->allow_networks) &&
	    !options_is_bad(options, "Discovery", "AllowNetworks"))
		problems_add(problems,
		    "%s: AllowNetworks= only takes networks out; name those "
		    "that may be contacted as well, as in 192.168.1.0/24 "
		    "!192.168.1.1",
		    options_origin(options, "Discovery", "AllowNetworks"));
	if (is_unreachable(config->advertise_address))
		problems_add(problems,
		    "%s: AdvertiseAddress=%s: no device can download from "
		    "there; write this machine's own address, such as "
		    "192.168.1.2, or auto",
		    options_origin(options, "Server", "AdvertiseAddress"),
		    config->advertise_address);
	check_connections(config, problems);
}

/*
 * Say that a changed key takes effect only after a restart, or not at all
 * because a socket unit sets it.
 */
static void
doubt_key(const struct config *config, const char *section, const char *key,
    const char *value, bool given, struct problems *out)
{
	const char *origin = config_origin(config, section, key);

	problems_add(out, "%s%s%s=%s %s", origin != NULL ? origin : "",
	    origin != NULL ? ": " : "", key, value,
	    given ? "has no effect: the socket unit sets the address, see: "
		    "systemctl edit reflashd.socket"
		  : "takes effect after: systemctl restart reflashd");
}

void
config_doubt_start(const struct config *old, const struct config *fresh,
    bool given, struct problems *out)
{
	char number[16];

	if (strcmp(old->state_directory, fresh->state_directory) != 0)
		doubt_key(fresh, "Paths", "StateDirectory",
		    fresh->state_directory, false, out);
	if (strcmp(old->control_socket, fresh->control_socket) != 0)
		doubt_key(fresh, "Paths", "ControlSocket",
		    fresh->control_socket, given, out);
	if (old->max_devices != fresh->max_devices) {
		snprintf(number, sizeof(number), "%u", fresh->max_devices);
		doubt_key(fresh, "Discovery", "MaxDevices", number, false, out);
	}
	if (strcmp(old->listen, fresh->listen) != 0)
		doubt_key(fresh, "Server", "Listen", fresh->listen, given, out);
	if (old->port != fresh->port) {
		snprintf(number, sizeof(number), "%u", fresh->port);
		doubt_key(fresh, "Server", "Port", number, given, out);
	}
}

static bool
read_place(char *word, struct config_device *device, struct error *err)
{
	char *colon = strchr(word, ':');
	uint64_t port = CONFIG_DEVICE_PORT;

	if (colon != NULL) {
		*colon = '\0';
		if (!text_number(colon + 1, 1, UINT16_MAX, &port))
			return error_set(err, EINVAL,
			    "%.20s is not a port; write a number from 1 to "
			    "65535, such as 8081",
			    colon + 1);
	}
	device->port = (uint16_t)port;
	if (inet_pton(AF_INET, word, &device->address) != 1)
		return error_set(err, EINVAL,
		    "%.40s is not an IPv4 address; write"
		    " ADDRESS[:PORT] [ID], for example 192.168.1.23"
		    " 1000a05bf6",
		    word);
	return true;
}

static bool
read_id(const char *word, struct config_device *device, struct error *err)
{
	if (!devapi_is_usual_id(word) || !devapi_copy_id(device->id, word))
		return error_set(err, EINVAL,
		    "%.40s is not a device id; it is the ten hexadecimal "
		    "digits after ITEAD- or eWeLink_ in the device's name, "
		    "such as 1000a05bf6",
		    word);
	return true;
}

static bool
add_device(struct config_devices *list, const struct config_device *device,
    struct error *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address.s_addr == device->address.s_addr &&
		    list->items[i].port == device->port)
			return error_set(err, EEXIST,
			    "this address is listed twice; leave one of them "
			    "out");
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = *device;
	return true;
}

static bool
parse_device(void *field, const char *value, const struct option *option,
    struct error *err)
{
	struct config_device device = { 0 };
	char *copy = xstrdup(value), *rest = copy, *id, *place;
	bool ok;

	(void)option;
	place = text_word(&rest);
	id = text_word(&rest);
	ok = read_place(place, &device, err) &&
	    (id == NULL || read_id(id, &device, err));
	if (ok && text_word(&rest) != NULL)
		ok = error_set(err, EINVAL,
		    "too many words; write one"
		    " Device=ADDRESS[:PORT] [ID] for each device");
	free(copy);
	return ok && add_device(field, &device, err);
}

static void
clear_devices(void *field)
{
	struct config_devices *list = field;

	free(list->items);
	*list = (struct config_devices){ 0 };
}

static void
print_devices(FILE *out, const void *field, const struct option *option)
{
	const struct config_devices *list = field;

	for (size_t i = 0; i < list->count; i++) {
		const struct config_device *device = &list->items[i];
		char address[INET_ADDRSTRLEN], text[64];

		inet_ntop(AF_INET, &device->address, address, sizeof(address));
		snprintf(text, sizeof(text), "%s:%u%s%s", address, device->port,
		    device->id[0] == '\0' ? "" : " ", device->id);
		option_write(out, option, text);
	}
}
