/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/imagecmd.h"

int
main(int argc, char *argv[])
{
	if (argc > 1 && strcmp(argv[1], "image") == 0)
		return imagecmd_main(argc - 1, argv + 1);
	fprintf(stderr, "usage: reflash-sim image KIND FILE\n");
	return 64;
}
