/* SPDX-License-Identifier: ISC */
/*
 * fixture -- devices and policies for the tests of what is decided about them.
 *
 * The wall clock of the devices is a variable.
 */
#ifndef REFLASHD_TESTS_FIXTURE_H
#define REFLASHD_TESTS_FIXTURE_H

#include <time.h>

#include "core/device/device.h"
#include "core/policy/policy.h"

#define FIXTURE_ID "1000a05bf6"
#define SHA_A	   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B	   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

extern time_t fixture_clock;
extern int64_t fixture_steady;
extern const struct device_ops fixture_ops;

/* The policy must be right. */
struct policy *fixture_policy(const char *name, const char *text);

/* device_auto *device: freed where its block ends, as json_auto_t is. */
static inline void
fixture_free(struct device **device)
{
	device_free(*device);
}
#define device_auto __attribute__((cleanup(fixture_free))) struct device

/* A diy_plug at 192.168.1.23 that is present. */
struct device *fixture_device(const char *id);
void fixture_dress(struct device *);

/* What a policy has made of it. */
void fixture_end(struct device *, const char *policy, const char *sha256,
    enum state, time_t since);

/* "YYYY-MM-DD HH:MM:SS" in UTC. */
time_t fixture_utc(const char *);

#endif
