/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/problems.h"
#include "base/text.h"

#include "unit/fixture.h"

time_t fixture_clock = 1700000000;
int64_t fixture_steady = 1700000000;

static void
on_changed(struct device *device, enum state old, void *ctx)
{
	(void)device;
	(void)old;
	(void)ctx;
}

static time_t
wall_clock(void *ctx)
{
	(void)ctx;
	return fixture_clock;
}

static int64_t
steady_s(void *ctx)
{
	(void)ctx;
	return fixture_steady;
}

const struct device_ops fixture_ops = {
	.changed = on_changed,
	.wall_clock = wall_clock,
	.steady_s = steady_s,
};

struct policy *
fixture_policy(const char *name, const char *text)
{
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse(name, text, strlen(text), name, &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_non_null(policy);
	problems_fini(&problems);
	return policy;
}

void
fixture_dress(struct device *device)
{
	text_copy(device->type, sizeof(device->type), "diy_plug");
	text_copy(device->firmware, sizeof(device->firmware), "3.6.0");
	inet_pton(AF_INET, "192.168.1.23", &device->address);
	device->has_address = device->present = device->info_known = true;
}

struct device *
fixture_device(const char *id)
{
	struct device *device = device_new(id, &fixture_ops, NULL);

	fixture_dress(device);
	return device;
}

void
fixture_end(struct device *device, const char *policy, const char *sha256,
    enum state state, time_t since)
{
	text_copy(device->policy, sizeof(device->policy), policy);
	text_copy(device->image.name, sizeof(device->image.name), "lite.bin");
	text_copy(device->image.sha256, sizeof(device->image.sha256), sha256);
	text_copy(device->image.kind, sizeof(device->image.kind), "tasmota");
	device->image.size = 500000;
	device->has_image = device->is_vouched = true;
	device->attempt = 1;
	device->attempts = 3;
	device_restore(device, state, since);
	device->since_s = since;
}

time_t
fixture_utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return timegm(&tm);
}
