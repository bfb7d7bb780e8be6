/* SPDX-License-Identifier: ISC */
/*
 * ipv6 -- tells that a connection failed because this machine has no IPv6: the
 * words of the kernel for it ("Cannot assign requested address") name no cause.
 */
#ifndef REFLASHD_IPV6_H
#define REFLASHD_IPV6_H

/*
 * Return a clause for the end of a sentence, "; this machine has no IPv6 ...",
 * if that is why the address, with or without a port, is of no use; else "".
 */
const char *ipv6_why_not(const char *address);

#endif
