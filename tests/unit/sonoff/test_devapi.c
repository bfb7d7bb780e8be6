/* SPDX-License-Identifier: ISC */
/* The device API of Sonoff: requests, replies and who sent them. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/sonoff/devapi.h"

#include "unit/test.h"

static struct devapi_reply
parse(const char *text)
{
	struct devapi_reply reply;
	struct error err = { 0 };

	memset(&reply, 0xff, sizeof(reply)); /* nothing of it may stay */
	if (!devapi_parse_reply(text, strlen(text), &reply, &err))
		fail_msg("%s: %s", text, err.text);
	return reply;
}

TEST(requests_are_what_the_vendor_documents)
{
	char *text;

	text = devapi_request(DEVAPI_WITH_ID, "1000a05bf6", 1);
	assert_string_equal(text, "{\"deviceid\":\"1000a05bf6\",\"data\":{}}");
	free(text);
	text = devapi_request(DEVAPI_WITHOUT_ID, "1000a05bf6", 1);
	assert_string_equal(text, "{\"data\":{}}");
	free(text);
	text = devapi_request_flash(DEVAPI_WITH_ID, "1000a05bf6", 1,
	    "http://10.0.0.1:8266/t/i.bin", "5c1aecd2");
	assert_string_equal(text,
	    "{\"deviceid\":\"1000a05bf6\",\"data\":{\"downloadUrl\":"
	    "\"http://10.0.0.1:8266/t/i.bin\",\"sha256sum\":\"5c1aecd2\"}}");
	free(text);
	text = devapi_request_flash(
	    DEVAPI_WITHOUT_ID, "1000a05bf6", 1, "http://10.0.0.1/x", "5c");
	assert_string_equal(text,
	    "{\"data\":{\"downloadUrl\":\"http://10.0.0.1/x\","
	    "\"sha256sum\":\"5c\"}}");
	free(text);
}

/* As cpuga found it to work (itead/Sonoff_Devices_DIY_Tools#13). */
TEST(firmware_3_0_to_3_2_gets_its_data_in_a_string)
{
	char *text = devapi_request(DEVAPI_OLD, "10008fb36d", 1563473445);

	assert_string_equal(text,
	    "{\"sequence\":\"1563473445\",\"deviceid\":\"10008fb36d\","
	    "\"encrypt\":false,\"selfApikey\":\"123\",\"data\":\"{}\"}");
	free(text);
	text = devapi_request_flash(DEVAPI_OLD, "10008fb36d", 1563473446,
	    "http://10.0.0.1:8266/t/i.bin", "5c1aecd2");
	assert_string_equal(text,
	    "{\"sequence\":\"1563473446\",\"deviceid\":\"10008fb36d\","
	    "\"encrypt\":false,\"selfApikey\":\"123\",\"data\":"
	    "\"{\\\"downloadUrl\\\":\\\"http://10.0.0.1:8266/t/i.bin\\\","
	    "\\\"sha256sum\\\":\\\"5c1aecd2\\\"}\"}");
	free(text);
}

TEST(the_old_form_is_tried_only_where_it_may_be_right)
{
	static const struct {
		struct devapi_try last;
		bool may_be_old;
		struct devapi_try next;
	} cases[] = {
		{ { DEVAPI_INFO, DEVAPI_WITH_ID }, false,
		    { DEVAPI_INFO, DEVAPI_WITHOUT_ID } },
		{ { DEVAPI_INFO, DEVAPI_WITHOUT_ID }, false,
		    { DEVAPI_INFO, DEVAPI_WITH_ID } },
		{ { DEVAPI_INFO, DEVAPI_OLD }, false,
		    { DEVAPI_INFO, DEVAPI_WITH_ID } },
		{ { DEVAPI_INFO, DEVAPI_WITH_ID }, true,
		    { DEVAPI_INFO, DEVAPI_WITHOUT_ID } },
		{ { DEVAPI_INFO, DEVAPI_WITHOUT_ID }, true,
		    { DEVAPI_INFO, DEVAPI_OLD } },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true,
		    { DEVAPI_SIGNAL, DEVAPI_OLD } },
		{ { DEVAPI_SIGNAL, DEVAPI_OLD }, true,
		    { DEVAPI_INFO, DEVAPI_WITH_ID } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct devapi_try next =
		    devapi_next_try(cases[i].last, cases[i].may_be_old);

		assert_int_equal(next.call, cases[i].next.call);
		assert_int_equal(next.form, cases[i].next.form);
	}
}

TEST(what_old_firmware_says_to_an_unknown_path_is_no_answer)
{
	static const struct {
		struct devapi_try asked;
		bool is_answered;
		const char *reply; /* NULL: cannot be read */
		bool is_unheard;
	} cases[] = {
		{ { DEVAPI_INFO, DEVAPI_WITH_ID }, false, NULL, true },
		{ { DEVAPI_INFO, DEVAPI_WITH_ID }, true, NULL, false },
		{ { DEVAPI_INFO, DEVAPI_WITH_ID }, true, "{\"error\":422}",
		    false },
		{ { DEVAPI_INFO, DEVAPI_WITHOUT_ID }, true, NULL, false },
		{ { DEVAPI_INFO, DEVAPI_OLD }, false, NULL, true },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true, NULL, true },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true, "{\"error\":422}", true },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true, "{}", true },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true, "{\"error\":401}", false },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true, "{\"error\":404}", false },
		{ { DEVAPI_INFO, DEVAPI_OLD }, true, "{\"error\":0}", false },
		{ { DEVAPI_SIGNAL, DEVAPI_OLD }, true, NULL, false },
		{ { DEVAPI_SIGNAL, DEVAPI_OLD }, true, "{\"error\":422}",
		    false },
		{ { DEVAPI_SIGNAL, DEVAPI_OLD }, false, NULL, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct devapi_reply reply = { 0 };

		if (cases[i].reply != NULL)
			reply = parse(cases[i].reply);
		assert_int_equal(devapi_is_unheard(cases[i].asked,
				     cases[i].reply != NULL ? &reply : NULL,
				     cases[i].is_answered),
		    cases[i].is_unheard);
	}
}

TEST(an_id_has_ten_digits_or_more)
{
	static const struct {
		const char *id;
		bool is_id, is_usual;
	} cases[] = {
		{ "1000a05bf6", true, true },
		{ "1000A05BF6", true, true },
		{ "1000a05bf", false, false },
		{ "1000a05bf61", true, false },
		{ "130034000f5043203033363", true, false },
		{ "130034000f50432030333633", true, true },
		{ "130034000f504320303336331", true, false },
		{ "0123456789abcdef0123456789abcdef", true, false },
		{ "0123456789abcdef0123456789abcdef0", false, false },
		{ "1000a05bfg", false, false },
		{ "", false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char id[DEVAPI_ID_SIZE];

		memset(id, 'x', sizeof(id));
		print_message("  %s\n", cases[i].id);
		assert_int_equal(devapi_is_id(cases[i].id), cases[i].is_id);
		assert_int_equal(
		    devapi_is_usual_id(cases[i].id), cases[i].is_usual);
		assert_int_equal(
		    devapi_copy_id(id, cases[i].id), cases[i].is_id);
		assert_int_equal(
		    strlen(id), cases[i].is_id ? strlen(cases[i].id) : 0);
		assert_null(strpbrk(id, "ABCDEFx"));
	}
}

TEST(only_the_flash_may_not_be_repeated)
{
	assert_true(devapi_may_repeat(DEVAPI_INFO));
	assert_true(devapi_may_repeat(DEVAPI_UNLOCK));
	assert_false(devapi_may_repeat(DEVAPI_FLASH));
	assert_string_equal(devapi_path(DEVAPI_INFO), "/zeroconf/info");
	assert_true(devapi_may_repeat(DEVAPI_SIGNAL));
	assert_string_equal(
	    devapi_path(DEVAPI_SIGNAL), "/zeroconf/signal_strength");
	assert_string_equal(devapi_path(DEVAPI_UNLOCK), "/zeroconf/ota_unlock");
	assert_string_equal(devapi_path(DEVAPI_FLASH), "/zeroconf/ota_flash");
}

/* Firmware 3.3.0, itead/Sonoff_Devices_DIY_Tools#10. */
TEST(info_of_3_3_is_a_string)
{
	struct devapi_reply reply = parse(
	    "{\"seq\":2,\"error\":0,\"data\":\"{\\\"switch\\\":\\\"off\\\","
	    "\\\"startup\\\":\\\"off\\\",\\\"pulse\\\":\\\"off\\\","
	    "\\\"pulseWidth\\\":500,\\\"ssid\\\":\\\"sonoffDiy\\\","
	    "\\\"otaUnlock\\\":false}\"}");

	assert_true(reply.has_error && reply.error == 0);
	assert_true(reply.has_seq && reply.seq == 2);
	assert_true(reply.has_info && reply.info.string_data);
	assert_true(reply.info.has_unlocked && !reply.info.unlocked);
	assert_true(reply.info.has_switch && !reply.info.has_switches);
	assert_string_equal(reply.info.id, "");
	assert_string_equal(reply.info.firmware, "");
	assert_string_equal(
	    devapi_info_firmware(&reply.info, DEVAPI_WITH_ID), "3.3");
	assert_string_equal(reply.info.ssid, "sonoffDiy");
}

/* Firmware 3.6.0. */
TEST(info_of_3_6_is_an_object)
{
	struct devapi_reply reply = parse(
	    "{\"seq\":2,\"error\":0,\"data\":{\"switch\":\"off\","
	    "\"startup\":\"off\",\"pulse\":\"off\",\"pulseWidth\":500,"
	    "\"ssid\":\"koala-iot\",\"otaUnlock\":true,\"fwVersion\":\"3.6.0\","
	    "\"deviceid\":\"1000A05BF6\",\"bssid\":\"46:d9:e7:49:83:a8\","
	    "\"signalStrength\":-43}}");

	assert_true(reply.has_info && !reply.info.string_data);
	assert_true(reply.info.has_unlocked && reply.info.unlocked);
	assert_string_equal(reply.info.id, "1000a05bf6");
	assert_string_equal(reply.info.firmware, "3.6.0");
	assert_string_equal(
	    devapi_info_firmware(&reply.info, DEVAPI_WITH_ID), "3.6.0");
	assert_string_equal(reply.info.bssid, "46:d9:e7:49:83:a8");
	assert_true(reply.info.has_rssi);
	assert_int_equal(reply.info.rssi, -43);
}

TEST(several_channels_are_an_array)
{
	struct devapi_reply reply =
	    parse("{\"seq\":1,\"error\":0,\"data\":{\"switches\":[{\"switch\":"
		  "\"off\",\"outlet\":0},{\"switch\":\"off\",\"outlet\":1}],"
		  "\"fwVersion\":\"3.7.6\",\"otaUnlock\":false}}");

	assert_true(reply.info.has_switches && !reply.info.has_switch);
	assert_string_equal(reply.info.firmware, "3.7.6");
}

TEST(octets_of_a_bssid_are_padded)
{
	/* clang-format off */
	static const char *const cases[][2] = {
		{ "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff" },
		{ "ec:17:2f:3d:15:e", "ec:17:2f:3d:15:0e" },
		{ "4e:5e:c:12:1:11", "4e:5e:0c:12:01:11" },
		{ "4E:5E:C:12:1:11", "4e:5e:0c:12:01:11" },
		{ "4e:5e:c:12:1", "" },
		{ "4e:5e:c:12:1:111", "" },
		{ "4e:5e:c:12:1:11:1", "" },
		{ "0x:5e:c:12:1:11", "" },
		{ "-1:5e:c:12:1:11", "" },
		{ " 1:5e:c:12:1:11", "" },
		{ "", "" },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[128];

		snprintf(text, sizeof(text),
		    "{\"error\":0,\"data\":{\"bssid\":\"%s\"}}", cases[i][0]);
		assert_string_equal(parse(text).info.bssid, cases[i][1]);
	}
}

TEST(a_reply_without_data_has_no_info)
{
	assert_false(parse("{\"seq\":2,\"error\":0}").has_info);
	assert_false(parse("{\"error\":0,\"data\":null}").has_info);
	assert_false(parse("{\"error\":404,\"data\":\"no\"}").has_info);
	assert_true(parse("{\"error\":0,\"data\":{}}").has_info);
	assert_false(parse("{\"seq\":2}").has_error);
}

TEST(an_encrypted_reply_is_not_read)
{
	assert_true(parse("{\"seq\":1,\"sequence\":\"1577\",\"error\":0,"
			  "\"iv\":\"MTIz\",\"encrypt\":true,"
			  "\"data\":\"q83v\"}")
		.encrypted);
	assert_true(
	    parse("{\"error\":0,\"iv\":\"MTIz\",\"data\":\"q83v\"}").encrypted);
	assert_false(
	    parse("{\"error\":0,\"iv\":\"\",\"encrypt\":false}").encrypted);
	assert_true(parse("{\"error\":0,\"encrypt\":\"true\",\"data\":\"q\"}")
		.encrypted);
	assert_false(parse("{\"error\":0,\"encrypt\":\"false\"}").encrypted);
	assert_false(parse("{\"error\":0}").encrypted);
}

TEST(foreign_text_is_made_harmless)
{
	struct devapi_reply reply;

	/* Latin-1, raw control bytes, and escaped ones. */
	reply = parse("{\"error\":0,\"data\":{\"ssid\":\"caf\xe9\x01\"}}");
	assert_string_equal(reply.info.ssid, "caf? ");
	reply = parse("{\"error\":0,\"data\":{\"ssid\":\"a\\u001b[2J\\n\"}}");
	assert_string_equal(reply.info.ssid, "a\\x1b[2J\\x0a");
	reply = parse("{\"error\":0,\"data\":{\"ssid\":\"0123456789012345678901"
		      "234567890123456789012345678901234567890123456789\"}}");
	assert_int_equal(strlen(reply.info.ssid), sizeof(reply.info.ssid) - 1);
}

TEST(what_is_only_shown_may_have_any_type)
{
	struct devapi_reply reply =
	    parse("{\"seq\":-1,\"error\":0,\"data\":{\"ssid\":5,\"bssid\":[],"
		  "\"signalStrength\":\"-5\",\"switch\":1,\"switches\":{},"
		  "\"deviceid\":\"\"}}");

	assert_false(reply.has_seq || reply.info.has_rssi);
	assert_false(reply.info.has_switch || reply.info.has_switches);
	assert_string_equal(reply.info.id, "");
	assert_false(parse("{\"error\":0,\"data\":{\"signalStrength\":5}}")
		.info.has_rssi);
}

/* clang-format off */
static const struct {
	const char *text;
	const char *why; /* how the sentence begins */
} bad[] = {
	{ "", "not JSON, but nothing at all" },
	{ " \n", "not JSON, but nothing at all" },
	{ "<html><body>404</body></html>", "not JSON, but a web page" },
	{ "{\"error\":0", "not JSON: " },
	{ "{\"error\":0} x", "not JSON: " },
	{ "5", "not JSON: " },
	{ "[]", "JSON, but no object" },
	{ "{\"error\":0,\"error\":404}", "not JSON: " },
	{ "{\"error\":99999999999999999999}", "not JSON: " },
	{ "{\"error\":\"0\"}", "error is not a number" },
	{ "{\"error\":null}", "error is not a number" },
	{ "{\"error\":0.0}", "error is not a number" },
	{ "{\"error\":4294967296}", "error is not a number" },
	{ "{\"error\":0,\"data\":[]}", "data is not an object" },
	{ "{\"error\":0,\"data\":5}", "data is not an object" },
	{ "{\"error\":0,\"data\":\"\"}", "data: not JSON, but nothing at all" },
	{ "{\"error\":0,\"data\":\"[]\"}", "data: JSON, but no object" },
	{ "{\"error\":0,\"data\":\"\\\"{}\\\"\"}", "data: not JSON: " },
	{ "{\"error\":0,\"data\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}", "data: not JSON: " },
	{ "{\"error\":0,\"data\":{\"deviceid\":5}}", "deviceid is not an id" },
	{ "{\"error\":0,\"data\":{\"deviceid\":\"1000a05bf\"}}", "deviceid is not an id" },
	{ "{\"error\":0,\"data\":{\"deviceid\":\"0123456789abcdef0123456789abcdef0\"}}", "deviceid is not an id" },
	{ "{\"error\":0,\"data\":{\"deviceid\":\"../../etc/\"}}", "deviceid is not an id" },
	{ "{\"error\":0,\"data\":{\"fwVersion\":3.6}}", "fwVersion is not a string" },
	{ "{\"error\":0,\"data\":{\"fwVersion\":\"3.6 0\"}}", "fwVersion is not a version" },
	{ "{\"error\":0,\"data\":{\"fwVersion\":\"3.6.0.0.0.0.0.0.0\"}}", "fwVersion is too long" },
	{ "{\"error\":0,\"data\":{\"otaUnlock\":\"true\"}}", "otaUnlock is neither" },
	{ "{\"error\":0,\"data\":{\"otaUnlock\":1}}", "otaUnlock is neither" },
	{ "{\"a\":[[[[[[[[]]]]]]]]}", "more than 8 levels deep" },
	{ "{\"error\":0,\"data\":\"[[[[[[[[[]]]]]]]]]\"}", "data: more than 8 levels deep" },
};
/* clang-format on */

TEST(bad_replies_say_what_is_wrong)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct devapi_reply reply;
		struct error err = { 0 };

		assert_false(devapi_parse_reply(
		    bad[i].text, strlen(bad[i].text), &reply, &err));
		if (strncmp(err.text, bad[i].why, strlen(bad[i].why)) != 0)
			fail_msg("%s: %s", bad[i].text, err.text);
	}
}

TEST(brackets_in_strings_are_not_levels)
{
	parse("{\"error\":0,\"x\":\"[[[[[[[[[[[[\\\"[[[[[[\\\\\"}");
	parse("{\"a\":[[[[[[[]]]]]]],\"b\":[[[[[[[]]]]]]]}");
}

/* clang-format off */
static const struct {
	enum devapi_call call;
	const char *reply;
	enum reason reason;
} meanings[] = {
	{ DEVAPI_INFO,   "{\"error\":0}",   REASON_NONE },
	{ DEVAPI_UNLOCK, "{\"error\":0}",   REASON_NONE },
	{ DEVAPI_FLASH,  "{\"error\":0}",   REASON_NONE },
	{ DEVAPI_INFO,   "{\"seq\":1}",     REASON_BAD_ANSWER },
	{ DEVAPI_FLASH,  "{\"seq\":1}",     REASON_BAD_ANSWER },
	{ DEVAPI_INFO,   "{\"error\":401}", REASON_NOT_DIY_MODE },
	{ DEVAPI_UNLOCK, "{\"error\":401}", REASON_NOT_DIY_MODE },
	{ DEVAPI_FLASH,  "{\"error\":401}", REASON_NOT_DIY_MODE },
	{ DEVAPI_INFO,   "{\"error\":0,\"encrypt\":true}", REASON_NOT_DIY_MODE },
	{ DEVAPI_INFO,   "{\"encrypt\":true,\"data\":\"x\"}", REASON_NOT_DIY_MODE },
	{ DEVAPI_INFO,   "{\"error\":400}", REASON_NOT_DIY_MODE },
	{ DEVAPI_INFO,   "{\"error\":404}", REASON_WRONG_DEVICE },
	{ DEVAPI_UNLOCK, "{\"error\":404}", REASON_WRONG_DEVICE },
	{ DEVAPI_FLASH,  "{\"error\":404}", REASON_WRONG_DEVICE },
	{ DEVAPI_INFO,   "{\"error\":422}", REASON_BAD_ANSWER },
	{ DEVAPI_INFO,   "{\"error\":503}", REASON_BAD_ANSWER },
	{ DEVAPI_SIGNAL, "{\"error\":1}",   REASON_BAD_ANSWER },
	{ DEVAPI_SIGNAL, "{\"error\":400}", REASON_BAD_ANSWER },
	{ DEVAPI_UNLOCK, "{\"error\":422}", REASON_UNLOCK_REFUSED },
	{ DEVAPI_UNLOCK, "{\"error\":500}", REASON_UNLOCK_REFUSED },
	{ DEVAPI_UNLOCK, "{\"error\":503}", REASON_UNLOCK_UNREACHABLE },
	{ DEVAPI_FLASH,  "{\"error\":403}", REASON_OFFER_REFUSED },
	{ DEVAPI_FLASH,  "{\"error\":408}", REASON_OFFER_REFUSED },
	{ DEVAPI_FLASH,  "{\"error\":413}", REASON_IMAGE_TOO_LARGE },
	{ DEVAPI_FLASH,  "{\"error\":422}", REASON_OFFER_REFUSED },
	{ DEVAPI_FLASH,  "{\"error\":424}", REASON_OFFER_REFUSED },
	{ DEVAPI_FLASH,  "{\"error\":471}", REASON_DIGEST_ERROR },
	{ DEVAPI_FLASH,  "{\"error\":-1}",  REASON_OFFER_REFUSED },
};
/* clang-format on */

TEST(each_answer_has_its_reason)
{
	for (size_t i = 0; i < COUNT(meanings); i++) {
		struct devapi_reply reply = parse(meanings[i].reply);

		assert_int_equal(devapi_reason(meanings[i].call, &reply),
		    meanings[i].reason);
	}
	assert_int_equal(devapi_verdict_reason(0), REASON_NONE);
	assert_int_equal(devapi_verdict_reason(404), REASON_DOWNLOAD_ERROR);
	assert_int_equal(devapi_verdict_reason(409), REASON_DIGEST_ERROR);
	assert_int_equal(devapi_verdict_reason(406), REASON_DEVICE_ERROR);
	assert_int_equal(devapi_verdict_reason(410), REASON_DEVICE_ERROR);
	assert_int_equal(devapi_verdict_reason(-7), REASON_DEVICE_ERROR);
}

TEST(each_answer_is_described)
{
	static const char *const cases[][2] = {
		{ "{\"error\":0,\"encrypt\":true}",
		    "its answer to info is encrypted" },
		{ "{\"seq\":1}", "its answer to info has no error" },
		{ "{\"error\":422}", "it answers info with error 422" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct devapi_reply reply = parse(cases[i][0]);
		char text[80];

		devapi_describe("info", &reply, text, sizeof(text));
		assert_string_equal(text, cases[i][1]);
	}
}

/* Where the device does not tell it, its form tells how old it is. */
TEST(the_firmware_is_what_the_device_tells_or_how_it_tells)
{
	static const struct {
		const char *reply;
		enum devapi_form form;
		const char *firmware;
	} cases[] = {
		{ "{\"error\":0,\"data\":{\"fwVersion\":\"3.5.0\"}}",
		    DEVAPI_WITH_ID, "3.5.0" },
		{ "{\"error\":0,\"data\":{\"fwVersion\":\"4\"}}",
		    DEVAPI_WITH_ID, "4" },
		{ "{\"error\":0,\"data\":{\"fwVersion\":\"3.1\"}}", DEVAPI_OLD,
		    "3.1" },
		{ "{\"error\":0,\"data\":{}}", DEVAPI_OLD, "3.0" },
		{ "{\"error\":0,\"data\":\"{}\"}", DEVAPI_OLD, "3.0" },
		{ "{\"error\":0,\"data\":\"{}\"}", DEVAPI_WITHOUT_ID, "3.3" },
		{ "{\"error\":0,\"data\":{}}", DEVAPI_WITHOUT_ID, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct devapi_reply reply = parse(cases[i].reply);

		assert_string_equal(
		    devapi_info_firmware(&reply.info, cases[i].form),
		    cases[i].firmware);
	}
}

TEST(a_plug_has_three_settings_and_none_of_a_lamp)
{
#define PLUG "\"switch\":\"on\",\"startup\":\"off\",\"pulse\":\"off\""
	static const struct {
		const char *data;
		bool is;
	} cases[] = {
		{ PLUG, true },
		{ PLUG ",\"pulseWidth\":500", true },
		{ "\"startup\":\"off\",\"pulse\":\"off\"", false },
		{ "\"switch\":\"on\",\"pulse\":\"off\"", false },
		{ "\"switch\":\"on\",\"startup\":\"off\"", false },
		{ "\"switch\":1,\"startup\":\"off\",\"pulse\":\"off\"", false },
		{ PLUG ",\"brightness\":1", false },
		{ PLUG ",\"mode\":1", false },
		{ PLUG ",\"ltype\":\"white\"", false },
		{ PLUG ",\"white\":{}", false },
		{ PLUG ",\"color\":{}", false },
		{ PLUG ",\"switches\":[]", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[200];

		snprintf(text, sizeof(text), "{\"error\":0,\"data\":{%s}}",
		    cases[i].data);
		assert_int_equal(parse(text).info.is_plug, cases[i].is);
	}
}

TEST(a_signal_is_a_number_of_decibels)
{
	static const struct {
		const char *value;
		bool has;
	} cases[] = { { "-1", true }, { "-128", true }, { "-127", true },
		{ "-129", false }, { "0", false }, { "1", false },
		{ "\"-40\"", false } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[100];
		struct devapi_reply reply;

		snprintf(text, sizeof(text),
		    "{\"error\":0,\"data\":{\"signalStrength\":%s}}",
		    cases[i].value);
		reply = parse(text);
		assert_int_equal(reply.info.has_rssi, cases[i].has);
		assert_int_equal(
		    reply.info.rssi, cases[i].has ? atoi(cases[i].value) : 0);
	}
}

TEST(numbers_of_a_reply_have_their_limits)
{
	struct devapi_reply reply;
	struct error err;
	static const char *const wrong[] = { "{\"error\":2147483648}",
		"{\"error\":-2147483649}", "{\"error\":0.5}",
		"{\"error\":\"0\"}" };

	assert_int_equal(parse("{\"error\":2147483647}").error, 2147483647);
	assert_int_equal(
	    parse("{\"error\":-2147483648}").error, -2147483647 - 1);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(devapi_parse_reply(
		    wrong[i], strlen(wrong[i]), &reply, &err));
	assert_true(parse("{\"error\":0,\"seq\":4294967295}").has_seq);
	assert_false(parse("{\"error\":0,\"seq\":4294967296}").has_seq);
	assert_true(parse("{\"error\":0,\"seq\":0}").has_seq);
	assert_false(parse("{\"error\":0,\"seq\":-1}").has_seq);
}

/* The bytes behind the object are part of the body, too. */
TEST(a_body_has_its_limit)
{
	static char body[DEVAPI_MAX_BODY + 1];
	struct devapi_reply reply;
	struct error err;

	memset(body, ' ', sizeof(body));
	memcpy(body, "{\"error\":0}", 11);
	assert_true(devapi_parse_reply(body, DEVAPI_MAX_BODY, &reply, &err));
	assert_false(
	    devapi_parse_reply(body, DEVAPI_MAX_BODY + 1, &reply, &err));
	assert_int_equal(err.code, EMSGSIZE);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
