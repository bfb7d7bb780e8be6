/* SPDX-License-Identifier: ISC */
/* Says what reflash-scan may still do, and enters the sandbox that holds it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scan/scan_sandbox.h"

#define BUS_VARIABLE "DBUS_SYSTEM_BUS_ADDRESS"
#define BUS_PREFIX   "unix:path="
#define USUAL_BUS    "/run/dbus/system_bus_socket"

/*
 * For libc, libdbus and libavahi: names of users, the machine, the time zone.
 */
static const char *const readable[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/etc/group",
	"/etc/ld.so.cache",
	"/etc/localtime",
	"/etc/machine-id",
	"/etc/nsswitch.conf",
	"/etc/passwd",
	"/proc/sys/net",
	"/sys/class/net",
	"/sys/devices/virtual/net",
	"/var/lib/dbus",
	"/dev/null",
	"/dev/urandom",
};

/*
 * Return the path of the system bus, freed with free().  NULL: it is at another
 * kind of address, and nothing may be connected to. libdbus is told the path,
 * so that it asks for the same one whatever its own default is.
 */
static char *
find_bus(void)
{
	const char *address = getenv(BUS_VARIABLE);
	char *path;

	if (address == NULL || address[0] == '\0') {
		setenv(BUS_VARIABLE, BUS_PREFIX USUAL_BUS, 1);
		return xstrdup(USUAL_BUS);
	}
	if (strncmp(address, BUS_PREFIX, strlen(BUS_PREFIX)) != 0)
		return NULL;
	path = xstrdup(address + strlen(BUS_PREFIX));
	path[strcspn(path, ",;")] = '\0';
	return path;
}

char *
scan_sandbox_enter(char said[SANDBOX_TEXT_SIZE])
{
	char *bus = find_bus();
	const struct sandbox_rules rules = {
		.readable = readable,
		.readable_count = sizeof(readable) / sizeof(readable[0]),
		.may_fork = true, /* asking avahi-daemon takes a process */
		.is_apart = true,
		.only_socket = bus,
	};

	sandbox_enter(&rules, said);
	free(bus);
	return said;
}
