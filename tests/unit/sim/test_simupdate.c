/* SPDX-License-Identifier: ISC */
/* The updater of the simulated Tasmota: names, replies and files. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/image/firmware.h"
#include "sim/image/mkimage.h"
#include "sim/tasmota/update_name.h"
#include "sim/tasmota/update_reply.h"

#include "unit/test.h"

#define URL "http://10.0.0.1:8266/t/"

TEST(each_try_asks_for_its_file)
{
	static const struct {
		const char *name;
		unsigned try;
		bool minimal;
		const char *want; /* NULL: gives up */
	} cases[] = {
		{ "a.bin", 1, false, "a.bin" },
		{ "a.bin", 5, false, "a.bin" },
		{ "a.bin", 6, false, "a.bin.gz" },
		{ "a.bin", 9, false, "a.bin.gz" },
		{ "a.bin", 10, false, NULL },
		{ "a.bin.gz", 6, false, "a.bin.gz" },
		{ "a.bin.gz", 7, false, NULL },
		{ "tasmota.bin.gz", 2, true, "tasmota-minimal.bin.gz" },
		{ "tasmota-DE.bin.gz", 2, true, "tasmota-minimal.bin.gz" },
		{ "mini.bin", 2, true, "mini-minimal.bin" },
		{ "a-b-c.bin", 6, true, "a-b-minimal.bin" },
		{ "plain", 2, true, "plain-minimal" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char url[64] = URL, got[UPDATE_URL_SIZE];
		bool goes_on;

		strcat(url, cases[i].name);
		goes_on =
		    update_name_try(got, url, cases[i].try, cases[i].minimal);
		assert_int_equal(goes_on, cases[i].want != NULL);
		if (goes_on)
			assert_string_equal(got + strlen(URL), cases[i].want);
	}
}

TEST(a_dash_of_the_folder_is_none_of_the_name)
{
	char got[UPDATE_URL_SIZE];

	assert_true(update_name_try(got, "http://h/a-b/c.bin", 2, true));
	assert_string_equal(got, "http://h/a-b/c-minimal.bin");
}

TEST(an_url_needs_an_address_and_a_path)
{
	static const char *const bad[] = { "https://10.0.0.1/a", "10.0.0.1/a",
		"http://10.0.0.1", "http://ota.tasmota.com/a",
		"http://10.0.0.1:0/a", "http://10.0.0.1:x/a", "" };
	struct update_url u;

	assert_true(update_name_parse(&u, URL "a.bin"));
	assert_string_equal(u.path, "/t/a.bin");
	assert_string_equal(u.host, "10.0.0.1:8266");
	assert_int_equal(ntohs(u.server.sin_port), 8266);
	assert_true(update_name_parse(&u, "http://10.0.0.1/a"));
	assert_int_equal(ntohs(u.server.sin_port), 80);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(update_name_parse(&u, bad[i]));
}

static const char *
refusal(const char *head, unsigned long space)
{
	struct update_head h;

	assert_int_equal(
	    update_reply_read(head, strlen(head), &h), UPDATE_HEAD);
	return update_reply_refuse(&h, space);
}

TEST(only_a_200_with_a_length_will_do)
{
	assert_null(refusal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 5));
	assert_null(refusal("HTTP/1.0 200 OK\r\ncontent-length:5\r\n\r\n", 5));
	assert_string_equal(
	    refusal("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", 5),
	    UPDATE_NO_SPACE);
	assert_non_null(refusal("HTTP/1.1 200 OK\r\n\r\n", 5));
	assert_non_null(
	    refusal("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 5));
	assert_non_null(refusal(
	    "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\n", 5));
	assert_non_null(
	    refusal("HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\n", 5));
	assert_non_null(
	    refusal("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n", 5));
}

TEST(a_head_comes_in_pieces_and_ends_somewhere)
{
	static char long_head[UPDATE_HEAD_MAX + 2];
	struct update_head h;

	memset(long_head, 'x', sizeof(long_head));
	assert_int_equal(
	    update_reply_read("HTTP/1.1 200", 12, &h), UPDATE_MORE);
	assert_int_equal(update_reply_read("", 0, &h), UPDATE_MORE);
	assert_int_equal(
	    update_reply_read("SSH-2.0\r\n\r\n", 11, &h), UPDATE_BAD);
	assert_int_equal(
	    update_reply_read(long_head, sizeof(long_head), &h), UPDATE_BAD);
}

TEST(a_body_is_checked_before_it_boots)
{
	/* md5sum of e9 01 03 20 61 */
	static const unsigned char good[] = { 0xe9, 1, 3, 0x20, 'a' };
	static const unsigned char large[] = { 0xe9, 1, 3, 0x40, 'a' };
	struct update_head h = { .status = 200, .length = 5 };

	assert_null(update_reply_check(&h, good, 5));
	assert_non_null(update_reply_check(&h, good, 4));
	assert_non_null(update_reply_check(&h, large, 5));
	assert_non_null(
	    update_reply_check(&h, (const unsigned char *)"<html", 5));
	strcpy(h.md5, "00000000000000000000000000000000");
	assert_non_null(update_reply_check(&h, good, 5));
	strcpy(h.md5, "096cb9acfd3f6a14fbbedc4da517185e");
	assert_null(update_reply_check(&h, good, 5));
}

TEST(an_image_is_known_by_what_is_in_it)
{
	static const struct {
		const char *kind;
		enum firmware_kind is;
		const char *version, *variant;
	} cases[] = {
		{ "valid", FIRMWARE_TASMOTA, "14.2.0", "lite" },
		{ "tasmota-9.5", FIRMWARE_TASMOTA, "9.5.0", "lite" },
		{ "full", FIRMWARE_TASMOTA, "14.2.0", "tasmota" },
		{ "minimal", FIRMWARE_TASMOTA, "14.2.0", "minimal" },
		{ "minimal-mute", FIRMWARE_TASMOTA, "14.2.0", "minimal" },
		{ "esphome", FIRMWARE_ESPHOME, "2024.10.3", "" },
		{ "esphome-quiet", FIRMWARE_ESPHOME, "", "" },
		{ "unknown", FIRMWARE_UNKNOWN, "", "" },
		{ "gz", FIRMWARE_TASMOTA, "14.2.0", "lite" },
		{ "tasmota-full-gz", FIRMWARE_TASMOTA, "14.6.0", "tasmota" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned char *image;
		struct firmware f;
		size_t len;

		assert_true(mkimage(cases[i].kind, 0, 1, &image, &len));
		firmware_identify(&f, image, len);
		assert_int_equal(f.kind, cases[i].is);
		assert_string_equal(f.version, cases[i].version);
		assert_string_equal(f.variant, cases[i].variant);
		free(image);
	}
}

/* However the bytes are cut, a mark that lies across two pieces is seen. */
TEST(pieces_tell_the_same_as_the_whole)
{
	unsigned char *image;
	struct firmware f;
	size_t len;

	assert_true(mkimage("esphome", 0x8000, 1, &image, &len));
	for (size_t piece = 1; piece < 200; piece += 13) {
		struct firmware_scan s = { 0 };

		for (size_t at = 0; at < len; at += piece)
			firmware_feed(&s, image + at,
			    len - at < piece ? len - at : piece);
		firmware_finish(&s, &f);
		assert_int_equal(f.kind, FIRMWARE_ESPHOME);
		assert_string_equal(f.version, "2024.10.3");
	}
	free(image);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
