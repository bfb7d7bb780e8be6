/* SPDX-License-Identifier: ISC */
/* Says in words for a person why libcurl could not fetch a file. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/ipv6.h"
#include "download/fetch_parts.h"

/* Return "host" of the URL, for sentences; dst is at least FETCH_SHOWN. */
static char *
host_of(const char *text, char *dst)
{
	CURLU *url = curl_url();
	char *host = NULL;

	if (url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == 0)
		(void)curl_url_get(url, CURLUPART_HOST, &host, 0);
	fetch_show(host != NULL ? host : text, dst, FETCH_SHOWN);
	curl_free(host);
	curl_url_cleanup(url);
	return dst;
}

static bool
is_connected(const struct fetch_hop *hop)
{
	curl_off_t us = 0;

	curl_easy_getinfo(hop->curl, CURLINFO_PRETRANSFER_TIME_T, &us);
	return us > 0;
}

/* Return ", when 20480 of 504848 bytes had come" or the like. */
static const char *
progress_of(const struct fetch_hop *hop, char dst[96])
{
	curl_off_t length = -1;

	curl_easy_getinfo(
	    hop->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (length > 0)
		snprintf(dst, 96, "%llu of %lld bytes",
		    (unsigned long long)hop->bytes, (long long)length);
	else
		snprintf(dst, 96, "%llu bytes", (unsigned long long)hop->bytes);
	return dst;
}

static bool
time_is_up(const struct fetch_hop *hop, const char *host, unsigned left_sec)
{
	const struct fetch_wish *wish = hop->wish;
	char bytes[96];

	progress_of(hop, bytes);
	if (!is_connected(hop))
		return error_set(hop->err, ETIMEDOUT,
		    "%s does not answer within %u s; is it switched on, and "
		    "does a firewall let you through?",
		    host,
		    left_sec < wish->connect_sec ? left_sec
						 : wish->connect_sec);
	if (clock_awake_ms() - hop->begun_ms + 500 >= left_sec * 1000ULL)
		return error_set(hop->err, ETIMEDOUT,
		    "it took longer than %u s; until then %s came",
		    wish->total_sec, bytes);
	return error_set(hop->err, ETIMEDOUT,
	    "the server stalls: it sent less than %u bytes a second for %u s, "
	    "and %s in all",
	    wish->stall_rate, wish->stall_sec, bytes);
}

static bool
cannot_connect(const struct fetch_hop *hop, const char *host)
{
	long code = 0;

	curl_easy_getinfo(hop->curl, CURLINFO_OS_ERRNO, &code);
	if (code == ECONNREFUSED)
		return error_set(hop->err, ECONNREFUSED,
		    "%s refuses the connection: no web server runs there",
		    host);
	return error_set(hop->err, EIO, "%s cannot be reached (%s)%s", host,
	    code != 0 ? strerror((int)code) : hop->words, ipv6_why_not(host));
}

static bool
is_not_trusted(const struct fetch_hop *hop, const char *host)
{
	char words[FETCH_SHOWN];

	return error_set(hop->err, EIO,
	    "the certificate of %s is not to be trusted (%s). If the clock of "
	    "this machine is wrong, set it; if certificates are missing, "
	    "install ca-certificates",
	    host, fetch_show(hop->words, words, sizeof(words)));
}

static bool
is_cut_off(const struct fetch_hop *hop)
{
	char bytes[96];

	return error_set(hop->err, EIO,
	    "the connection was cut off when %s had come; try again",
	    progress_of(hop, bytes));
}

bool
fetch_why(const struct fetch_hop *hop, CURLcode code, unsigned left_sec)
{
	char host[FETCH_SHOWN], words[FETCH_SHOWN];

	host_of(hop->url, host);
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return time_is_up(hop, host, left_sec);
	case CURLE_COULDNT_RESOLVE_HOST:
		return error_set(hop->err, EIO,
		    "the name %s cannot be resolved; is it right, and is this "
		    "machine connected?",
		    host);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return error_set(hop->err, EIO,
		    "the name of the proxy cannot be resolved; look at the "
		    "variables http_proxy and https_proxy");
	case CURLE_COULDNT_CONNECT:
		return cannot_connect(hop, host);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return is_not_trusted(hop, host);
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
		return is_cut_off(hop);
	case CURLE_GOT_NOTHING:
		return error_set(hop->err, EIO,
		    "%s closes the connection without an answer", host);
	case CURLE_BAD_CONTENT_ENCODING: /* libcurl 8.14 sees it first */
		return error_set(hop->err, EINVAL,
		    "the server packs the file on the way, though it was not "
		    "asked to");
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return error_set(
		    hop->err, EIO, "what answers at %s is no web server", host);
	default:
		fetch_show(hop->words[0] != '\0' ? hop->words
						 : curl_easy_strerror(code),
		    words, sizeof(words));
		return error_set(hop->err, EIO, "%s: %s", host, words);
	}
}
