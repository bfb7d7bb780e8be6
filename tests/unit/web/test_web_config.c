/* SPDX-License-Identifier: ISC */
/* The keys of web.conf. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "beside/web_config.h"

#include "unit/test.h"

/* Read a text; the problems in one string. */
static struct web_config *
read_text(const char *text, char *wrong, size_t size)
{
	struct web_config *config = web_config_new();
	struct problems problems = { 0 };

	web_config_parse(config, text, strlen(text), "web.conf", &problems);
	web_config_check(config, &problems);
	wrong[0] = '\0';
	for (size_t i = 0; i < problems.count; i++)
		strncat(wrong, problems.text[i], size - strlen(wrong) - 1);
	problems_fini(&problems);
	return config;
}

TEST(by_default_it_is_for_this_machine_alone)
{
	char wrong[1000];
	struct web_config *config = read_text("", wrong, sizeof(wrong));
	char *url = web_config_url(config);

	assert_string_equal(wrong, "");
	assert_true(config->is_standard);
	assert_false(config->insecure_approve);
	assert_int_equal(config->address_count, 2);
	assert_true(config->addresses[0].is_loopback);
	assert_true(config->addresses[1].is_loopback);
	assert_string_equal(url, "http://127.0.0.1:8267");
	free(url);
	web_config_free(config);
}

TEST(the_address_of_ingress_is_as_those_of_browsers_are_written)
{
	char wrong[1000];
	struct web_config *config = read_text("", wrong, sizeof(wrong));

	assert_string_equal(config->ingress_address, "");
	web_config_free(config);
	config = read_text("[Server]\nIngress=FD00:0::0001\nIngressUsers=a b\n",
	    wrong, sizeof(wrong));
	assert_string_equal(wrong, "");
	assert_string_equal(config->ingress_address, "fd00::1");
	assert_int_equal(config->ingress_users.count, 2);
	web_config_free(config);
	config =
	    read_text("[Server]\nIngress=supervisor\n", wrong, sizeof(wrong));
	assert_non_null(strstr(wrong, "web.conf:2: Ingress=supervisor: "));
	assert_string_equal(config->ingress_address, "");
	web_config_free(config);
}

TEST(addresses_are_read)
{
	char wrong[1000];
	struct web_config *config =
	    read_text("[Server]\nListen=[fd00::1]:80 192.168.1.2:8267\n"
		      "Listen=/run/x.sock\n"
		      "AllowedHosts=a.example:80 [fd00::1] [FD00:0::2]:8443\n",
		wrong, sizeof(wrong));
	const struct sockaddr_in6 *sin6 =
	    (const void *)&config->addresses[0].tcp;

	assert_string_equal(wrong, "");
	assert_int_equal(config->address_count, 3);
	assert_int_equal(sin6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(sin6->sin6_port), 80);
	assert_false(config->addresses[0].is_loopback);
	assert_false(config->addresses[1].is_loopback);
	assert_string_equal(config->addresses[2].path, "/run/x.sock");
	assert_false(config->is_standard);
	web_config_free(config);
}

TEST(mistakes_have_their_place_and_a_sentence)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ "[Server]\nListen=8267\n",
		    "web.conf:2: Listen=8267: write an address and a port" },
		{ "[Server]\nListen=localhost:8267\n", "write an address" },
		{ "[Server]\nListen=127.0.0.1:0\n", "write an address" },
		{ "[Server]\nListen=127.0.0.1:99999\n", "write an address" },
		{ "[Server]\nListen=[::1:8267\n", "write an address" },
		{ "[Server]\nListen=::1:8267\n", "write an address" },
		{ "[Server]\nListen=/a /b /c /d /e /f /g /h /i\n",
		    "more than eight" },
		{ "[Server]\nAllowedHosts=http://page.example\n",
		    "AllowedHosts=http://page.example: write a name" },
		{ "[Server]\nAllowedHosts=fd00::1\n", "write a name" },
		{ "[Server]\nAllowedHosts=[fd00::1\n", "write a name" },
		{ "[Server]\nAllowedHosts=[fd00::1]8443\n", "write a name" },
		{ "[Server]\nAllowedHosts=[page.example]\n", "write a name" },
		{ "[Server]\nAllowedHosts=[fd00::1]:0\n", "write a name" },
		{ "[Server]\nAllowedHosts=page.example:x\n", "write a name" },
		{ "[Server]\nTokenFile=token\n", "web.conf:2: TokenFile=" },
		{ "[Server]\nInsecureApprove=maybe\n", "InsecureApprove=" },
		{ "[Server]\nPort=1\n", "there is no Port=" },
		{ "[Page]\nListen=1\n", "web.conf:1: " },
	};
	char wrong[1000];

	for (size_t i = 0; i < COUNT(cases); i++) {
		web_config_free(read_text(cases[i].text, wrong, sizeof(wrong)));
		assert_contains(wrong, cases[i].wrong);
	}
}

/* No browser can open "any address"; it is asked for on this machine. */
TEST(any_address_has_the_url_of_this_machine)
{
	static const struct {
		const char *text, *url;
	} cases[] = {
		{ "[Server]\nListen=0.0.0.0:80\n", "http://127.0.0.1:80" },
		{ "[Server]\nListen=[::]:81\n", "http://[::1]:81" },
		{ "[Server]\nListen=[::1]:82\n", "http://[::1]:82" },
		{ "[Server]\nListen=/x [fd00::1]:83\n", "http://[fd00::1]:83" },
	};
	char wrong[1000], *url;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct web_config *config =
		    read_text(cases[i].text, wrong, sizeof(wrong));

		url = web_config_url(config);
		assert_string_equal(url, cases[i].url);
		free(url);
		web_config_free(config);
	}
}

TEST(only_paths_have_no_url)
{
	char wrong[1000];
	struct web_config *config =
	    read_text("[Server]\nListen=/run/x.sock\n", wrong, sizeof(wrong));

	assert_null(web_config_url(config));
	web_config_free(config);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
