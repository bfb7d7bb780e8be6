/* SPDX-License-Identifier: ISC */
/*
 * download_sandbox -- what reflash-download can never do, whatever a server
 * sends it: it writes no file, runs no program, makes no process, and reads
 * nothing but libraries and the configuration of the system.
 */
#ifndef REFLASHD_DOWNLOAD_SANDBOX_H
#define REFLASHD_DOWNLOAD_SANDBOX_H

/*
 * Become nobody, if this process is root's, and enter the sandbox for good.
 */
void download_sandbox_enter(void);

#endif
