/* SPDX-License-Identifier: ISC */
/*
 * range_table -- Range headers for a file of 1000 bytes, what we make of each,
 * and what nginx 1.22 does where it is not the same, with the reason.
 * tests/lan/server.sh asks both on the wire.
 */
#ifndef REFLASHD_RANGE_TABLE_H
#define REFLASHD_RANGE_TABLE_H

#define RANGE_TABLE_SIZE 1000

/* want, nginx: "200", "416", or the parts as first+len. */
/* clang-format off */
static const struct {
	const char *header;
	const char *want;
	const char *nginx; /* NULL: the same */
	const char *why;
} ranges[] = {
	{ "bytes=0-0",			"0+1",		NULL, NULL },
	{ "bytes=0-4095",		"0+1000",	NULL, NULL },
	{ "bytes=0-499",		"0+500",	NULL, NULL },
	{ "bytes=500-999",		"500+500",	NULL, NULL },
	{ "bytes=500-1000",		"500+500",	NULL, NULL },
	{ "bytes=999-999",		"999+1",	NULL, NULL },
	{ "bytes=0-",			"0+1000",	NULL, NULL },
	{ "bytes=999-",			"999+1",	NULL, NULL },
	{ "bytes=1000-",		"416",		NULL, NULL },
	{ "bytes=1000-1001",		"416",		NULL, NULL },
	{ "bytes=-1",			"999+1",	NULL, NULL },
	{ "bytes=-1000",		"0+1000",	NULL, NULL },
	{ "bytes=-5000",		"0+1000",	NULL, NULL },
	{ "bytes=-0",			"416",		NULL, NULL },
	{ "BYTES=1-2",			"1+2",		NULL, NULL },
	{ "bYtEs=1-2",			"1+2",		NULL, NULL },
	{ "bytes=00000000000000000001-2", "1+2",	NULL, NULL },
	{ "bytes=0-1,5-9",		"0+2 5+5",	NULL, NULL },
	{ "bytes=5-9,0-1",		"5+5 0+2",	NULL, NULL },
	{ "bytes=0-1, 5-9",		"0+2 5+5",	NULL, NULL },
	{ "bytes= 0-1",			"0+2",		NULL, NULL },
	{ "bytes=0-1 ,5-9",		"0+2 5+5",	NULL, NULL },
	{ "bytes=0-1,2000-",		"0+2",		NULL, NULL },
	{ "bytes=2000-,0-1,-0",		"0+2",		NULL, NULL },
	{ "bytes=2000-,-0",		"416",		NULL, NULL },
	{ "bytes=0-9,0-9",		"0+10 0+10",	NULL, NULL },
	{ "bytes=0-,0-",		"200",		NULL, NULL },
	{ "bytes=0-,0-,1-1",		"200",		NULL, NULL },
	{ "bytes=0-999,1-1",		"200",		NULL, NULL },
	{ "bytes=0-499,500-999",	"0+500 500+500", NULL, NULL },
	{ "items=0-1",			"200",		NULL, NULL },
	{ "bytes",			"200",		NULL, NULL },
	{ "0-1",			"200",		NULL, NULL },
	{ "bytes =0-1",			"200",		NULL, NULL },
	{ "bytes:0-1",			"200",		NULL, NULL },
	{ "bytes=2-1",			"416",		NULL, NULL },
	{ "bytes=a-b",			"416",		NULL, NULL },
	{ "bytes=0-b",			"416",		NULL, NULL },
	{ "bytes=0",			"416",		NULL, NULL },
	{ "bytes=-",			"416",		NULL, NULL },
	{ "bytes=--1",			"416",		NULL, NULL },
	{ "bytes=0--1",			"416",		NULL, NULL },
	{ "bytes=+0-1",			"416",		NULL, NULL },
	{ "bytes=0-+1",			"416",		NULL, NULL },
	{ "bytes=0x0-1",		"416",		NULL, NULL },
	{ "bytes=0-1;5-9",		"416",		NULL, NULL },
	{ "bytes=0-1,x",		"416",		NULL, NULL },
	{ "bytes=0-1 2",		"416",		NULL, NULL },
	{ "bytes=99999999999999999999-",  "416",	NULL, NULL },
	{ "bytes=18446744073709551616-18446744073709551617", "416", NULL, NULL },
	{ "bytes=18446744073709551615-18446744073709551614", "416", NULL, NULL },
	{ "bytes=",			"416", "200",
	    "nginx wants seven characters before it looks" },
	{ "bytes=,",			"416", NULL, NULL },
	{ "bytes=0-99999999999999999999", "0+1000", "416",
	    "a last byte beyond the end is clipped, however large: 14.1.2" },
	{ "bytes=-99999999999999999999", "0+1000", "416",
	    "a suffix longer than the file is the file: 14.1.2" },
	{ "bytes=0-1,,5-9",		"0+2 5+5", "416",
	    "empty elements of a list are ignored: 5.6.1.2" },
	{ "bytes=,0-1",			"0+2", "416", "the same" },
	{ "bytes=0-1,",			"0+2", "416", "the same" },
	{ "bytes=\t0-1",		"0+2", "416",
	    "a tab is a blank: 5.6.3" },
	{ "bytes=0 - 1",		"416", "0+2",
	    "no blank inside a range: 14.1.1" },
	{ "bytes=0- 1",			"416", "0+2", "the same" },
	{ "bytes=- 1",			"416", NULL, NULL },
	{ "bytes=5-2,0-1",		"416", "0+2",
	    "one that ends before it starts spoils the set: 14.1.1" },
	{ "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,10-10,11-11,12-12,"
	  "13-13,14-14,15-15,16-16",	"200",
	    "0+1 1+1 2+1 3+1 4+1 5+1 6+1 7+1 8+1 9+1 10+1 11+1 12+1 13+1 "
	    "14+1 15+1 16+1",
	    "more than 16 parts: 14.2 lets us send it all" },
};
/* clang-format on */

#endif
