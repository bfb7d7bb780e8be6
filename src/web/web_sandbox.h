/* SPDX-License-Identifier: ISC */
/*
 * web_sandbox -- the sandbox of reflash-web.
 *
 * It reads what any browser sends.  So it may read only the folder of its
 * token, which may be made or renewed while it runs; write nothing; start
 * nothing; connect to nothing by TCP; and listen on nothing more.
 */
#ifndef REFLASHD_WEB_SANDBOX_H
#define REFLASHD_WEB_SANDBOX_H

#include "base/sandbox.h"
#include "beside/web_config.h"

/* Enter the sandbox for good.  Returns said. */
char *
web_sandbox_enter(const struct web_config *, char said[SANDBOX_TEXT_SIZE]);

#endif
