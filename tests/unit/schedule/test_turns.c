/* SPDX-License-Identifier: ISC */
/* In which order the devices have their turn. */
#include "config.h"

#include <arpa/inet.h>

#include "base/text.h"
#include "core/schedule/turns.h"

#include "unit/fixture.h"
#include "unit/test.h"

static struct device *
add(struct registry *registry, const char *id, const char *address,
    const char *mac)
{
	struct device *device = registry_get(registry, id, DEVICE_FITTING);
	struct in_addr in;

	inet_pton(AF_INET, address, &in);
	device_set_address(device, in, NULL);
	text_copy(device->place.mac, sizeof(device->place.mac), mac);
	return device;
}

TEST(a_place_that_was_tried_in_vain_has_its_turn_last)
{
	static const struct {
		const char *address, *mac;
		bool has_answered, is_vouched;
		enum turn turn;
	} cases[] = {
		{ "10.0.0.9", "", false, false, TURN_UNHEARD },
		{ "10.0.0.9", "", true, false, TURN_ANSWERED },
		{ "10.0.0.9", "0A:00:00:00:00:01", true, false, TURN_HAD },
		{ "10.0.0.1", "", true, false, TURN_HAD },
		{ "10.0.0.1", "", true, true, TURN_ANSWERED },
		{ "10.0.0.2", "0a:00:00:00:00:02", false, false, TURN_UNHEARD },
	};
	struct registry *registry = registry_new(10, &fixture_ops, NULL);
	struct device *vouched;

	/* Called off before its attempt counted: that is a turn, too. */
	add(registry, "1000000001", "10.0.0.1", "0a:00:00:00:00:01")
	    ->attempt.called_off = 1;
	vouched = add(registry, "1000000002", "10.0.0.2", "0a:00:00:00:00:02");
	vouched->attempt.number = 1;
	vouched->seen.is_vouched = true;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    add(registry, "1000000003", cases[i].address, cases[i].mac);
		struct turns *turns = turns_new(registry);

		device->seen.has_answered = cases[i].has_answered;
		device->seen.is_vouched = cases[i].is_vouched;
		assert_int_equal(turns_of(turns, device), cases[i].turn);
		turns_free(turns);
	}
	registry_free(registry);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
