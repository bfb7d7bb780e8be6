/* SPDX-License-Identifier: ISC */
/* Fails a program that could not print its result. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/output.h"

void
output_begin(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/full",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_Exit(EXIT_FAILURE);
}

int
output_end(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: cannot write all of the output\n",
	    program_invocation_short_name);
	return code != EXIT_SUCCESS ? code : EXIT_FAILURE;
}
