/* SPDX-License-Identifier: ISC */
/*
 * Looks at the ports that reflashd needs: TCP for the images, and UDP 5353 for
 * multicast DNS, which all programs share.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/listener.h"

#define CHECK	  "port"
#define MDNS_PORT 5353

/* Return true if the socket is reflashd's, or kept open for it by systemd. */
static bool
is_ours(const struct listener *listener)
{
	return listener->pid == 1 || strcmp(listener->name, "reflashd") == 0 ||
	    strcmp(listener->unit, "reflashd.service") == 0;
}

/* Say how to stop the program that has the port. */
static void
add_cure(const struct installation *installation, struct finding *finding,
    const struct listener *listener)
{
	if (listener->unit[0] != '\0')
		finding_command(finding, "%ssystemctl stop %s",
		    installation->sudo, listener->unit);
	else if (listener->pid != 0)
		finding_command(finding, "%skill %d", installation->sudo,
		    (int)listener->pid);
	else
		finding_command(
		    finding, "sudo %s doctor", installation->reflashctl);
}

static void
add_taken(const struct installation *installation, struct findings *findings,
    const struct listener *listener, const char *kind, unsigned port)
{
	struct finding *finding;

	if (listener->pid == 0) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s port %u is taken by another program", kind, port);
		finding_cure(finding, "Root can see which program it is:");
	} else {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "%s port %u is taken by %s (process %d%s%s)", kind, port,
		    listener->name, (int)listener->pid,
		    listener->unit[0] != '\0' ? ", " : "", listener->unit);
		finding_cure(finding,
		    strcmp(kind, "TCP") == 0
			? "Give reflashd another Port= in [Server], or stop "
			  "that program:"
			: "Stop that program, which does not share the port:");
	}
	add_cure(installation, finding, listener);
}

static void
look_at_images(
    const struct installation *installation, struct findings *findings)
{
	unsigned port = installation_port(installation);
	struct listener listener;

	listener_find(&listener, false, (uint16_t)port);
	if (installation->status != NULL)
		findings_add(findings, CHECK, VERDICT_OK,
		    "devices download from TCP port %u, which is open here",
		    port);
	else if (!listener.is_there)
		findings_add(findings, CHECK, VERDICT_OK,
		    "TCP port %u, for the images, is free", port);
	else if (is_ours(&listener))
		findings_add(findings, CHECK, VERDICT_OK,
		    "TCP port %u, for the images, is kept open for reflashd",
		    port);
	else
		add_taken(installation, findings, &listener, "TCP", port);
}

/* Return true if the port cannot be shared with whoever has it. */
static bool
is_exclusive(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_port = htons(MDNS_PORT),
		.sin_addr = { htonl(INADDR_ANY) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	bool is;

	if (fd == -1)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	is = bind(fd, (const struct sockaddr *)&any, sizeof(any)) == -1 &&
	    errno == EADDRINUSE;
	close(fd);
	return is;
}

void
check_ports(const struct installation *installation, struct findings *findings)
{
	struct listener listener;

	look_at_images(installation, findings);
	if (installation->config->backend == CONFIG_BACKEND_NONE ||
	    !is_exclusive())
		return;
	listener_find(&listener, true, MDNS_PORT);
	add_taken(installation, findings, &listener, "UDP", MDNS_PORT);
}
