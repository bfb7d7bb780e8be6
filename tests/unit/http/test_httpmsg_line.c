/* SPDX-License-Identifier: ISC */
/* Lines, heads and dates of HTTP, each at its limits. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/http/httpdate.h"
#include "core/http/httphead.h"
#include "core/http/httpmsg.h"

#include "unit/test.h"

/* Each month and each day of the week, in each of the three forms. */
TEST(every_month_is_read_and_written)
{
	static const struct {
		const char *imf, *rfc850, *asctime;
		int64_t when;
	} cases[] = {
		{ "Thu, 01 Jan 1970 00:00:00 GMT",
		    "Thursday, 01-Jan-70 00:00:00 GMT",
		    "Thu Jan  1 00:00:00 1970", 0 },
		{ "Mon, 29 Feb 2016 12:34:56 GMT",
		    "Monday, 29-Feb-16 12:34:56 GMT",
		    "Mon Feb 29 12:34:56 2016", 1456749296 },
		{ "Wed, 31 Mar 2004 23:59:59 GMT",
		    "Wednesday, 31-Mar-04 23:59:59 GMT",
		    "Wed Mar 31 23:59:59 2004", 1080777599 },
		{ "Sun, 30 Apr 1995 09:09:09 GMT",
		    "Sunday, 30-Apr-95 09:09:09 GMT",
		    "Sun Apr 30 09:09:09 1995", 799232949 },
		{ "Tue, 05 May 2020 10:00:00 GMT",
		    "Tuesday, 05-May-20 10:00:00 GMT",
		    "Tue May  5 10:00:00 2020", 1588672800 },
		{ "Fri, 30 Jun 2000 01:02:03 GMT",
		    "Friday, 30-Jun-00 01:02:03 GMT",
		    "Fri Jun 30 01:02:03 2000", 962326923 },
		{ "Sat, 31 Jul 1999 00:00:01 GMT",
		    "Saturday, 31-Jul-99 00:00:01 GMT",
		    "Sat Jul 31 00:00:01 1999", 933379201 },
		{ "Mon, 31 Aug 2015 00:00:00 GMT",
		    "Monday, 31-Aug-15 00:00:00 GMT",
		    "Mon Aug 31 00:00:00 2015", 1440979200 },
		{ "Tue, 30 Sep 2008 00:00:00 GMT",
		    "Tuesday, 30-Sep-08 00:00:00 GMT",
		    "Tue Sep 30 00:00:00 2008", 1222732800 },
		{ "Wed, 31 Oct 2001 00:00:00 GMT",
		    "Wednesday, 31-Oct-01 00:00:00 GMT",
		    "Wed Oct 31 00:00:00 2001", 1004486400 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT",
		    "Sunday, 06-Nov-94 08:49:37 GMT",
		    "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Tue, 31 Dec 2069 23:59:59 GMT",
		    "Tuesday, 31-Dec-69 23:59:59 GMT",
		    "Tue Dec 31 23:59:59 2069", 3155759999 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[HTTPDATE_SIZE];
		time_t when = -1;

		print_message("  %s\n", cases[i].imf);
		if (cases[i].when > INT32_MAX && sizeof(when) == 4) {
			assert_false(httpdate_parse(cases[i].imf, &when));
			continue;
		}
		assert_string_equal(
		    httpdate_format(text, (time_t)cases[i].when), cases[i].imf);
		assert_true(httpdate_parse(cases[i].imf, &when));
		assert_int_equal(when, cases[i].when);
		assert_true(httpdate_parse(cases[i].rfc850, &when));
		assert_int_equal(when, cases[i].when);
		assert_true(httpdate_parse(cases[i].asctime, &when));
		assert_int_equal(when, cases[i].when);
	}
}

TEST(a_date_that_is_none_is_refused)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "Sun, 06 Nov 1994 23:00:00 GMT", true },
		{ "Sun, 06 Nov 1994 24:00:00 GMT", false },
		{ "Sun, 06 Nov 1994 00:59:00 GMT", true },
		{ "Sun, 06 Nov 1994 00:60:00 GMT", false },
		{ "Sun, 06 Nov 1994 00:00:60 GMT", true }, /* leap */
		{ "Sun, 06 Nov 1994 00:00:61 GMT", false },
		{ "Sun, 06 Nov 1994 24:00:61 GMT", false },
		{ "Sun, 30 Nov 1994 00:00:00 GMT", true },
		{ "Sun, 31 Nov 1994 00:00:00 GMT", false },
		{ "Sun, 00 Nov 1994 00:00:00 GMT", false },
		{ "Sun, 29 Feb 1995 00:00:00 GMT", false },
		{ "Sun, 06 Nox 1994 00:00:00 GMT", false },
		{ "Sun, 06 Noz 1994 00:00:00 GMT", false },
		{ "Sun, 06 nov 1994 00:00:00 GMT", false },
		/* Any name of a day will do, if it is letters. */
		{ "azA, 06 Nov 1994 00:00:00 GMT", true },
		{ "ZaZ, 06 Nov 1994 00:00:00 GMT", true },
		{ "a`a, 06 Nov 1994 00:00:00 GMT", false },
		{ "a{a, 06 Nov 1994 00:00:00 GMT", false },
		{ "a@a, 06 Nov 1994 00:00:00 GMT", false },
		{ "a[a, 06 Nov 1994 00:00:00 GMT", false },
		{ "Sun, 0/ Nov 1994 00:00:00 GMT", false },
		{ "Sun, 0: Nov 1994 00:00:00 GMT", false },
		{ "Sun, 06 Nov 1994 00:00:00 GMT ", false },
		{ "Sun, 06 Nov 1994 00:00:00 GM", false },
		{ "Sun, 06 Nov 1994 00:00:00 UTC", false },
		/* The days have six to nine letters there. */
		{ "Sunda, 06-Nov-94 00:00:00 GMT", false },
		{ "Sunday, 06-Nov-94 00:00:00 GMT", true },
		{ "Wednesday, 06-Nov-94 00:00:00 GMT", true },
		{ "Wednesdayy, 06-Nov-94 00:00:00 GMT", false },
		{ "Sun Nov  6 00:00:00 1994", true },
		{ "Sun Nov 06 00:00:00 1994", true },
		{ "Sun Nov x6 00:00:00 1994", false },
		{ "", false },
		{ ",", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		time_t when;

		print_message("  %s\n", cases[i].text);
		assert_int_equal(
		    httpdate_parse(cases[i].text, &when), cases[i].is);
	}
}

/* RFC 850 has two digits: from 70 on they are of the last century. */
TEST(two_digits_of_a_year_mean_the_nearest)
{
	static const struct {
		const char *text;
		const char *imf;
	} cases[] = {
		{ "Sunday, 02-Jan-38 03:04:05 GMT",
		    "Sat, 02 Jan 2038 03:04:05 GMT" },
		{ "Sunday, 02-Jan-68 03:04:05 GMT",
		    "Mon, 02 Jan 2068 03:04:05 GMT" },
		{ "Sunday, 02-Jan-69 03:04:05 GMT",
		    "Wed, 02 Jan 2069 03:04:05 GMT" },
		{ "Sunday, 02-Jan-70 03:04:05 GMT",
		    "Fri, 02 Jan 1970 03:04:05 GMT" },
		{ "Sunday, 02-Jan-71 03:04:05 GMT",
		    "Sat, 02 Jan 1971 03:04:05 GMT" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[HTTPDATE_SIZE];
		time_t when;

		/* With 32 bits there is no time after 2038. */
		if (sizeof(when) == 4 && strstr(cases[i].imf, " 206") != NULL) {
			assert_false(httpdate_parse(cases[i].text, &when));
			continue;
		}
		assert_true(httpdate_parse(cases[i].text, &when));
		assert_string_equal(httpdate_format(text, when), cases[i].imf);
	}
}

TEST(a_year_has_four_digits)
{
	static const struct {
		long long when;
		const char *text;
	} cases[] = {
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ 253402300800, "" },
		{ 67768036191676799, "" }, /* the last that struct tm has */
		{ -62135596800, "Mon, 01 Jan 0001 00:00:00 GMT" },
		{ -62135596801, "" },
	};

	if (sizeof(time_t) == 4)
		skip_because("time_t has 32 bits");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[HTTPDATE_SIZE] = "xx";

		assert_string_equal(
		    httpdate_format(text, (time_t)cases[i].when),
		    cases[i].text);
	}
}

TEST(a_status_line_has_its_form)
{
	static const struct {
		const char *line;
		bool is;
		int status;
		unsigned minor;
	} cases[] = {
		{ "HTTP/1.1 200 OK", true, 200, 1 },
		{ "HTTP/1.0 404", true, 404, 0 },
		{ "HTTP/1.9 999 ", true, 999, 9 },
		{ "HTTP/1.1 000", true, 0, 1 },
		{ "HTTP/1.1 20", false, 0, 0 },
		{ "HTTP/1.1 2000", false, 0, 0 },
		{ "HTTP/1.1 2x0", false, 0, 0 },
		{ "HTTP/1.1 2:0", false, 0, 0 },
		{ "HTTP/1.1 2/0", false, 0, 0 },
		{ "HTTP/1.1  200", false, 0, 0 },
		{ "HTTP/1.1200", false, 0, 0 },
		{ "HTTP/1.x 200", false, 0, 0 },
		{ "HTTP/1.11 200", false, 0, 0 },
		{ "HTTP/2.0 200", false, 0, 0 },
		{ "HTTP/1:1 200", false, 0, 0 },
		{ "http/1.1 200", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int status = -1;
		unsigned minor = 77;

		print_message("  %s\n", cases[i].line);
		assert_int_equal(
		    httpmsg_line_read_status(cases[i].line, &status, &minor),
		    cases[i].is);
		if (cases[i].is) {
			assert_int_equal(status, cases[i].status);
			assert_int_equal(minor, cases[i].minor);
		}
	}
}

TEST(a_header_is_a_token_a_colon_and_text)
{
	static const struct {
		const char *line;
		bool is;
	} cases[] = {
		{ "Host: x", true },
		{ "a:", true },
		{ "a:\tb", true },
		{ "a: \xc3\xbc", true },
		{ "!#$%&'*+-.^_`|~09azAZ: x", true },
		{ ": x", false },
		{ "Host", false },
		{ "", false },
		{ "Ho st: x", false },
		{ "Host : x", false },
		{ "Ho(st: x", false },
		{ "(: x", false },
		{ "\xc3\xbc: x", false },
		{ "a: \x01", false },
		{ "a: b\r", false },
		{ "a: \x7f", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    httpmsg_line_is_header(cases[i].line), cases[i].is);
}

TEST(a_value_is_found_by_its_name)
{
	static const struct {
		const char *line, *value;
	} cases[] = {
		{ "Length: 5", "5" },
		{ "length:5", "5" },
		{ "LENGTH: \t 5 ", "5 " },
		{ "Length:", "" },
		{ "Lengths: 5", NULL },
		{ "Lengt: 5", NULL },
		{ "Length 5", NULL },
		{ "xLength: 5", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *value =
		    httpmsg_line_find_value(cases[i].line, "Length");

		if (cases[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, cases[i].value);
	}
}

TEST(a_chunk_has_up_to_eight_digits)
{
	static const struct {
		const char *line;
		bool is;
		uint32_t size;
	} cases[] = {
		{ "0", true, 0 },
		{ "a", true, 10 },
		{ "1F", true, 31 },
		{ "ffffffff", true, 0xffffffff },
		{ "00000001", true, 1 },
		{ "000000001", false, 0 },
		{ "5;name=value", true, 5 },
		{ "5 ", true, 5 },
		{ "5\t;x", true, 5 },
		{ "5x", false, 0 },
		{ "5g", false, 0 },
		{ "", false, 0 },
		{ ";x", false, 0 },
		{ "5;\x01", false, 0 },
		{ "-5", false, 0 },
		{ "0x5", false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t size = 77;

		print_message("  %s\n", cases[i].line);
		assert_int_equal(
		    httpmsg_line_read_chunk_size(cases[i].line, &size),
		    cases[i].is);
		assert_int_equal(size, cases[i].is ? cases[i].size : 77);
	}
}

TEST(each_status_has_its_line)
{
	static const struct {
		int status;
		const char *line;
	} cases[] = {
		{ 200, "HTTP/1.1 200 OK\r\n" },
		{ 206, "HTTP/1.1 206 Partial Content\r\n" },
		{ 304, "HTTP/1.1 304 Not Modified\r\n" },
		{ 400, "HTTP/1.1 400 Bad Request\r\n" },
		{ 404, "HTTP/1.1 404 Not Found\r\n" },
		{ 412, "HTTP/1.1 412 Precondition Failed\r\n" },
		{ 416, "HTTP/1.1 416 Range Not Satisfiable\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct httphead head;

		memset(&head, 'x', sizeof(head));
		httphead_begin(&head, cases[i].status);
		assert_string_equal(head.text, cases[i].line);
		assert_int_equal(head.len, strlen(cases[i].line));
	}
}

TEST(headers_follow_one_another)
{
	struct httphead head;

	memset(&head, 'x', sizeof(head));
	httphead_begin(&head, 200);
	httphead_add(&head, "Name", "value");
	httphead_add_number(&head, "Zero", 0);
	httphead_add_number(&head, "Nine", 9);
	httphead_add_number(&head, "Ten", 10);
	httphead_add_number(&head, "Most", UINT64_MAX);
	assert_string_equal(head.text,
	    "HTTP/1.1 200 OK\r\nName: value\r\nZero: 0\r\nNine: 9\r\n"
	    "Ten: 10\r\nMost: 18446744073709551615\r\n");
	assert_int_equal(head.len, strlen(head.text));
	while (head.len < sizeof(head.text) - 1)
		httphead_text(&head, "x"); /* up to its end */
	assert_int_equal(strlen(head.text), sizeof(head.text) - 1);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
