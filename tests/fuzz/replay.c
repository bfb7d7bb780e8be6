/* SPDX-License-Identifier: ISC */
/*
 * replay -- feeds a corpus to a fuzz target without libFuzzer, so that every
 * input that ever mattered is tried by each `make check`, with any compiler.
 *
 * fuzz_NAME [FILE-OR-FOLDER...]; without one $srcdir/tests/fuzz/corpus/NAME.
 * A small input is also tried cut at every length.
 */
#include "config.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

#include "fuzz.h"

#define MAX_CUT 2048 /* cutting at every length takes quadratic time */

static unsigned tried;

/* A block of exactly this size: a sanitizer sees the first byte too far. */
static void
try_bytes(const char *bytes, size_t len)
{
	uint8_t *exact = malloc(len);

	if (exact == NULL)
		abort();
	memcpy(exact, bytes, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	tried++;
}

static bool
try_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	char *bytes;

	if (file == NULL || fstat(fileno(file), &st) != 0) {
		perror(path);
		return false;
	}
	bytes = xcalloc((size_t)st.st_size + 1, 1);
	st.st_size = (off_t)fread(bytes, 1, (size_t)st.st_size, file);
	fclose(file);
	try_bytes(bytes, (size_t)st.st_size);
	for (off_t cut = 0; st.st_size <= MAX_CUT && cut < st.st_size; cut++)
		try_bytes(bytes, (size_t)cut);
	free(bytes);
	return true;
}

static int
no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool
try_folder(const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, no_dots, alphasort);
	bool good = true;

	if (count <= 0) {
		fprintf(stderr, "%s: no corpus here\n", folder);
		return false;
	}
	for (int i = 0; i < count; i++) {
		char *path = xasprintf("%s/%s", folder, names[i]->d_name);

		/* Named before it is tried: after a crash it is the last. */
		printf("%s\n", path);
		fflush(stdout);
		good = try_file(path) && good;
		free(path);
		free(names[i]);
	}
	free(names);
	return good;
}

static bool
try_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return try_file(path);
	return try_folder(path);
}

/* Return the corpus of the program, whose path ends in fuzz_NAME. */
static char *
default_folder(const char *program)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(program, '_');

	return xasprintf("%s/tests/fuzz/corpus/%s",
	    srcdir != NULL ? srcdir : ".", name != NULL ? name + 1 : "");
}

int
main(int argc, char *argv[])
{
	bool good = true;

	if (argc < 2) {
		char *folder = default_folder(argv[0]);

		good = try_folder(folder);
		free(folder);
	}
	for (int i = 1; i < argc; i++)
		good = try_path(argv[i]) && good;
	printf("%u inputs tried\n", tried);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
