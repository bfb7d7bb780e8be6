/* SPDX-License-Identifier: ISC */
/* Follows redirects until the file has come. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "download/fetch_parts.h"

bool
fetch_begin(struct error *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	return code == CURLE_OK ||
	    error_set(err, EIO, "libcurl: %s", curl_easy_strerror(code));
}

void
fetch_end(void)
{
	curl_global_cleanup();
}

char *
fetch_show(const char *text, char *dst, size_t size)
{
	return text_escape(dst, size, text, strlen(text));
}

/* Return a part of a URL, freed with curl_free(), or NULL. */
static char *
part_of(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

/* Return true if the URL is for http or https, else say so. */
static bool
check_scheme(CURLU *url, const char *shown, struct error *err)
{
	char *scheme = part_of(url, CURLUPART_SCHEME);
	char word[32];
	bool ok = scheme != NULL &&
	    (strcasecmp(scheme, "http") == 0 ||
		strcasecmp(scheme, "https") == 0);

	if (!ok)
		error_set(err, EINVAL,
		    "%s: %s: is not fetched, only http: and https: are", shown,
		    scheme != NULL ? fetch_show(scheme, word, sizeof(word))
				   : "this");
	curl_free(scheme);
	return ok;
}

/* Return the whole URL, freed with free(); NULL and why it is none. */
static char *
resolve(const char *base, const char *text, struct error *err)
{
	CURLU *url = curl_url();
	char shown[FETCH_SHOWN], *whole = NULL, *copy = NULL;
	CURLUcode code = CURLUE_OK;

	fetch_show(text, shown, sizeof(shown));
	if (base != NULL)
		code = curl_url_set(url, CURLUPART_URL, base, 0);
	if (code == CURLUE_OK)
		code = curl_url_set(
		    url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
	if (code != CURLUE_OK)
		error_set(err, EINVAL, "%s is no URL (%s)", shown,
		    curl_url_strerror(code));
	else if (check_scheme(url, shown, err)) {
		whole = part_of(url, CURLUPART_URL);
		copy = whole != NULL ? xstrdup(whole) : NULL;
		if (copy == NULL)
			error_set(err, EINVAL, "%s is no URL", shown);
		curl_free(whole);
	}
	curl_url_cleanup(url);
	return copy;
}

/* The URLs so far. */
struct trail {
	char *urls[FETCH_REDIRECTS + 1]; /* owned */
	unsigned count;
};

static void
trail_fini(struct trail *trail)
{
	while (trail->count > 0)
		free(trail->urls[--trail->count]);
}

/* Add a URL, taken, unless it is one too many or was there before. */
static bool
trail_add(struct trail *trail, char *url, struct error *err)
{
	char from[FETCH_SHOWN], to[FETCH_SHOWN];
	bool is_old = false;

	for (unsigned i = 0; i < trail->count && !is_old; i++)
		is_old = strcmp(trail->urls[i], url) == 0;
	fetch_show(url, to, sizeof(to));
	if (trail->count > 0)
		fetch_show(trail->urls[trail->count - 1], from, sizeof(from));
	if (is_old)
		error_set(err, ELOOP,
		    "the server redirects in a circle: %s leads back to %s",
		    from, to);
	else if (trail->count == FETCH_REDIRECTS + 1)
		error_set(err, ELOOP,
		    "the server redirects more than %d times, the last time "
		    "to %s",
		    FETCH_REDIRECTS, to);
	else {
		trail->urls[trail->count++] = url;
		return true;
	}
	free(url);
	return false;
}

/* Return the seconds that are left; 0: the time is up. */
static unsigned
left_of(const struct fetch_wish *wish, uint64_t begun_ms)
{
	uint64_t gone = (clock_awake_ms() - begun_ms) / 1000;

	return gone < wish->total_sec ? wish->total_sec - (unsigned)gone : 0;
}

static bool
follow(const struct fetch_wish *wish, struct trail *trail, uint64_t *bytes,
    struct error *err)
{
	uint64_t begun_ms = clock_awake_ms();
	bool ok = true;

	do {
		const char *url = trail->urls[trail->count - 1];
		struct fetch_hop hop = { .wish = wish, .url = url, .err = err };
		unsigned left = left_of(wish, begun_ms);
		char *next = NULL;

		if (left == 0)
			return error_set(err, ETIMEDOUT,
			    "it took longer than %u s", wish->total_sec);
		ok = fetch_hop(&hop, left, &next);
		*bytes = hop.bytes;
		if (!ok || next == NULL)
			return ok;
		if (wish->moved != NULL)
			wish->moved(next, wish->ctx);
		url = resolve(NULL, next, err);
		free(next);
		ok = url != NULL ? trail_add(trail, (char *)(uintptr_t)url, err)
				 : error_prefix(err, "redirect");
	} while (ok);
	return false;
}

bool
fetch(const struct fetch_wish *wish, uint64_t *bytes, struct error *err)
{
	struct trail trail = { 0 };
	char *url = resolve(wish->base, wish->url, err);
	bool ok;

	*bytes = 0;
	if (url == NULL)
		return false;
	ok = trail_add(&trail, url, err) && follow(wish, &trail, bytes, err);
	trail_fini(&trail);
	return ok;
}
