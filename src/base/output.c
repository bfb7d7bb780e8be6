/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/output.h"

int
output_end(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: cannot write all of the output\n",
	    program_invocation_short_name);
	return code != EXIT_SUCCESS ? code : EXIT_FAILURE;
}
