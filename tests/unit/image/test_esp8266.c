/* SPDX-License-Identifier: ISC */
/* Images of our own, with each limit at, below and above it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/image/esp8266.h"

#include "unit/test.h"

#define IRAM  0x40100000u
#define RAM   0x3ffe8000u
#define FLASH 0x40200000u

struct part {
	uint32_t address, size;
};

static unsigned char made[0x40000];
static size_t made_len;

static void
write32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

/* The first part is where the entry point is, unless that is changed. */
static void
make(const struct part *parts, size_t count)
{
	unsigned char sum = 0xef, *p = made + 8;
	size_t last;

	memset(made, 0, sizeof(made));
	made[0] = 0xe9;
	made[1] = (unsigned char)count;
	made[2] = 3;
	made[3] = 0x2f;
	write32(made + 4, parts[0].address);
	for (size_t i = 0; i < count; i++) {
		write32(p, parts[i].address);
		write32(p + 4, parts[i].size);
		for (uint32_t n = 0; n < parts[i].size; n++)
			sum ^= p[8 + n] = (unsigned char)(n * 7 + i);
		p += 8 + parts[i].size;
	}
	last = (size_t)(p - made) | 15;
	made[last] = sum;
	made_len = last + 1;
}

/* In memory of just that size; "" where it is one. */
static const char *
parse_part(size_t len, struct esp8266_image *image)
{
	static struct error err;
	unsigned char *data = malloc(len + (len == 0));

	memcpy(data, made, len);
	err.text[0] = '\0';
	if (esp8266_parse(data, len, 0, image, &err))
		err.text[0] = '\0';
	else
		assert_true(err.text[0] != '\0');
	free(data);
	return err.text;
}

static const char *
parse(void)
{
	struct esp8266_image image;

	return parse_part(made_len, &image);
}

TEST(all_that_is_in_a_header_is_read)
{
	static const struct part parts[] = { { IRAM + 16, 32 }, { RAM, 20 } };
	struct esp8266_image image;

	make(parts, 2);
	assert_string_equal(parse_part(made_len, &image), "");
	assert_int_equal(image.mode, 3);
	assert_int_equal(image.flash_size, 2);
	assert_int_equal(image.clock, 15);
	assert_int_equal(image.entry, IRAM + 16);
	assert_int_equal(image.segment_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(image.segments[i].address, parts[i].address);
		assert_int_equal(image.segments[i].size, parts[i].size);
	}
	assert_int_equal(image.segments[0].offset, 16);
	assert_int_equal(image.segments[1].offset, 16 + 32 + 8);
	assert_int_equal(image.computed, image.stored);
	assert_true(image.padded);
	assert_int_equal(image.end, made_len);
	made[76] = 1; /* right behind the last segment */
	parse_part(made_len, &image);
	assert_false(image.padded);
	made[76] = 0;
	made[78] = 1; /* right in front of the sum */
	parse_part(made_len, &image);
	assert_false(image.padded);
	made[78] = 0;
	made[20] ^= 0x40;
	parse_part(made_len, &image);
	assert_int_equal(image.computed, image.stored ^ 0x40);
	assert_true(image.padded);
}

/* Its sum is the last byte of a block of 16, at the 16th at the latest. */
TEST(the_sum_ends_a_block_of_16)
{
	for (uint32_t size = 4; size <= 40; size += 4) {
		const struct part part = { IRAM, size };
		struct esp8266_image image;
		size_t end = (16 + size + 16) / 16 * 16;

		make(&part, 1);
		assert_int_equal(made_len, end);
		assert_string_equal(parse_part(end, &image), "");
		assert_int_equal(image.end, end);
		assert_string_equal(parse_part(end + 1, &image), "");
		assert_string_equal(parse_part(end - 1, &image),
		    "the file ends in front of its checksum");
	}
}

TEST(a_file_that_is_cut_is_no_image)
{
	static const struct part parts[] = { { IRAM, 32 }, { RAM, 20 } };
	struct esp8266_image image;

	make(parts, 2);
	for (size_t len = 0; len < made_len; len++) {
		const char *why = parse_part(len, &image);

		if (len < 8)
			assert_string_equal(
			    why, "the file ends in front of it");
		else if (len < 16)
			assert_string_equal(
			    why, "segment 1: the file ends in front of it");
		else if (len < 48)
			assert_contains(why, "segment 1: it has 32");
		else if (len < 56)
			assert_string_equal(
			    why, "segment 2: the file ends in front of it");
		else if (len < 76)
			assert_contains(why, "segment 2: it has 20");
		else
			assert_string_equal(
			    why, "the file ends in front of its checksum");
	}
}

TEST(one_to_sixteen_segments_are_an_image)
{
	struct part parts[17];

	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i] = (struct part){ IRAM + 16 * (uint32_t)i, 16 };
	for (size_t count = 1; count <= 17; count++) {
		make(parts, count);
		assert_string_equal(
		    parse(), count <= 16 ? "" : "it claims 17 segments");
	}
	make(parts, 1);
	made[1] = 0;
	assert_string_equal(parse(), "it claims 0 segments");
	make(parts, 1);
	made[0] = 0xe8;
	assert_string_equal(parse(), "it begins with 0xe8 instead of 0xe9");
}

TEST(a_segment_lies_in_one_memory)
{
	static const struct {
		struct part part;
		bool is;
	} cases[] = {
		{ { 0x3ffe8000, 16 }, true },
		{ { 0x3ffe7ffc, 16 }, false },
		{ { 0x3ffffffc, 4 }, true },
		{ { 0x3ffffff8, 8 }, true },
		{ { 0x3ffffffc, 8 }, false },
		{ { 0x40000000, 4 }, false },
		{ { 0x40100000, 16 }, true },
		{ { 0x400ffffc, 16 }, false },
		{ { 0x4010fffc, 4 }, true },
		{ { 0x4010fff8, 8 }, true },
		{ { 0x4010fffc, 8 }, false },
		{ { 0x40110000, 4 }, false },
		{ { 0x401ffffc, 8 }, false },
		{ { 0x40300000, 4 }, false },
		{ { 0, 4 }, false },
		{ { 0xfffffffc, 4 }, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		/* A part of IRAM that none of them touches has the entry. */
		const struct part parts[] = { { 0x40108000, 16 },
			cases[i].part };
		const char *why;

		make(parts, 2);
		why = parse();
		print_message("  %08x %u: %s\n", cases[i].part.address,
		    cases[i].part.size, why);
		if (cases[i].is)
			assert_string_equal(why, "");
		else
			assert_contains(
			    why, "are outside the memory of an ESP8266");
	}
}

TEST(a_segment_begins_at_a_word_and_may_be_empty)
{
	for (uint32_t odd = 0; odd < 8; odd++) {
		const struct part parts[] = { { IRAM, 16 }, { RAM + odd, 16 } };
		const struct part empty[] = { { IRAM, 16 }, { odd, 0 } };

		make(parts, 2);
		if (odd % 4 == 0)
			assert_string_equal(parse(), "");
		else
			assert_contains(parse(), "is not aligned");
		make(empty, 2);
		assert_string_equal(parse(), "");
	}
}

/* It is not copied: it must lie where it will be seen. */
TEST(a_segment_in_flash_lies_where_it_is_meant_for)
{
	struct part parts[] = { { IRAM, 16 }, { FLASH + 16 + 16 + 8, 16 } };

	make(parts, 2);
	assert_string_equal(parse(), "");
	parts[1].address += 4;
	make(parts, 2);
	assert_string_equal(parse(),
	    "segment 2: it is meant for flash address 0x00002c but lies at "
	    "0x000028");
	parts[1].address -= 8;
	make(parts, 2);
	assert_string_equal(parse(),
	    "segment 2: it is meant for flash address 0x000024 but lies at "
	    "0x000028");
	for (uint32_t at = FLASH - 1; at <= FLASH; at++)
		assert_int_equal(esp8266_in_flash(&(struct esp8266_segment){
				     .address = at }),
		    at >= FLASH);
	for (uint32_t at = 0x402fffff; at <= 0x40300000; at++)
		assert_int_equal(esp8266_in_flash(&(struct esp8266_segment){
				     .address = at }),
		    at < 0x40300000);
}

TEST(no_segment_may_overwrite_another)
{
	static const struct {
		struct part first, second;
		bool overlap;
	} cases[] = {
		{ { IRAM + 64, 32 }, { IRAM + 96, 16 }, false },
		{ { IRAM + 64, 32 }, { IRAM + 92, 16 }, true },
		{ { IRAM + 64, 32 }, { IRAM + 48, 16 }, false },
		{ { IRAM + 64, 32 }, { IRAM + 48, 20 }, true },
		{ { IRAM + 64, 32 }, { IRAM + 64, 32 }, true },
		{ { IRAM + 64, 32 }, { IRAM + 72, 4 }, true },
		{ { IRAM + 64, 32 }, { IRAM, 128 }, true },
		{ { IRAM + 64, 32 }, { IRAM + 72, 1 }, true },
		{ { IRAM + 64, 32 }, { IRAM + 72, 0 }, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct part parts[] = { cases[i].first, { RAM, 16 },
			cases[i].second };

		make(parts, 3);
		assert_string_equal(parse(),
		    cases[i].overlap ? "segment 3: it would overwrite segment 1"
				     : "");
	}
}

TEST(the_first_instruction_is_in_what_was_loaded)
{
	static const struct part parts[] = { { IRAM + 64, 32 }, { RAM, 32 },
		{ IRAM, 0 } };
	static const struct {
		uint32_t entry;
		bool is;
	} cases[] = {
		{ IRAM + 64, true },
		{ IRAM + 60, false },
		{ IRAM + 68, true },
		{ IRAM + 65, false },
		{ IRAM + 66, false },
		{ IRAM + 92, true },
		{ IRAM + 96, false },
		{ RAM, false }, /* no code is run there */
		{ IRAM, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why;

		make(parts, 3);
		write32(made + 4, cases[i].entry);
		why = parse();
		if (cases[i].is)
			assert_string_equal(why, "");
		else
			assert_contains(why, "is not in what it loads");
	}
	/* Nor in flash, which nobody has switched on yet. */
	make((const struct part[]){ { FLASH + 16, 32 } }, 1);
	assert_contains(parse(), "is not in what it loads");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
