/* SPDX-License-Identifier: ISC */
/*
 * listen -- a listening TCP socket, opened here or inherited from the service
 * manager.  Either way it is non-blocking, closed on exec, and what it
 * accepts sends small replies at once.
 */
#ifndef REFLASHD_LISTEN_H
#define REFLASHD_LISTEN_H

#include <netinet/in.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The bytes of a connection that may be under way.  Linux doubles that, counts
 * its own overhead, and may exceed it by a segment.  By default it grows to
 * megabytes, and an image would count as sent before the device has read it: an
 * ESP8266 takes 5840 bytes at once.  Half of this would be less than one
 * segment of loopback, and each would wait for its delayed ACK.
 */
#define LISTEN_SEND_SIZE (64 * 1024)

/* Open a socket; port 0 lets the kernel choose.  Returns -1 on failure. */
int listen_open(struct in_addr, uint16_t port, struct error *);

/* Make an inherited socket fit.  Returns false if it does not listen on TCP. */
bool listen_adopt(int fd, struct error *);

/* Return the port on which it listens; 0 if that cannot be told. */
uint16_t listen_port(int fd);

/* Return its address; 0.0.0.0: any, or not IPv4. */
struct in_addr listen_address(int fd);

#endif
