/* SPDX-License-Identifier: ISC */
/*
 * sandbox_parts -- what the files of the sandbox share; nothing else includes
 * it.
 *
 *  sandbox.c           the order in which it is entered
 *  sandbox_landlock.c  files, folders, TCP
 *  sandbox_seccomp.c   system calls
 */
#ifndef REFLASHD_SANDBOX_PARTS_H
#define REFLASHD_SANDBOX_PARTS_H

#include "base/sandbox.h"

/* The leak sanitizer traces this process and looks into /proc. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANDBOX_TRACES_ITSELF
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANDBOX_TRACES_ITSELF
#endif

/* Append a part to the description of the sandbox. */
void sandbox_say(char said[SANDBOX_TEXT_SIZE], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void sandbox_enter_landlock(
    const struct sandbox_rules *, char said[SANDBOX_TEXT_SIZE]);

/*
 * Start the process that may still connect, if the rules need one.  Returns its
 * socket, which sandbox_enter_seccomp() takes, or -1.
 */
int sandbox_start_connector(const struct sandbox_rules *);
void sandbox_enter_seccomp(
    const struct sandbox_rules *, int connector, char said[SANDBOX_TEXT_SIZE]);

#endif
