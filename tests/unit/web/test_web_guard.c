/* SPDX-License-Identifier: ISC */
/* Which requests are for the page, and from it. */
#include "config.h"

#include "web/http/web_guard.h"

#include "unit/test.h"

static const char *const names[] = { "page.example", "Other.example:8443",
	"[FD00:0::9]", "[fd00::8]:8443" };
static const struct strlist allowed = { (char **)(uintptr_t)names, 4 };
static const struct web_guard guard = { &allowed, "server.lan" };

TEST(a_name_or_an_address_of_ours_is_let_in)
{
	static const struct {
		const char *host, *local;
		bool is_ours;
	} cases[] = {
		{ "localhost", NULL, true },
		{ "localhost:8267", "127.0.0.1", true },
		{ "LOCALHOST:8267", "127.0.0.1", true },
		{ "127.0.0.1:8267", NULL, true },
		{ "127.1.2.3", NULL, true },
		{ "[::1]:8267", NULL, true },
		{ "192.168.1.2:8267", "192.168.1.2", true },
		{ "192.168.1.2", "192.168.1.2", true },
		{ "[fd00::2]:8267", "fd00::2", true },
		{ "[FD00:0::2]:8267", "fd00::2", true },
		{ "server.lan", NULL, true },
		{ "server", NULL, true },
		{ "server.local:8267", NULL, true },
		{ "page.example", NULL, true },
		{ "page.example:8267", NULL, true },
		{ "other.example", NULL, true },
		{ "[fd00::9]", NULL, true },
		{ "[fd00:0:0::8]:8443", NULL, true },
		{ NULL, NULL, false },
		{ "", NULL, false },
		{ ":8267", NULL, false },
		{ "evil.test", "192.168.1.2", false },
		{ "192.168.1.3", "192.168.1.2", false },
		{ "192.168.1.2", NULL, false },
		{ "192.168.1.2.evil.test", "192.168.1.2", false },
		{ "localhost.evil.test", NULL, false },
		{ "localhost.", NULL, false },
		{ "server.evil.test", NULL, false },
		{ "server.lan.evil.test", NULL, false },
		{ "server.local.evil.test", NULL, false },
		{ "serverlocal", NULL, false },
		{ "serve", NULL, false },
		{ "evil.page.example", NULL, false },
		{ "page.example@evil.test", NULL, false },
		{ "page.example/", NULL, false },
		{ "page.example:0", NULL, false },
		{ "page.example:80:80", NULL, false },
		{ "page.example:65536", NULL, false },
		{ "page.example:", NULL, false },
		{ "[::1", NULL, false },
		{ "[::1]x", NULL, false },
		{ "::1", NULL, false },
		{ "[localhost]", NULL, false },
		{ "[fd00::7]", NULL, false },
		{ "[fd00::3]:8267", "fd00::2", false },
		{ "2130706433", NULL, false },
		{ "0177.0.0.1", NULL, false },
		{ "0.0.0.0", NULL, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (web_guard_host(&guard, cases[i].host, cases[i].local) !=
		    cases[i].is_ours)
			fail_msg("Host: %s", cases[i].host);
}

TEST(an_order_comes_from_a_page_of_ours)
{
	static const struct {
		const char *origin, *host;
		bool is_ours;
	} cases[] = {
		{ "http://127.0.0.1:8267", "127.0.0.1:8267", true },
		{ "http://LocalHost:8267", "localhost:8267", true },
		{ "http://[::1]:8267", "[::1]:8267", true },
		{ "http://server.lan", "server.lan", true },
		{ "http://server.lan", "server.lan:80", true },
		{ "https://server.lan", "server.lan", true },
		{ "https://server.lan", "server.lan:443", true },
		/* A server in front has rewritten the Host. */
		{ "https://page.example", "localhost", true },
		{ "http://page.example", "localhost", true },
		{ "https://other.example:8443", "localhost", true },
		{ NULL, "127.0.0.1:8267", false },
		{ "", "127.0.0.1:8267", false },
		{ "null", "127.0.0.1:8267", false },
		{ "http://127.0.0.1:8267", NULL, false },
		{ "http://evil.test", "127.0.0.1:8267", false },
		/* Another program of the same machine. */
		{ "http://127.0.0.1:9999", "127.0.0.1:8267", false },
		{ "http://127.0.0.1", "127.0.0.1:8267", false },
		{ "http://server.lan", "server.lan:8267", false },
		{ "https://server.lan", "server.lan:80", false },
		{ "https://page.example:8444", "localhost", false },
		{ "https://other.example", "localhost", false },
		{ "https://evil.page.example", "localhost", false },
		{ "ftp://127.0.0.1:8267", "127.0.0.1:8267", false },
		{ "http:127.0.0.1:8267", "127.0.0.1:8267", false },
		{ "http://127.0.0.1:8267/", "127.0.0.1:8267", false },
		{ "http://127.0.0.1:8267@evil.test", "127.0.0.1:8267", false },
		{ "http://127.0.0.1:8267, http://evil.test", "127.0.0.1:8267",
		    false },
		{ "file://", "127.0.0.1:8267", false },
		{ "chrome-extension://abc", "127.0.0.1:8267", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (web_guard_origin(&guard, cases[i].origin, cases[i].host) !=
		    cases[i].is_ours)
			fail_msg("Origin: %s, Host: %s", cases[i].origin,
			    cases[i].host);
}

TEST(only_json_is_json)
{
	static const struct {
		const char *type;
		bool is_json;
	} cases[] = {
		{ "application/json", true },
		{ "Application/JSON", true },
		{ "application/json; charset=utf-8", true },
		{ "application/json;charset=\"UTF-8\"", true },
		{ NULL, false },
		{ "", false },
		{ "text/plain", false },
		{ "text/plain; application/json", false },
		{ "application/jsonp", false },
		{ "application/json, text/plain", false },
		{ "application/json; charset=utf-7", false },
		{ "application/x-www-form-urlencoded", false },
		{ "multipart/form-data; boundary=x", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (web_guard_is_json(cases[i].type) != cases[i].is_json)
			fail_msg("Content-Type: %s", cases[i].type);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
