/* SPDX-License-Identifier: ISC */
/* Sends one request, and judges the answer before its bytes are taken. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "download/fetch_parts.h"

#define SHOW_MS	     200
#define MAX_REDIRECT 65536 /* bytes of a page that nobody reads */

static bool
refuse(struct fetch_hop *hop)
{
	hop->has_failed = true;
	return false;
}

/* Copy the value of this header, if the line is one. */
static void
take_header(
    const char *line, size_t len, const char *name, char *dst, size_t size)
{
	size_t skip = strlen(name);

	if (len <= skip || strncasecmp(line, name, skip) != 0 ||
	    line[skip] != ':')
		return;
	for (skip++; skip < len && isblank((unsigned char)line[skip]);)
		skip++;
	while (len > skip && isspace((unsigned char)line[len - 1]))
		len--;
	text_escape(dst, size, line + skip, len - skip);
}

static long
status_of(const struct fetch_hop *hop)
{
	long status = 0;

	curl_easy_getinfo(hop->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static bool
is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

/* Return true for the name of a file that is packed where it lies. */
static bool
is_packed_name(const char *url)
{
	size_t len = strcspn(url, "?#");

	return len > 3 && strncasecmp(url + len - 3, ".gz", 3) == 0;
}

static bool
is_html(const char *type)
{
	return strncasecmp(type, "text/html", 9) == 0 ||
	    strncasecmp(type, "application/xhtml", 17) == 0;
}

/* A server that packs what it sends would change the checksum. */
static bool
check_encoding(struct fetch_hop *hop)
{
	const struct fetch_head *head = &hop->head;

	if (head->transfer[0] != '\0' &&
	    strcasecmp(head->transfer, "chunked") != 0)
		error_set(hop->err, EINVAL,
		    "the server packs the file on the way (Transfer-Encoding: "
		    "%s), though it was not asked to",
		    head->transfer);
	else if (head->encoding[0] != '\0' &&
	    strcasecmp(head->encoding, "identity") != 0 &&
	    !is_packed_name(hop->url))
		error_set(hop->err, EINVAL,
		    "the server packs the file on the way (Content-Encoding: "
		    "%s), though it was not asked to",
		    head->encoding);
	else
		return true;
	return refuse(hop);
}

static bool
check_length(struct fetch_hop *hop)
{
	const struct fetch_wish *wish = hop->wish;
	curl_off_t length = -1;

	curl_easy_getinfo(
	    hop->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (length < 0)
		return true; /* the end will tell */
	if (wish->size > 0 && (uint64_t)length != wish->size)
		error_set(hop->err, EINVAL,
		    "the file has %lld bytes there, and should have %llu",
		    (long long)length, (unsigned long long)wish->size);
	else if ((uint64_t)length > wish->max)
		error_set(hop->err, EFBIG,
		    "the file has %lld bytes, and %llu are the most that are "
		    "taken",
		    (long long)length, (unsigned long long)wish->max);
	else
		return true;
	return refuse(hop);
}

static const char *
meaning_of(long status)
{
	switch (status) {
	case 401:
	case 403:
		return ": it does not give the file to everybody";
	case 404:
	case 410:
		return ": it has no such file";
	case 429:
		return ": too many requests came, try again later";
	default:
		return status >= 500 ? ": it has a fault, try again later" : "";
	}
}

/* Judge an answer by its header. */
static bool
check_answer(struct fetch_hop *hop)
{
	long status = status_of(hop);

	if (status < 200 || is_redirect(status))
		return true;
	if (status != 200) {
		error_set(hop->err, EINVAL, "the server answers %ld%s", status,
		    meaning_of(status));
		return refuse(hop);
	}
	if (is_html(hop->head.type)) {
		error_set(hop->err, EINVAL,
		    "a web page comes instead of the file (Content-Type: %s)",
		    hop->head.type);
		return refuse(hop);
	}
	hop->is_file = check_encoding(hop) && check_length(hop);
	return hop->is_file;
}

static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct fetch_hop *hop = arg;
	struct fetch_head *head = &hop->head;
	size_t len = size * count;

	if (len >= 5 && strncmp(line, "HTTP/", 5) == 0)
		*head = (struct fetch_head){ 0 };
	take_header(line, len, "Content-Encoding", head->encoding,
	    sizeof(head->encoding));
	take_header(line, len, "Transfer-Encoding", head->transfer,
	    sizeof(head->transfer));
	take_header(line, len, "Content-Type", head->type, sizeof(head->type));
	if ((len == 2 && line[0] == '\r') || (len == 1 && line[0] == '\n'))
		return check_answer(hop) ? len : 0;
	return len;
}

/* Return true if a text begins as a web page does. */
static bool
is_page(const char *data, size_t len)
{
	while (len > 0 && isspace((unsigned char)*data)) {
		data++;
		len--;
	}
	return (len >= 9 && strncasecmp(data, "<!doctype", 9) == 0) ||
	    (len >= 5 && strncasecmp(data, "<html", 5) == 0);
}

static bool
write_all(struct fetch_hop *hop, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = pwrite(hop->wish->fd, data, len, (off_t)hop->bytes);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			error_errno(hop->err, errno, "memory");
			return refuse(hop);
		}
		data += n;
		len -= (size_t)n;
		hop->bytes += (uint64_t)n;
	}
	return true;
}

/* Return true if so many more bytes may come. */
static bool
has_room(struct fetch_hop *hop, size_t len)
{
	const struct fetch_wish *wish = hop->wish;
	uint64_t most = wish->size > 0 ? wish->size : wish->max;

	if (len <= most - hop->bytes)
		return true;
	error_set(hop->err, EFBIG,
	    wish->size > 0 ? "more than the %llu bytes come that the file "
			     "should have"
			   : "more than %llu bytes come, which is the most "
			     "that is taken",
	    (unsigned long long)most);
	return refuse(hop);
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct fetch_hop *hop = arg;
	size_t len = size * count;
	bool ok = true;

	if (!hop->is_file) {
		hop->bytes += len; /* of a page that says where to go */
		return hop->bytes <= MAX_REDIRECT ? len : 0;
	}
	if (hop->bytes == 0 && is_page(data, len)) {
		error_set(
		    hop->err, EINVAL, "a web page comes instead of the file");
		ok = refuse(hop);
	}
	return ok && has_room(hop, len) && write_all(hop, data, len) ? len : 0;
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
    curl_off_t up_now)
{
	struct fetch_hop *hop = arg;
	uint64_t now_ms = clock_awake_ms();

	(void)now;
	(void)up_total;
	(void)up_now;
	if (hop->is_file && hop->wish->progress != NULL &&
	    now_ms - hop->shown_ms >= SHOW_MS) {
		hop->shown_ms = now_ms;
		hop->wish->progress(hop->bytes,
		    total > 0 ? (uint64_t)total : hop->wish->size,
		    hop->wish->ctx);
	}
	return 0;
}

static void
set_options(
    struct fetch_hop *hop, unsigned left_sec, struct curl_slist *headers)
{
	const struct fetch_wish *wish = hop->wish;
	CURL *curl = hop->curl;

	curl_easy_setopt(curl, CURLOPT_URL, hop->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(
	    curl, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(
	    curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)wish->connect_sec);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)wish->stall_rate);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)wish->stall_sec);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)left_sec);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, hop->words);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, hop);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, hop);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, hop);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/* Judge what has come, now that the answer is complete. */
static bool
check_end(struct fetch_hop *hop, char **next)
{
	const char *where = NULL;

	if (is_redirect(status_of(hop))) {
		hop->bytes = 0;
		curl_easy_getinfo(hop->curl, CURLINFO_REDIRECT_URL, &where);
		if (where == NULL)
			return error_set(hop->err, EINVAL,
			    "the server redirects, but does not say where to");
		*next = xstrdup(where);
		return true;
	}
	if (!hop->is_file || hop->bytes == 0)
		return error_set(
		    hop->err, ENODATA, "the server sends an empty file");
	if (hop->wish->size > 0 && hop->bytes != hop->wish->size)
		return error_set(hop->err, EINVAL,
		    "%llu bytes came, and the file should have %llu",
		    (unsigned long long)hop->bytes,
		    (unsigned long long)hop->wish->size);
	return true;
}

bool
fetch_hop(struct fetch_hop *hop, unsigned left_sec, char **next)
{
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Accept-Encoding: identity");
	CURLcode code;
	bool ok;

	hop->curl = curl_easy_init();
	if (headers == NULL || hop->curl == NULL) {
		curl_slist_free_all(headers);
		return error_set(hop->err, ENOMEM, "libcurl: no memory");
	}
	hop->begun_ms = clock_awake_ms();
	set_options(hop, left_sec, headers);
	code = curl_easy_perform(hop->curl);
	if (hop->has_failed)
		ok = false;
	else if (code != CURLE_OK)
		ok = fetch_why(hop, code, left_sec);
	else
		ok = check_end(hop, next);
	curl_easy_cleanup(hop->curl);
	curl_slist_free_all(headers);
	return ok;
}
