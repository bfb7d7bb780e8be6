/* SPDX-License-Identifier: ISC */
/* Who may give orders: tokens, codes of links, sessions. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beside/web_link.h"
#include "web/http/web_tokens.h"

#include "unit/test.h"

#define NOW   1700000000
#define TOKEN "0123456789abcdef0123456789abcdef"
#define OTHER "0123456789abcdef0123456789abcdee"

static char path[] = "/tmp/test_web_tokens.XXXXXX";
static struct web_tokens *tokens;

static void
write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static int
set_up(void **state)
{
	(void)state;
	write_file(TOKEN "\n", 0640);
	tokens = web_tokens_new(path);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	web_tokens_free(tokens);
	unlink(path);
	return 0;
}

#define TOKEN_TEST(name) TEST_WITH(name, set_up, tear_down)

static enum web_tokens_verdict
judge_at(const char *bearer, int64_t now)
{
	char text[600];

	snprintf(text, sizeof(text), "Bearer %s", bearer);
	return web_tokens_check(tokens, text, now);
}

static enum web_tokens_verdict
judge(const char *bearer)
{
	return judge_at(bearer, NOW);
}

TOKEN_TEST(the_token_of_the_file_is_good_again_and_again)
{
	for (int i = 0; i < 10; i++)
		assert_int_equal(judge(TOKEN), WEB_TOKENS_GOOD);
	assert_int_equal(
	    web_tokens_check(tokens, "bearer  " TOKEN, NOW), WEB_TOKENS_GOOD);
}

TOKEN_TEST(nothing_else_is)
{
	static const char *const wrong[] = { NULL, "", "Bearer", "Bearer ",
		TOKEN, "Basic " TOKEN, "Bearer " OTHER, "Bearer " TOKEN "x",
		"Bearer x" TOKEN, "Bearer " TOKEN " " TOKEN };

	for (size_t i = 0; i < COUNT(wrong); i++)
		if (web_tokens_check(tokens, wrong[i], NOW + 60 * (int)i) !=
		    WEB_TOKENS_WRONG)
			fail_msg("%s", wrong[i]);
}

TOKEN_TEST(guesses_are_counted_and_the_right_token_stays_good)
{
	for (int i = 0; i < WEB_TOKENS_TRIES; i++)
		assert_int_equal(judge(OTHER), WEB_TOKENS_WRONG);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(judge(OTHER), WEB_TOKENS_TOO_MANY);
	assert_int_equal(judge(TOKEN), WEB_TOKENS_GOOD);
	assert_int_equal(judge_at(OTHER, NOW + 60), WEB_TOKENS_WRONG);
}

TOKEN_TEST(a_question_without_a_token_is_no_guess)
{
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
		    web_tokens_check(tokens, NULL, NOW), WEB_TOKENS_WRONG);
	assert_int_equal(judge(OTHER), WEB_TOKENS_WRONG);
}

TOKEN_TEST(a_code_of_a_link_is_good_once)
{
	char *code = web_link_make(TOKEN, NOW + WEB_LINK_SECONDS);
	char text[300];

	snprintf(text, sizeof(text), "Bearer %s", code);
	assert_int_equal(web_tokens_look(tokens, text, NOW), WEB_TOKENS_WRONG);
	assert_int_equal(judge(code), WEB_TOKENS_GOOD);
	assert_int_equal(judge(code), WEB_TOKENS_WRONG);
	free(code);
}

TOKEN_TEST(a_code_expires_and_is_of_this_token)
{
	static const struct {
		const char *token;
		int64_t expires;
		bool is_good;
	} cases[] = {
		{ TOKEN, NOW, true },
		{ TOKEN, NOW + WEB_LINK_SECONDS, true },
		{ TOKEN, NOW - 1, false },
		{ TOKEN, NOW + 24 * 60 * 60, false },
		{ OTHER, NOW + 1, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *code = web_link_make(cases[i].token, cases[i].expires);

		assert_int_equal(judge(code),
		    cases[i].is_good ? WEB_TOKENS_GOOD : WEB_TOKENS_WRONG);
		free(code);
	}
}

TOKEN_TEST(a_code_that_was_changed_is_wrong)
{
	char *code = web_link_make(TOKEN, NOW + 1);
	char nonce[WEB_LINK_NONCE_SIZE];
	size_t len = strlen(code);

	for (size_t i = 0; i < len; i++) {
		char was = code[i];

		code[i] = was == '0' ? '1' : '0';
		if (web_link_check(TOKEN, code, NOW, nonce))
			fail_msg("byte %zu of the code does not matter", i);
		code[i] = was;
	}
	assert_true(web_link_check(TOKEN, code, NOW, nonce));
	while (len-- > 0) {
		code[len] = '\0';
		assert_false(web_link_check(TOKEN, code, NOW, nonce));
	}
	free(code);
}

TOKEN_TEST(so_many_codes_are_remembered_that_none_is_good_twice)
{
	char *codes[200];
	unsigned good = 0;

	for (size_t i = 0; i < COUNT(codes); i++) {
		codes[i] = web_link_make(TOKEN, NOW + WEB_LINK_SECONDS);
		good += judge(codes[i]) == WEB_TOKENS_GOOD;
	}
	assert_in_range(good, 16, COUNT(codes));
	for (size_t i = 0; i < good; i++)
		assert_true(judge(codes[i]) != WEB_TOKENS_GOOD);
	for (size_t i = 0; i < COUNT(codes); i++)
		free(codes[i]);
}

TOKEN_TEST(a_session_ends_after_its_time)
{
	const char *session = web_tokens_begin(tokens, NOW);

	assert_non_null(session);
	assert_int_equal(judge(session), WEB_TOKENS_GOOD);
	assert_int_equal(
	    judge_at(session, NOW + WEB_TOKENS_SESSION_S - 1), WEB_TOKENS_GOOD);
	assert_int_equal(
	    judge_at(session, NOW + WEB_TOKENS_SESSION_S), WEB_TOKENS_WRONG);
}

TOKEN_TEST(of_many_sessions_the_oldest_ends)
{
	char first[100], last[100];

	snprintf(first, sizeof(first), "%s", web_tokens_begin(tokens, NOW));
	for (int i = 1; i < 16; i++)
		web_tokens_begin(tokens, NOW + i);
	assert_int_equal(judge_at(first, NOW + 16), WEB_TOKENS_GOOD);
	snprintf(last, sizeof(last), "%s", web_tokens_begin(tokens, NOW + 16));
	assert_int_equal(judge_at(first, NOW + 16), WEB_TOKENS_WRONG);
	assert_int_equal(judge_at(last, NOW + 16), WEB_TOKENS_GOOD);
}

TOKEN_TEST(without_a_fit_file_nobody_may)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *why;
	} cases[] = {
		{ TOKEN, 0666, "can be changed by everybody" },
		{ "", 0600, "its first line is no token" },
		{ "short\n", 0600, "its first line is no token" },
		{ "0123456789 0123456789 0123456789\n", 0600, "no token" },
	};
	struct error err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		write_file(cases[i].text, cases[i].mode);
		assert_int_equal(judge(TOKEN), WEB_TOKENS_NONE);
		assert_false(web_tokens_are_there(tokens, &err));
		assert_contains(err.text, cases[i].why);
	}
	unlink(path);
	assert_int_equal(judge(TOKEN), WEB_TOKENS_NONE);
	assert_false(web_tokens_are_there(tokens, &err));
	assert_int_equal(err.code, ENOENT);
}

TOKEN_TEST(a_file_that_all_can_read_is_told_of_and_used)
{
	assert_false(web_link_is_open(path));
	write_file(TOKEN "\n", 0644);
	assert_true(web_link_is_open(path));
	assert_int_equal(judge(TOKEN), WEB_TOKENS_GOOD);
}

TOKEN_TEST(another_token_in_the_file_counts_at_once)
{
	assert_int_equal(judge(TOKEN), WEB_TOKENS_GOOD);
	write_file(OTHER "\n", 0600);
	assert_int_equal(judge(TOKEN), WEB_TOKENS_WRONG);
	assert_int_equal(judge(OTHER), WEB_TOKENS_GOOD);
}

TEST(a_new_token_is_one_and_always_another)
{
	char *one = web_link_new_token(), *other = web_link_new_token();

	assert_true(strlen(one) >= WEB_LINK_MIN_TOKEN);
	assert_string_not_equal(one, other);
	free(one);
	free(other);
}

int
main(void)
{
	int fd = mkstemp(path);

	close(fd);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
