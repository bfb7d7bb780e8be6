/* SPDX-License-Identifier: ISC */
/*
 * forbidden -- whether this machine itself keeps a TCP connection from leaving.
 *
 * A firewall that does so usually does not tell the program: connect(2) fails
 * as if the other side had refused, or nothing comes back at all.  Two signs
 * tell the cases apart: an ICMP "forbidden" that comes from this machine, and a
 * kernel that sends none of the packets that it has.
 */
#ifndef REFLASHD_FORBIDDEN_H
#define REFLASHD_FORBIDDEN_H

/* Watch a socket from before connect(2) until the connection stands. */
void forbidden_watch(int fd);
void forbidden_unwatch(int fd);

/*
 * Return why this machine kept a watched connection from leaving, a clause that
 * is borrowed for ever.  The connection has failed with this errno; use
 * ETIMEDOUT also if the caller has waited long enough.  NULL: as far as can be
 * told, this machine did not. fd may be -1.
 */
const char *forbidden_why(int fd, int code);

#endif
