/* SPDX-License-Identifier: ISC */
/*
 * sandbox -- what this process, and whatever it starts, can never do again.
 *
 *	gain privileges		no_new_privs
 *	write where it must not	Landlock
 *	run a program		Landlock, seccomp
 *	listen on TCP		Landlock, from ABI 4
 *	be looked into		not dumpable: no core, no ptrace, no /proc
 *
 * and, where the rules say so:
 *
 *	read what it must not	Landlock
 *	connect to a program	seccomp, and a connector for the one exception
 *	signal a program	seccomp; Landlock, from ABI 6
 *
 * It is there besides that of the service manager, for whoever runs us without
 * one.  Where the kernel, the processor or the build lacks a part, the others
 * are in force, and it is said.  Under the address sanitizer there is no
 * seccomp, as its search for leaks traces its own process; a build for coverage
 * has no sandbox, as it writes what it has counted when it ends.
 */
#ifndef REFLASHD_SANDBOX_H
#define REFLASHD_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#define SANDBOX_TEXT_SIZE 160

/*
 * On i386 and s390 the C library makes its sockets by socketcall(2), whose
 * arguments are in memory, where seccomp cannot look: neither the family of a
 * socket nor a connection is limited there by it.
 */
#if defined(__i386__) || defined(__s390__)
#define SANDBOX_HAS_SOCKETCALL true
#else
#define SANDBOX_HAS_SOCKETCALL false
#endif

struct sandbox_rules {
	const char *const *writable; /* folders; those that exist */
	size_t writable_count;
	/* Folders and files, as far as they exist.  NULL: everything. */
	const char *const *readable;
	size_t readable_count;
	bool may_fork;	  /* but not run another program */
	bool may_connect; /* by TCP */
	/*
	 * No other program on this machine is within reach: the process cannot
	 * send signals to others, or change their limits and priorities, and of
	 * the sockets of others it can connect only to this one, by its path.
	 */
	bool is_apart;
	const char *only_socket; /* NULL: none */
};

/*
 * Set what has to hold for children as well; call it before the first of them.
 */
void sandbox_begin(void);

/*
 * Enter the sandbox for good.  Writes what is in force, and what is missing, to
 * said: "Landlock ABI 7, seccomp".  Returns said.
 */
char *sandbox_enter(const struct sandbox_rules *, char said[SANDBOX_TEXT_SIZE]);

#endif
