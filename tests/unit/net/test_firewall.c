/* SPDX-License-Identifier: ISC */
/* What rules of nftables and iptables do to a packet from a device. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/net/firewall.h"

#include "unit/test.h"

static struct firewall_packet
packet_of(bool is_udp)
{
	struct firewall_packet packet = { .is_udp = is_udp,
		.port = is_udp ? 5353 : 8266,
		.interface = "eth0",
		.is_multicast = is_udp };

	inet_pton(AF_INET, "192.168.1.23", &packet.from);
	inet_pton(AF_INET, is_udp ? "224.0.0.251" : "192.168.1.2", &packet.to);
	return packet;
}

/* As nft prints a chain, a rule and so on, with ' in the place of ". */
#define CHAIN(name, policy)                                                    \
	"{'chain':{'family':'inet','table':'f','name':'" name                  \
	"','type':'filter','hook':'input','prio':0,'policy':'" policy "'}},"
#define SIDE(name) "{'chain':{'family':'inet','table':'f','name':'" name "'}},"
#define IN(chain, expr)                                                        \
	"{'rule':{'family':'inet','table':'f','chain':'" chain                 \
	"','expr':[" expr "]}},"
#define RULE(expr)	IN("input", expr)
#define MATCH(op, l, r) "{'match':{'op':'" op "','left':" l ",'right':" r "}},"
#define PORT(p, r)                                                             \
	MATCH("==", "{'payload':{'protocol':'" p "','field':'dport'}}", r)
#define STATE(r)   MATCH("in", "{'ct':{'key':'state'}}", r)
#define META(k, r) MATCH("==", "{'meta':{'key':'" k "'}}", r)
#define ADDR(f, r)                                                             \
	MATCH("==", "{'payload':{'protocol':'ip','field':'" f "'}}", r)
#define ACCEPT	"{'accept':null}"
#define DROP	"{'drop':null}"
#define REJECT	"{'reject':{'type':'icmp','expr':'port-unreachable'}}"
#define JUMP(c) "{'jump':{'target':'" c "'}}"
#define GOTO(c) "{'goto':{'target':'" c "'}}"
#define UNKNOWN "{'xt':{'type':'match','name':'geoip'}},"
#define COUNTER "{'counter':{'packets':0,'bytes':0}},"
#define SET(n, e)                                                              \
	"{'set':{'family':'inet','table':'f','name':'" n "','elem':" e "}},"

/* O: open, P: perhaps, C: closed; for multicast DNS, and for the image port. */
static const struct {
	const char *rules;
	char udp, tcp;
} nft[] = {
	{ "", 'O', 'O' },
	{ CHAIN("input", "accept"), 'O', 'O' },
	{ CHAIN("input", "drop"), 'C', 'C' },
	{ CHAIN("input", "drop") RULE(PORT("udp", "5353") ACCEPT), 'O', 'C' },
	{ CHAIN("input", "drop") RULE(PORT("tcp", "8266") ACCEPT), 'C', 'O' },
	{ CHAIN("input", "drop") RULE(PORT("th", "8266") ACCEPT), 'C', 'O' },
	{ CHAIN("input", "accept") RULE(PORT("udp", "5353") DROP), 'C', 'O' },
	{ CHAIN("input", "accept") RULE(PORT("tcp", "8266") REJECT), 'O', 'C' },
	{ CHAIN("input", "accept") RULE(COUNTER DROP), 'C', 'C' },
	/* An accept ends the chain: what follows does not matter. */
	{ CHAIN("input", "drop") RULE(ACCEPT) RULE(DROP), 'O', 'O' },
	{ CHAIN("input", "drop")
		RULE(STATE("['established','related']") ACCEPT),
	    'C', 'C' },
	{ CHAIN("input", "drop") RULE(STATE("['new','established']") ACCEPT),
	    'O', 'O' },
	{ CHAIN("input", "drop") RULE(STATE("'new'") ACCEPT), 'O', 'O' },
	{ CHAIN("input", "drop") RULE(META("iif", "'lo'") ACCEPT), 'C', 'C' },
	{ CHAIN("input", "drop") RULE(META("iifname", "'eth*'") ACCEPT), 'O',
	    'O' },
	{ CHAIN("input", "drop") RULE(META("iifname", "'eth0'") ACCEPT), 'O',
	    'O' },
	{ CHAIN("input", "drop") RULE(META("iifname", "'eth1'") ACCEPT), 'C',
	    'C' },
	{ CHAIN("input", "drop") RULE(
	      MATCH("!=", "{'meta':{'key':'iifname'}}", "'eth1'") ACCEPT),
	    'O', 'O' },
	{ CHAIN("input", "drop") RULE(META("l4proto", "'tcp'") ACCEPT), 'C',
	    'O' },
	{ CHAIN("input", "drop") RULE(META("l4proto", "17") ACCEPT), 'O', 'C' },
	{ CHAIN("input", "drop")
		RULE(META("l4proto", "{'set':['tcp','udp']}") ACCEPT),
	    'O', 'O' },
	{ CHAIN("input", "drop") RULE(META("pkttype", "'multicast'") ACCEPT),
	    'O', 'C' },
	{ CHAIN("input", "drop") RULE(ADDR(
	      "saddr", "{'prefix':{'addr':'192.168.0.0','len':16}}") ACCEPT),
	    'O', 'O' },
	{ CHAIN("input", "drop") RULE(
	      ADDR("saddr", "{'prefix':{'addr':'10.0.0.0','len':8}}") ACCEPT),
	    'C', 'C' },
	{ CHAIN("input", "drop") RULE(ADDR("daddr", "'224.0.0.251'") ACCEPT),
	    'O', 'C' },
	{ CHAIN("input", "drop") RULE(
	      ADDR("saddr", "{'range':['192.168.1.1','192.168.1.99']}") ACCEPT),
	    'O', 'O' },
	{ CHAIN("input", "drop")
		RULE(PORT("tcp", "{'set':[22,{'range':[8000,9000]}]}") ACCEPT),
	    'C', 'O' },
	{ CHAIN("input", "drop") RULE(PORT("tcp", "{'range':[1,1023]}") ACCEPT),
	    'C', 'C' },
	{ CHAIN("input", "drop") SET("s", "[22,8266]")
		RULE(PORT("tcp", "'@s'") ACCEPT),
	    'C', 'O' },
	{ CHAIN("input", "drop")
		SET("s", "[{'elem':{'val':8266,'counter':{}}}]")
		    RULE(PORT("tcp", "'@s'") ACCEPT),
	    'C', 'O' },
	{ CHAIN("input", "drop") SET("s", "[22]")
		RULE(PORT("tcp", "'@s'") ACCEPT),
	    'C', 'C' },
	/* A set that nft does not list may have anything. */
	{ CHAIN("input", "drop") RULE(PORT("tcp", "'@s'") ACCEPT), 'C', 'P' },
	/* A rule not understood may fit, and a drop that may fit is none. */
	{ CHAIN("input", "drop") RULE(UNKNOWN ACCEPT), 'P', 'P' },
	{ CHAIN("input", "accept") RULE(UNKNOWN DROP), 'O', 'O' },
	{ CHAIN("input", "drop") RULE(UNKNOWN PORT("tcp", "22") ACCEPT), 'C',
	    'C' },
	{ CHAIN("input", "accept")
		RULE(MATCH("==", "{'fib':{'result':'type','flags':['daddr']}}",
		    "'broadcast'") DROP),
	    'O', 'O' },
	{ CHAIN("input", "drop")
		RULE("{'vmap':{'key':{'ct':{'key':'state'}},'data':{'set':[["
		     "'invalid'," DROP "],['established'," ACCEPT "]]}}}"),
	    'C', 'C' },
	{ CHAIN("input", "drop") SIDE("lan")
		IN("lan", PORT("tcp", "8266") ACCEPT)
		    RULE("{'vmap':{'key':{'meta':{'key':'iifname'}},'data':"
			 "{'set':[['lo'," ACCEPT "],['eth0'," JUMP("lan") "]]}"
									  "}}"),
	    'C', 'O' },
	{ "{'map':{'family':'inet','table':'f','name':'m','elem':[[8266," ACCEPT
	  "]]}}," CHAIN("input", "drop")
		RULE("{'vmap':{'key':{'payload':{'protocol':'tcp','field':"
		     "'dport'}},'data':'@m'}}"),
	    'C', 'O' },
	{ CHAIN("input", "drop") SIDE("a") IN("a", PORT("udp", "5353") ACCEPT)
		RULE(JUMP("a")),
	    'O', 'C' },
	{ CHAIN("input", "accept") SIDE("a") IN("a", "{'return':null}")
		IN("a", DROP) RULE(JUMP("a")),
	    'O', 'O' },
	/* A goto does not come back: the policy of the chain is next. */
	{ CHAIN("input", "drop") SIDE("a") RULE(GOTO("a")) RULE(ACCEPT), 'C',
	    'C' },
	{ CHAIN("input", "drop") SIDE("a") RULE(JUMP("a")) RULE(ACCEPT), 'O',
	    'O' },
	{ CHAIN("input", "drop") SIDE("a") IN("a", ACCEPT)
		RULE(UNKNOWN JUMP("a")),
	    'P', 'P' },
	/* Chains that call each other without an end. */
	{ CHAIN("input", "drop") SIDE("a") IN("a", JUMP("a")) RULE(JUMP("a")),
	    'P', 'P' },
	/* An accept in one chain does not help against another. */
	{ CHAIN("early", "accept") IN("early", ACCEPT) CHAIN("input", "drop"),
	    'C', 'C' },
	/* Rules for what leaves, or of IPv6, do not count. */
	{ "{'chain':{'family':'inet','table':'f','name':'o','type':'filter',"
	  "'hook':'output','prio':0,'policy':'drop'}},",
	    'O', 'O' },
	{ "{'chain':{'family':'ip6','table':'f','name':'i','type':'filter',"
	  "'hook':'input','prio':0,'policy':'drop'}},",
	    'O', 'O' },
	{ CHAIN("input", "drop") RULE(
	      MATCH("==", "{'payload':{'protocol':'ip6','field':'saddr'}}",
		  "'::1'") ACCEPT),
	    'C', 'C' },
	{ CHAIN("input", "drop") RULE(MATCH(">=",
	      "{'payload':{'protocol':'tcp','field':"
	      "'dport'}}",
	      "8000") ACCEPT),
	    'C', 'O' },
};

static json_t *
ruleset_of(const char *rules)
{
	char *text = xasprintf(
	    "{'nftables':[{'metainfo':{'version':'1.0.6'}},%s{}]}", rules);
	json_t *ruleset;

	for (char *at = text; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	for (char *at; (at = strstr(text, ",]")) != NULL;)
		*at = ' ';
	ruleset = json_loads(text, 0, NULL);
	if (ruleset == NULL)
		fail_msg("no JSON: %s", text);
	free(text);
	return ruleset;
}

static void
assert_answer(
    enum firewall_answer answer, char want, const char *what, bool is_udp)
{
	if ("OPC"[answer] != want)
		fail_msg("%s: %c instead of %c: %s", is_udp ? "udp" : "tcp",
		    "OPC"[answer], want, what);
}

TEST(rules_of_nftables_let_in_what_they_should)
{
	for (size_t i = 0; i < COUNT(nft); i++)
		for (int udp = 0; udp < 2; udp++) {
			const struct firewall_packet packet = packet_of(udp);
			json_auto_t *ruleset = ruleset_of(nft[i].rules);
			struct firewall_place place;
			enum firewall_answer answer =
			    firewall_ask_nft(ruleset, &packet, &place);

			assert_answer(answer, udp ? nft[i].udp : nft[i].tcp,
			    nft[i].rules, udp);
			assert_string_equal(
			    place.table, answer == FIREWALL_OPEN ? "" : "f");
		}
}

#define TABLE(policy) "# x\n*filter\n:INPUT " policy " [0:0]\n:A - [0:0]\n"

static const struct {
	const char *text;
	char udp, tcp;
} iptables[] = {
	{ "", 'O', 'O' },
	{ TABLE("ACCEPT") "COMMIT\n", 'O', 'O' },
	{ TABLE("DROP") "COMMIT\n", 'C', 'C' },
	{ TABLE("DROP") "-A INPUT -p udp -m udp --dport 5353 -j ACCEPT\n", 'O',
	    'C' },
	{ TABLE("DROP") "-A INPUT -p tcp --dport 8000:9000 -j ACCEPT\n", 'C',
	    'O' },
	{ TABLE("DROP") "-A INPUT -p tcp --dport :1023 -j ACCEPT\n", 'C', 'C' },
	{ TABLE("DROP") "-A INPUT -p tcp -m multiport --dports 22,8266:8270 "
			"-j ACCEPT\n",
	    'C', 'O' },
	{ TABLE("ACCEPT") "-A INPUT -p tcp -m tcp --dport 8266 -j REJECT "
			  "--reject-with tcp-reset\n",
	    'O', 'C' },
	{ TABLE("DROP") "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED "
			"-j ACCEPT\n",
	    'C', 'C' },
	{ TABLE("DROP") "-A INPUT -m state --state NEW -j ACCEPT\n", 'O', 'O' },
	{ TABLE("DROP") "-A INPUT -i lo -j ACCEPT\n", 'C', 'C' },
	{ TABLE("DROP") "-A INPUT -i eth+ -j ACCEPT\n", 'O', 'O' },
	{ TABLE("DROP") "-A INPUT ! -i eth1 -j ACCEPT\n", 'O', 'O' },
	{ TABLE("DROP") "-A INPUT ! -i eth0 -j ACCEPT\n", 'C', 'C' },
	{ TABLE("DROP") "-A INPUT -s 192.168.1.0/24 -j ACCEPT\n", 'O', 'O' },
	{ TABLE("DROP") "-A INPUT -s 10.0.0.0/8 -j ACCEPT\n", 'C', 'C' },
	{ TABLE("DROP") "-A INPUT -d 224.0.0.251/32 -j ACCEPT\n", 'O', 'C' },
	{ TABLE("DROP") "-A INPUT -m addrtype --dst-type MULTICAST -j "
			"ACCEPT\n",
	    'O', 'C' },
	{ TABLE("DROP") "-A INPUT -m comment --comment \"a -j DROP b\" -j "
			"ACCEPT\n",
	    'O', 'O' },
	{ TABLE("DROP") "-A INPUT -j LOG --log-prefix \"x \"\n-A INPUT -p udp "
			"-j ACCEPT\n",
	    'O', 'C' },
	{ TABLE("DROP") "-A INPUT -m geoip --src-cc DE -j ACCEPT\n", 'P', 'P' },
	{ TABLE("ACCEPT") "-A INPUT -m geoip --src-cc DE -j DROP\n", 'O', 'O' },
	{ TABLE("DROP") "-A INPUT -j A\n-A A -p tcp -j ACCEPT\n", 'C', 'O' },
	{ TABLE("ACCEPT") "-A INPUT -j A\n-A INPUT -j DROP\n-A A -p tcp -j "
			  "RETURN\n-A A -j ACCEPT\n",
	    'O', 'C' },
	{ TABLE("ACCEPT") "-A INPUT -g A\n-A INPUT -j DROP\n", 'O', 'O' },
	{ TABLE("DROP") "-A INPUT -j A\n-A A -j A\n", 'P', 'P' },
	{ "*nat\n:INPUT DROP [0:0]\nCOMMIT\n", 'O', 'O' },
	{ "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j DROP\n"
	  "COMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
	    'C', 'O' },
	{ "*filter\n:FORWARD DROP [0:0]\n:INPUT ACCEPT [0:0]\nCOMMIT", 'O',
	    'O' },
	/* As ufw has it: the chain of the user is called by others. */
	{ "*filter\n:INPUT DROP [0:0]\n:ufw-before-input - [0:0]\n"
	  ":ufw-user-input - [0:0]\n-A INPUT -j ufw-before-input\n"
	  "-A ufw-before-input -i lo -j ACCEPT\n"
	  "-A ufw-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 "
	  "-j ACCEPT\n-A ufw-before-input -j ufw-user-input\n"
	  "-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n",
	    'O', 'C' },
};

TEST(rules_of_iptables_let_in_what_they_should)
{
	for (size_t i = 0; i < COUNT(iptables); i++)
		for (int udp = 0; udp < 2; udp++) {
			const struct firewall_packet packet = packet_of(udp);
			struct firewall_place place;

			assert_answer(firewall_ask_iptables(
					  iptables[i].text, &packet, &place),
			    udp ? iptables[i].udp : iptables[i].tcp,
			    iptables[i].text, udp);
		}
}

TEST(the_command_opens_the_chain_that_is_closed)
{
	json_auto_t *ruleset =
	    ruleset_of(CHAIN("early", "accept") CHAIN("my input", "drop"));
	struct firewall_packet packet = packet_of(true);
	struct firewall_place place;
	char *command;

	assert_int_equal(
	    firewall_ask_nft(ruleset, &packet, &place), FIREWALL_CLOSED);
	command = firewall_command(&place, &packet);
	assert_string_equal(
	    command, "nft insert rule inet f 'my input' udp dport 5353 accept");
	free(command);
	packet = packet_of(false);
	assert_int_equal(firewall_ask_iptables(TABLE("DROP"), &packet, &place),
	    FIREWALL_CLOSED);
	command = firewall_command(&place, &packet);
	assert_string_equal(command,
	    "iptables -t filter -I INPUT -p tcp --dport 8266 -j ACCEPT");
	free(command);
}

TEST(a_machine_without_iptables_has_no_chains)
{
	assert_false(firewall_has_iptables(""));
	assert_false(firewall_has_iptables("*filter\n:FORWARD ACCEPT [0:0]\n"));
	assert_true(firewall_has_iptables(TABLE("ACCEPT")));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
