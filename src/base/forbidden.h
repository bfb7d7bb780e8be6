/* SPDX-License-Identifier: ISC */
/*
 * forbidden -- whether this machine itself keeps a TCP connection from leaving.
 *
 * A firewall that does so does not say it to the program as a rule: connect(2)
 * fails as if the other side had refused, or nothing comes back at all.  But an
 * ICMP that says "forbidden" and comes from this machine, and a kernel that
 * sends none of the packets that it has, tell them apart.
 */
#ifndef REFLASHD_FORBIDDEN_H
#define REFLASHD_FORBIDDEN_H

/* From before connect(2) until it has ended well. */
void forbidden_watch(int fd);
void forbidden_unwatch(int fd);

/*
 * Why this machine kept a watched connection from leaving, a clause for ever;
 * it has failed with this errno, ETIMEDOUT also where the caller has waited
 * long enough.  NULL: as far as can be told it did not.  fd may be -1.
 */
const char *forbidden_why(int fd, int code);

#endif
