/* SPDX-License-Identifier: ISC */
/* Manifests of ESP Web Tools: the file for an ESP8266, or what is wrong. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/source/manifest.h"

#include "unit/test.h"

#define MD5 "900150983cd24fb0d6963f7d28e17f72"

static bool
parse(const char *text, struct manifest *out, struct error *err)
{
	return manifest_parse(text, strlen(text), out, err);
}

TEST(good_manifests_name_their_file)
{
	static const struct {
		const char *text, *path, *md5;
	} cases[] = {
		{ "{\"name\":\"Garage\",\"version\":\"2026.6.0\",\"builds\":["
		  "{\"chipFamily\":\"ESP32\",\"parts\":[]},"
		  "{\"chipFamily\":\"ESP8266\",\"ota\":{\"path\":\"fw.bin\","
		  "\"md5\":\"900150983CD24FB0D6963F7D28E17F72\"},"
		  "\"parts\":[{\"path\":\"all.bin\",\"offset\":0}]}]}",
		    "fw.bin", MD5 },
		{ "{\"builds\":[{\"chipFamily\":\"ESP8266\",\"parts\":[{"
		  "\"path\":\"../fw.bin?v=1\",\"offset\":0}]}]}",
		    "../fw.bin?v=1", "" },
		{ "{\"builds\":[{\"chipFamily\":\"esp8266\",\"ota\":null,"
		  "\"parts\":[{\"path\":\"https://h/fw.bin\"}]}]}",
		    "https://h/fw.bin", "" },
		{ "{\"builds\":[{\"chipFamily\":\"ESP8266\",\"ota\":{"
		  "\"path\":\"/x/fw.bin\",\"md5\":null}}]}",
		    "/x/fw.bin", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct manifest manifest;
		struct error err = { 0 };

		if (!parse(cases[i].text, &manifest, &err))
			fail_msg("%s", err.text);
		assert_string_equal(manifest.path, cases[i].path);
		assert_string_equal(manifest.md5, cases[i].md5);
	}
}

TEST(name_and_version_are_for_people)
{
	struct manifest manifest;
	struct error err;

	assert_true(parse("{\"name\":\"Gar\\u001bage\",\"version\":\"1.0\","
			  "\"builds\":[{\"chipFamily\":\"ESP8266\",\"parts\":"
			  "[{\"path\":\"a\"}]}]}",
	    &manifest, &err));
	assert_string_equal(manifest.name, "Gar\\x1bage");
	assert_string_equal(manifest.version, "1.0");
}

#define BUILD(rest) "{\"builds\":[{\"chipFamily\":\"ESP8266\"," rest "}]}"

TEST(every_wrong_form_has_its_sentence)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "the manifest: not JSON, but nothing" },
		{ "<html>", "the manifest: not JSON, but a web page" },
		{ "[]", "the manifest: JSON, but no object" },
		{ "{", "the manifest: not JSON" },
		{ "{\"a\":1,\"a\":2}", "the manifest: not JSON" },
		{ "[[[[[[[[[[[[[[[[", "levels deep" },
		{ "{}", "no list \"builds\"" },
		{ "{\"builds\":{}}", "no list \"builds\"" },
		{ "{\"builds\":[]}",
		    "no build for the ESP8266, only for: nothing" },
		{ "{\"builds\":[7,{\"chipFamily\":\"ESP32\"},"
		  "{\"chipFamily\":\"ESP32-C3\"}]}",
		    "only for: ESP32, ESP32-C3" },
		{ "{\"builds\":[{\"chipFamily\":\"ESP8266\"},"
		  "{\"chipFamily\":\"ESP8266\"}]}",
		    "2 builds for the ESP8266" },
		{ BUILD("\"x\":1"), "neither \"ota\" nor \"parts\"" },
		{ BUILD("\"parts\":[]"), "neither \"ota\" nor \"parts\"" },
		{ BUILD("\"parts\":\"x\""), "neither \"ota\" nor \"parts\"" },
		{ BUILD("\"parts\":[{\"path\":\"a\",\"offset\":0},"
			"{\"path\":\"b\",\"offset\":65536}]"),
		    "has 2 parts" },
		{ BUILD("\"parts\":[{\"path\":\"a\",\"offset\":4096}]"),
		    "does not begin at offset 0" },
		{ BUILD("\"parts\":[{\"path\":\"a\",\"offset\":\"0\"}]"),
		    "does not begin at offset 0" },
		{ BUILD("\"parts\":[{\"offset\":0}]"), "does not say where" },
		{ BUILD("\"parts\":[7]"), "does not say where" },
		{ BUILD("\"ota\":7"), "\"ota\" in the manifest is not" },
		{ BUILD("\"ota\":{}"), "does not say where" },
		{ BUILD("\"ota\":{\"path\":7}"), "does not say where" },
		{ BUILD("\"ota\":{\"path\":\"\"}"), "does not say where" },
		{ BUILD("\"ota\":{\"path\":\"a b\"}"), "has a blank" },
		{ BUILD("\"ota\":{\"path\":\"a\\nb\"}"), "has a blank" },
		{ BUILD("\"ota\":{\"path\":\"caf\\u00e9\"}"), "has a blank" },
		{ BUILD("\"ota\":{\"path\":\"file:///etc/passwd\"}"),
		    "is no place on the web: file:///etc/passwd" },
		{ BUILD("\"ota\":{\"path\":\"javascript:x\"}"),
		    "is no place on the web" },
		{ BUILD("\"ota\":{\"path\":\"a\",\"md5\":7}"),
		    "md5 in the manifest is not 32" },
		{ BUILD("\"ota\":{\"path\":\"a\",\"md5\":\"9001\"}"),
		    "md5 in the manifest is not 32" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct manifest manifest;
		struct error err = { 0 };

		print_message("  %s\n", cases[i].text);
		assert_false(parse(cases[i].text, &manifest, &err));
		assert_contains(err.text, cases[i].why);
	}
}

TEST(what_is_too_long_is_refused)
{
	static char text[MANIFEST_MAX + 2];
	struct manifest manifest;
	struct error err;

	memset(text, ' ', sizeof(text) - 1);
	assert_false(parse(text, &manifest, &err));
	assert_contains(err.text, "more than 65536 bytes");
	snprintf(
	    text, sizeof(text), BUILD("\"ota\":{\"path\":\"%01030d\"}"), 0);
	assert_false(parse(text, &manifest, &err));
	assert_contains(err.text, "longer than 1024 bytes");
}

TEST(an_object_may_be_a_manifest)
{
	assert_true(manifest_is_likely("{", 1));
	assert_true(manifest_is_likely(" \r\n\t{}", 6));
	assert_false(manifest_is_likely("", 0));
	assert_false(manifest_is_likely("  ", 2));
	assert_false(manifest_is_likely("\xe9{", 2));
	assert_false(manifest_is_likely("[{", 2));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
