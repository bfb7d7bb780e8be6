/* SPDX-License-Identifier: ISC */
/* Firmware files in memory, and the cache that holds them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/images.h"
#include "sim/image/mkimage.h"

#include "unit/test.h"

/* A folder of its own, with one whole image in it. */
struct world {
	char folder[64], path[96];
	unsigned char *data;
	size_t size;
	struct image_cache *cache;
};

static void
write_file(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int
make_world(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct error err;

	snprintf(w->folder, sizeof(w->folder), "/tmp/test_images.XXXXXX");
	if (mkdtemp(w->folder) == NULL)
		return -1;
	snprintf(w->path, sizeof(w->path), "%s/a.bin", w->folder);
	mkimage("valid", 0x8000, 1, &w->data, &w->size);
	write_file(w->path, w->data, w->size);
	w->cache = image_cache_new(w->folder, &err);
	*state = w;
	return w->cache != NULL ? 0 : -1;
}

static int
free_world(void **state)
{
	struct world *w = *state;

	unlink(w->path);
	rmdir(w->folder);
	image_cache_free(w->cache);
	free(w->data);
	free(w);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, make_world, free_world)

static struct image *
load(struct world *w, const char *path, struct error *err)
{
	return image_cache_get(w->cache, path, err);
}

WORLD_TEST(what_was_hashed_cannot_be_changed)
{
	struct world *w = *state;
	struct error err;
	struct image *image = load(w, w->path, &err);

	assert_non_null(image);
	w->data[0x5000] ^= 1;
	write_file(w->path, w->data, w->size);
	assert_int_equal(image_size(image), w->size);
	assert_memory_not_equal(image_data(image), w->data, w->size);
	w->data[0x5000] ^= 1;
	assert_memory_equal(image_data(image), w->data, w->size);

	assert_int_equal(pwrite(image_fd(image), "x", 1, 0), -1);
	assert_int_equal(ftruncate(image_fd(image), 1), -1);
	assert_ptr_equal(
	    mmap(NULL, 1, PROT_WRITE, MAP_SHARED, image_fd(image), 0),
	    MAP_FAILED);
	image_unref(image);
}

WORLD_TEST(an_image_knows_its_names_and_sums)
{
	struct world *w = *state;
	char sha256[DIGEST_SHA256_SIZE];
	struct error err;
	struct image *image = load(w, w->path, &err);

	assert_non_null(image);
	assert_string_equal(image_path(image), w->path);
	assert_string_equal(image_name(image), "a.bin");
	assert_true(digest_sha256(
	    image_cache_digest(w->cache), w->data, w->size, sha256, &err));
	assert_string_equal(image_sha256(image), sha256);
	assert_int_equal(strlen(image_md5(image)), 32);
	assert_int_equal(image_report(image)->verdict, IMAGE_ACCEPT);
	assert_int_equal(image_upgrade_report(image)->verdict, IMAGE_ACCEPT);
	assert_int_equal(image_report(image)->kind, IMAGE_TASMOTA);
	image_unref(image);
}

WORLD_TEST(digests_are_the_known_ones)
{
	struct world *w = *state;
	const struct digest *digest = image_cache_digest(w->cache);
	char hex[DIGEST_SHA256_SIZE];
	struct error err;

	assert_true(digest_sha256(digest, "abc", 3, hex, &err));
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_md5(digest, "abc", 3, hex);
	assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
}

WORLD_TEST(what_cannot_be_read_is_told)
{
	struct world *w = *state;
	struct error err;
	char big[128];

	assert_null(load(w, "/nonexistent/x.bin", &err));
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(image_error_reason(&err), REASON_IMAGE_MISSING);
	assert_string_equal(err.text, "there is no image /nonexistent/x.bin");
	snprintf(big, sizeof(big), "%s/folder", w->folder);
	assert_int_equal(mkdir(big, 0755), 0);
	assert_null(load(w, big, &err));
	assert_contains(err.text, "not a regular file");
	assert_int_equal(image_error_reason(&err), REASON_IMAGE_UNREADABLE);
	assert_int_equal(rmdir(big), 0);
	assert_null(load(w, "/dev/null", &err));
	assert_contains(err.text, "not a regular file");

	/* It is there, and others could have written it. */
	assert_int_equal(chmod(w->path, 0646), 0);
	assert_null(load(w, w->path, &err));
	assert_contains(err.text, "everybody may write to");
	assert_contains(err.text, "correct it with: ");
	assert_int_equal(image_error_reason(&err), REASON_IMAGE_UNREADABLE);
	assert_int_equal(chmod(w->path, 0644), 0);

	write_file(w->path, "", 0);
	assert_null(load(w, w->path, &err));
	assert_contains(err.text, "it is empty");
	assert_int_equal(image_error_reason(&err), REASON_IMAGE_INVALID);

	snprintf(big, sizeof(big), "%s/big", w->folder);
	write_file(big, "", 0);
	assert_int_equal(truncate(big, IMAGE_MAX_FILE + 1), 0);
	assert_null(load(w, big, &err));
	assert_int_equal(image_error_reason(&err), REASON_IMAGE_TOO_LARGE);
	unlink(big);
}

WORLD_TEST(a_pipe_does_not_block)
{
	struct world *w = *state;
	struct error err;
	char pipe[128];

	snprintf(pipe, sizeof(pipe), "%s/pipe", w->folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_null(load(w, pipe, &err));
	assert_contains(err.text, "not a regular file");
	unlink(pipe);
}

WORLD_TEST(one_that_must_not_be_flashed_loads_with_its_report)
{
	struct world *w = *state;
	struct image *image;
	struct error err;

	write_file(w->path, "<html>", 6);
	image = load(w, w->path, &err);
	assert_non_null(image);
	assert_int_equal(image_report(image)->reason, REASON_IMAGE_INVALID);
	image_unref(image);
}

/* Long ago, so that any later change shows in the time of the file. */
static void
age(const char *path)
{
	struct timespec times[2] = { { .tv_sec = 1000000000 },
		{ .tv_sec = 1000000000 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

WORLD_TEST(the_cache_gives_one_copy_to_all)
{
	struct world *w = *state;
	struct error err;
	struct image *a, *b, *c;

	a = image_cache_get(w->cache, "a.bin", &err);
	b = image_cache_get(w->cache, w->path, &err);
	assert_non_null(a);
	assert_ptr_equal(a, b);
	age(w->path); /* touched, not changed */
	c = image_cache_get(w->cache, "a.bin", &err);
	assert_ptr_equal(a, c);
	assert_int_equal(image_modified(a), 1000000000);
	image_unref(a);
	image_unref(b);
	image_unref(c);
}

WORLD_TEST(the_cache_sees_a_change_and_spares_who_holds_the_old)
{
	struct world *w = *state;
	struct error err;
	struct image *old, *new;

	old = image_cache_get(w->cache, "a.bin", &err);
	assert_non_null(old);
	w->data[0x5000] ^= 1;
	write_file(w->path, w->data, w->size); /* in the same second, maybe */
	new = image_cache_get(w->cache, "a.bin", &err);
	assert_ptr_not_equal(old, new);
	assert_string_not_equal(image_sha256(old), image_sha256(new));
	assert_int_equal(image_report(old)->verdict, IMAGE_ACCEPT);
	assert_int_equal(image_report(new)->verdict, IMAGE_REFUSE);

	unlink(w->path);
	assert_null(image_cache_get(w->cache, "a.bin", &err));
	assert_int_equal(err.code, ENOENT);
	assert_memory_equal(image_data(new), w->data, w->size);
	image_unref(old);
	image_unref(new);
}

/* How often an image was examined: see Makefile.am. */
static unsigned examined;

void __real_image_check(const void *, size_t, struct image_report *);
void __wrap_image_check(const void *, size_t, struct image_report *);

void
__wrap_image_check(const void *data, size_t size, struct image_report *report)
{
	examined++;
	__real_image_check(data, size, report);
}

/* Its times do not tell yet whether it has changed, and everybody asks. */
WORLD_TEST(a_young_file_is_examined_once)
{
	struct world *w = *state;
	struct image *image = NULL;
	struct error err;

	examined = 0;
	for (int i = 0; i < 3; i++) {
		image_unref(image);
		image = image_cache_get(w->cache, "a.bin", &err);
		assert_non_null(image);
	}
	write_file(w->path, w->data, w->size); /* the same again */
	image_unref(image_cache_get(w->cache, "a.bin", &err));
	assert_int_equal(examined, 1);

	write_file(w->path, w->data, w->size - 1);
	image_unref(image_cache_get(w->cache, "a.bin", &err));
	assert_int_equal(examined, 2);
	write_file(w->path, w->data, w->size);
	image_unref(image_cache_get(w->cache, "a.bin", &err));
	assert_int_equal(examined, 3);
	image_unref(image);
}

WORLD_TEST(tidied_is_what_nobody_holds)
{
	struct world *w = *state;
	struct image *held;
	struct error err;

	examined = 0;
	held = image_cache_get(w->cache, "a.bin", &err);
	image_cache_tidy(w->cache);
	image_unref(image_cache_get(w->cache, "a.bin", &err));
	assert_int_equal(examined, 1);
	image_unref(held);
	image_cache_tidy(w->cache);
	image_unref(image_cache_get(w->cache, "a.bin", &err));
	assert_int_equal(examined, 2);
}

WORLD_TEST(the_copy_for_the_store_is_the_same)
{
	struct world *w = *state;
	struct error err;
	struct image *image = load(w, w->path, &err), *again;

	assert_non_null(image);
	again = image_load_fd(
	    image_fd(image), w->path, image_cache_digest(w->cache), &err);
	assert_non_null(again);
	assert_string_equal(image_sha256(again), image_sha256(image));
	image_unref(again);
	image_unref(image_ref(image));
	assert_int_equal(image_size(image), w->size);
	image_unref(image);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
