/* SPDX-License-Identifier: ISC */
/* The messages to the service manager. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/manager.h"

#include "unit/test.h"

static struct sockaddr_un name = { .sun_family = AF_UNIX };

/* The socket of a service manager, which is there from now on. */
static int
listen_there(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

static void
expect(int fd, const char *want)
{
	char text[200] = "";

	assert_true(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(text, want);
}

TEST(that_it_is_ready_is_said_until_it_is_heard)
{
	int fd;

	manager_ready();
	manager_status("one");
	fd = listen_there();
	manager_status("two");
	expect(fd, "READY=1\nSTATUS=two");
	manager_status("three");
	expect(fd, "STATUS=three");
	manager_ready();
	expect(fd, "READY=1");
	manager_status("four");
	expect(fd, "STATUS=four");
	close(fd);
}

int
main(void)
{
	char folder[] = "/tmp/test_manager.XXXXXX";
	int failed;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/notify", folder);
	setenv("NOTIFY_SOCKET", name.sun_path, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(name.sun_path);
	rmdir(folder);
	return failed;
}
