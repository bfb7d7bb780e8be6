/* SPDX-License-Identifier: ISC */
/* Makes devices and policies for the tests of what is decided about them. */
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

static unsigned
http_port(void *ctx)
{
	(void)ctx;
	return 8270;
}

const struct device_ops fixture_ops = {
	.changed = on_changed,
	.wall_clock = wall_clock,
	.steady_s = steady_s,
	.http_port = http_port,
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
	text_copy(device->facts.type, sizeof(device->facts.type), "diy_plug");
	text_copy(
	    device->facts.firmware, sizeof(device->facts.firmware), "3.6.0");
	inet_pton(AF_INET, "192.168.1.23", &device->place.address);
	device->place.has_address = device->seen.is_present =
	    device->facts.info_known = true;
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
	text_copy(device->attempt.image.name,
	    sizeof(device->attempt.image.name), "lite.bin");
	text_copy(device->attempt.image.sha256,
	    sizeof(device->attempt.image.sha256), sha256);
	text_copy(device->attempt.image.kind,
	    sizeof(device->attempt.image.kind), "tasmota");
	text_copy(device->attempt.image.version,
	    sizeof(device->attempt.image.version), "9.5.0");
	text_copy(device->attempt.image.label,
	    sizeof(device->attempt.image.label), "Tasmota 9.5.0 lite");
	device->attempt.image.size = 500000;
	device->attempt.has_image = device->seen.is_vouched = true;
	device->attempt.number = 1;
	device->attempt.allowed = 3;
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
