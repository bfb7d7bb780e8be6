/* SPDX-License-Identifier: ISC */
/* Memory that a stranger hands over: only what nobody can change is taken. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sealed.h"

#include "unit/test.h"

#define ALL (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define MAX 4096

static int
memory(off_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
assert_refused(int fd, const char *why)
{
	struct error err = { 0 };

	assert_int_not_equal(fd, -1);
	assert_false(sealed_check(fd, MAX, &err));
	assert_contains(err.text, why);
	close(fd);
}

TEST(sealed_memory_of_the_right_size_is_taken)
{
	static const off_t sizes[] = { 1, MAX };
	struct error err;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		int fd = memory(sizes[i], ALL);

		assert_true(sealed_check(fd, MAX, &err));
		close(fd);
	}
}

TEST(memory_that_lacks_a_seal_is_refused)
{
	static const int seals[] = { F_SEAL_WRITE, F_SEAL_SHRINK, F_SEAL_GROW,
		F_SEAL_SEAL };

	assert_refused(memory(1, 0), "could still be changed");
	for (size_t i = 0; i < COUNT(seals); i++)
		assert_refused(
		    memory(1, ALL & ~seals[i]), "could still be changed");
	/* Whoever has it open may go on writing, or has it mapped. */
	assert_refused(memory(1, (ALL & ~F_SEAL_WRITE) | F_SEAL_FUTURE_WRITE),
	    "could still be changed");
}

TEST(no_memory_and_too_much_are_refused)
{
	assert_refused(memory(0, ALL), "it is empty");
	assert_refused(memory(MAX + 1, ALL), "4097 bytes, and 4096 are");
	assert_refused(
	    memory((off_t)1 << 40, ALL), "1099511627776 bytes, and 4096 are");
}

TEST(whatever_is_no_such_memory_is_refused)
{
	int pipes[2], sockets[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	for (int i = 0; i < 2; i++) {
		assert_refused(pipes[i], "not that of a memfd_create(2)");
		assert_refused(sockets[i], "not that of a memfd_create(2)");
	}
	assert_refused(open("/dev/zero", O_RDONLY), "not that of a memfd");
	assert_refused(open("/", O_RDONLY), "not that of a memfd");
	assert_refused(open("/", O_PATH), "not that of a memfd");
	assert_refused(open("/etc/passwd", O_RDONLY), "not that of a memfd");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
