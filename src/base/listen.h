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
 * Bytes that a connection may have on their way; Linux doubles that, counts its
 * own burden, and may go beyond it by a segment.  By itself it lets it grow to
 * megabytes, and a whole image would count as sent that nobody has read yet: an
 * ESP8266 takes 5840 at once.  Half of it would be less than one segment of
 * loopback, and each would wait for its delayed ACK.
 */
#define LISTEN_SEND_SIZE (64 * 1024)

/* A new socket; port 0 lets the kernel choose.  -1 if it cannot be. */
int listen_open(struct in_addr, uint16_t port, struct error *);

/* Make an inherited socket fit.  False if it is none that listens on TCP. */
bool listen_adopt(int fd, struct error *);

/* The port it listens on; 0 if that cannot be told. */
uint16_t listen_port(int fd);

/* 0.0.0.0: any, or none of IPv4. */
struct in_addr listen_address(int fd);

#endif
