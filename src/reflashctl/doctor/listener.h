/* SPDX-License-Identifier: ISC */
/*
 * listener -- which process listens on a port of this machine, as far as this
 * user may know it.
 */
#ifndef REFLASHD_REFLASHCTL_LISTENER_H
#define REFLASHD_REFLASHCTL_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct listener {
	bool is_there;
	uid_t uid;     /* of who opened the socket */
	pid_t pid;     /* 0: this user may not know it */
	char name[32]; /* of the program; "" */
	char unit[96]; /* of systemd that it belongs to; "" */
};

/* Find who listens on the TCP port, or has the UDP port. */
void listener_find(struct listener *, bool is_udp, uint16_t port);

#endif
