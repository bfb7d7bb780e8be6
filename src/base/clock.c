/* SPDX-License-Identifier: ISC */
/* Reads the clocks of the kernel for everything that measures time. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* systemd-timesyncd.service(8): its folder, and the file once it has set it. */
#define TIMESYNC     "/run/systemd/timesync"
#define SYNCHRONIZED TIMESYNC "/synchronized"
#define SETTING_MS   (10 * 60 * 1000) /* longer only where nothing answers */

static uint64_t
read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_now_ms(void)
{
	return read_ns(CLOCK_BOOTTIME) / 1000000;
}

uint64_t
clock_awake_ms(void)
{
	return read_ns(CLOCK_MONOTONIC) / 1000000;
}

uint64_t
clock_awake_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

const char *
clock_boot(void)
{
	static char id[37];
	static bool is_read;
	FILE *file = is_read ? NULL : fopen(BOOT_ID, "re");

	is_read = true;
	if (file == NULL)
		return id;
	if (fgets(id, sizeof(id), file) == NULL)
		id[0] = '\0';
	fclose(file);
	return id;
}

bool
clock_is_being_set(void)
{
	return clock_now_ms() < SETTING_MS && access(TIMESYNC, F_OK) == 0 &&
	    access(SYNCHRONIZED, F_OK) != 0;
}
